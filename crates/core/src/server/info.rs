//! What a server says of itself.

use crate::{
    protocol::{Icon, Implementation},
    server::ServerSpec,
};

/// What a server says of itself.
#[derive(Debug, Clone)]
pub(crate) struct Info {
    pub(crate) implementation: Implementation,
    pub(crate) instructions: Option<String>,
}

impl Default for Info {
    fn default() -> Self {
        Self {
            implementation: Implementation::new("server", "0.0.0"),
            instructions: None,
        }
    }
}

impl Info {
    pub(crate) fn from_spec(spec: &ServerSpec) -> Self {
        let mut implementation = Implementation::new(spec.name, spec.version);
        implementation.title = spec.title.map(ToOwned::to_owned);
        implementation.description = spec.description.map(ToOwned::to_owned);
        implementation.website_url = spec.website.map(ToOwned::to_owned);
        implementation.icons = crate::tool::icons(spec.icons);
        Self {
            implementation,
            instructions: spec.instructions.map(ToOwned::to_owned),
        }
    }

    pub(crate) fn add_icon(&mut self, icon: Icon) {
        self.implementation.icons.get_or_insert_default().push(icon);
    }
}
