//! What the attributes say of a tool, as constants.

use std::time::Duration;

use serde_json::Value;

use crate::Rate;
use crate::access::Policies;
use crate::middleware::Layers;
use crate::protocol::{Icon, IconTheme, Meta};
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
    /// What its callers must have been granted, all of it.
    pub scopes: &'static [&'static str],
    /// Of what its callers must be one.
    pub roles: &'static [&'static str],
    /// What has to allow it.
    pub policies: Policies,
    /// How often each caller may come.
    pub rate: Option<Rate>,
    /// That it is on its way out.
    pub deprecated: Option<DeprecationSpec>,
    /// Whether it runs as a task: `forbidden`, `optional`, `required`.
    pub task: Option<&'static str>,
    /// What is put around it.
    pub layers: Layers,
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
        scopes: &[],
        roles: &[],
        policies: Vec::new,
        rate: None,
        deprecated: None,
        task: None,
        layers: Vec::new,
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

/// What `deprecated` says of a component.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct DeprecationSpec {
    /// The version from which on.
    pub since: Option<&'static str>,
    /// The version in which it will be gone.
    pub remove_in: Option<&'static str>,
    /// What to do instead.
    pub note: Option<&'static str>,
}

impl DeprecationSpec {
    /// Nothing said.
    pub const EMPTY: Self = Self {
        since: None,
        remove_in: None,
        note: None,
    };

    /// The sentence for descriptions.
    fn sentence(&self) -> String {
        let mut text = "Deprecated".to_owned();
        if let Some(since) = self.since {
            text.push_str(&format!(" since {since}"));
        }
        if let Some(remove_in) = self.remove_in {
            text.push_str(&format!(", removed in {remove_in}"));
        }
        match self.note {
            Some(note) => text.push_str(&format!(": {}", note.trim())),
            None => text.push('.'),
        }
        text
    }

    fn to_json(self) -> Value {
        let members = [
            ("since", self.since),
            ("removeIn", self.remove_in),
            ("note", self.note),
        ];
        let said = members.into_iter().filter_map(|(name, value)| {
            let value = value?;
            Some((name.to_owned(), value.into()))
        });
        Value::Object(said.collect())
    }
}

/// The `_meta` member with the version of a component.
const VERSION: &str = "purlin/version";
/// The `_meta` member that says that a component is on its way out.
const DEPRECATED: &str = "purlin/deprecated";

/// A description as it is listed.
pub(crate) fn described(
    description: Option<&'static str>,
    deprecated: Option<&DeprecationSpec>,
) -> Option<String> {
    let description = listed(description);
    let Some(deprecated) = deprecated.map(DeprecationSpec::sentence) else {
        return description;
    };
    Some(match description {
        Some(description) => format!("{description}\n\n{deprecated}"),
        None => deprecated,
    })
}

/// `_meta` as it is listed. What the author wrote goes before what we add.
pub(crate) fn meta(
    meta: Option<&'static str>,
    version: Option<&'static str>,
    deprecated: Option<&DeprecationSpec>,
) -> Option<Meta> {
    let mut listed = meta.and_then(|meta| serde_json::from_str::<Meta>(meta).ok());
    let version = version.map(|version| (VERSION, version.into()));
    let deprecated = deprecated.map(|deprecated| (DEPRECATED, deprecated.to_json()));
    for (key, value) in version.into_iter().chain(deprecated) {
        let meta = listed.get_or_insert_default();
        if meta.get(key).is_none() {
            meta.insert(key, value);
        }
    }
    listed
}

/// Icons as they are listed; none when there are none.
pub(crate) fn icons(specs: &[IconSpec]) -> Option<Vec<Icon>> {
    (!specs.is_empty()).then(|| specs.iter().map(IconSpec::to_icon).collect())
}

/// A text of an attribute as it is listed. Doc comments of several lines end with a newline.
pub(crate) fn listed(text: Option<&'static str>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
}
