//! What the attributes say of a tool, as constants.

use std::time::Duration;

use crate::protocol::{Icon, IconTheme};
use crate::schema::Constraint;

/// What `#[mcp_tool]` says of a tool.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct ToolSpec {
    /// The name it is called by, before any prefix.
    pub name: &'static str,
    /// Name to show to people.
    pub title: Option<&'static str>,
    /// What it does, for the model.
    pub description: Option<&'static str>,
    /// It changes nothing.
    pub read_only: Option<bool>,
    /// It may destroy.
    pub destructive: Option<bool>,
    /// Repeating it changes nothing more.
    pub idempotent: Option<bool>,
    /// It deals with an open world.
    pub open_world: Option<bool>,
    /// Tags to filter by.
    pub tags: &'static [&'static str],
    /// Icons to choose from.
    pub icons: &'static [IconSpec],
    /// The longest a call may take.
    pub timeout: Option<Duration>,
    /// `_meta`, as JSON.
    pub meta: Option<&'static str>,
    /// The tool's own version.
    pub version: Option<&'static str>,
    /// Callable, but not listed.
    pub hidden: bool,
    /// The parameters of the function in order, injected ones included.
    pub params: &'static [ParamSpec],
}

impl ToolSpec {
    /// Nothing said.
    pub const EMPTY: Self = Self {
        name: "",
        title: None,
        description: None,
        read_only: None,
        destructive: None,
        idempotent: None,
        open_world: None,
        tags: &[],
        icons: &[],
        timeout: None,
        meta: None,
        version: None,
        hidden: false,
        params: &[],
    };
}

/// What `#[arg]` and the doc comment say of a parameter.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct ParamSpec {
    /// The name on the wire.
    pub name: &'static str,
    /// What it means, for the model.
    pub description: Option<&'static str>,
    /// Whether it has a default, which makes it optional.
    pub has_default: bool,
    /// What is demanded of it beyond its type.
    pub constraints: &'static [Constraint],
    /// A template variable may decode to `..`, separators or an absolute path.
    pub allow_traversal: bool,
    /// Further names that are understood and not listed.
    pub aliases: &'static [&'static str],
    /// A value of a kindred type is taken too: `"1"` for 1.
    pub lenient: bool,
    /// The value must not show up in reports, logs or traces.
    pub sensitive: bool,
}

impl ParamSpec {
    /// Nothing said.
    pub const EMPTY: Self = Self {
        name: "",
        description: None,
        has_default: false,
        constraints: &[],
        allow_traversal: false,
        aliases: &[],
        lenient: false,
        sensitive: false,
    };
}

/// An icon.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct IconSpec {
    /// An `https:` or `data:` URI.
    pub src: &'static str,
    /// Its media type.
    pub mime_type: Option<&'static str>,
    /// Sizes it is meant for, `48x48` or `any`.
    pub sizes: &'static [&'static str],
    /// The background it is drawn for, `light` or `dark`.
    pub theme: Option<&'static str>,
}

impl IconSpec {
    /// Nothing said.
    pub const EMPTY: Self = Self {
        src: "",
        mime_type: None,
        sizes: &[],
        theme: None,
    };

    /// The icon as it is listed.
    pub fn to_icon(&self) -> Icon {
        let mut icon = Icon::new(self.src);
        icon.mime_type = self.mime_type.map(str::to_owned);
        icon = self
            .sizes
            .iter()
            .fold(icon, |icon, size| icon.with_size(*size));
        match self.theme {
            Some("light") => icon.with_theme(IconTheme::Light),
            Some("dark") => icon.with_theme(IconTheme::Dark),
            _ => icon,
        }
    }
}

/// Icons as they are listed; none when there are none.
pub(crate) fn icons(specs: &[IconSpec]) -> Option<Vec<Icon>> {
    (!specs.is_empty()).then(|| specs.iter().map(IconSpec::to_icon).collect())
}

/// A text of an attribute as it is listed. Doc comments of several lines end with a newline.
pub(crate) fn listed(text: Option<&'static str>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
}
