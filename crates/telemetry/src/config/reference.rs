//! What there is to set, as a table for documentation.

use super::{
    Config, Field, Shape, node::REACH, reader::flag, reader::variable, shape::Kind, variables::join,
};

/// A table in Markdown of every setting below `path`: how it is written in each
/// layer, its default, and its doc comment.
///
/// ```
/// use purlin_telemetry::config::{ServerSettings, reference};
///
/// let table = reference::<ServerSettings>("server");
/// assert!(table.contains("`PORT`, `MCP_SERVER__PORT`"));
/// ```
pub fn reference<T: Config>(path: &str) -> String {
    let mut table =
        "| setting | variables | flags | default | meaning |\n|---|---|---|---|---|\n".to_owned();
    each(path, &T::shape(), &mut |entry| table.push_str(&row(&entry)));
    table
}

/// One setting: where it stands, and what can be said about it.
pub(super) struct Described<'a> {
    pub(super) key: &'a str,
    pub(super) field: &'a Field,
    pub(super) shape: &'a Shape,
}

/// Tells of each setting in a group and the groups in it.
pub(super) fn each(path: &str, shape: &Shape, tell: &mut dyn FnMut(Described<'_>)) {
    group(path, shape, tell, REACH);
}

fn group(path: &str, shape: &Shape, tell: &mut dyn FnMut(Described<'_>), depth: usize) {
    let (Kind::Group(fields), Some(depth)) = (&shape.kind, depth.checked_sub(1)) else {
        return;
    };
    for field in *fields {
        let (key, shape) = (&join(path, field.name), &(field.shape)());
        match shape.kind {
            Kind::Group(_) => group(key, shape, tell, depth),
            _ => tell(Described { key, field, shape }),
        }
    }
}

impl Described<'_> {
    /// The variables that it is read from; the last one wins.
    pub(super) fn variables(&self, prefix: &str) -> impl Iterator<Item = String> {
        let own = variable(prefix, self.key);
        let named = self.field.variables.iter().map(|name| (*name).to_owned());
        let named: Vec<_> = named.filter(|name| *name != own).collect();
        named.into_iter().chain([own])
    }

    /// The flags that it is read from, with their dashes.
    pub(super) fn flags(&self) -> impl Iterator<Item = String> {
        let own = flag(self.key);
        let named = self.field.flag.map(str::to_owned);
        let named = named.filter(|name| *name != own);
        let all = named.into_iter().chain([own]);
        all.map(|flag| format!("--{flag}"))
    }

    /// What is written in the program; `None` where nothing is.
    pub(super) fn default(&self) -> Option<&'static str> {
        self.field.text.or(self.field.default)
    }

    /// What holds where nobody has written anything, in words.
    pub(super) fn otherwise(&self) -> &'static str {
        match self.shape.kind {
            Kind::List(_) | Kind::Map(_) => "empty",
            _ if self.shape.is_optional => "none",
            _ => "must be given",
        }
    }

    /// Its doc comment in one line.
    pub(super) fn help(&self) -> String {
        let words: Vec<_> = self.field.help.split_whitespace().collect();
        words.join(" ")
    }
}

fn row(entry: &Described<'_>) -> String {
    let variables = code(entry.variables("MCP_"));
    let flags = code(entry.flags());
    let default = match entry.default() {
        Some(default) => format!("`{default}`"),
        None => entry.otherwise().to_owned(),
    };
    let (key, help) = (entry.key, entry.help());
    let what = entry.shape.what.replace('|', "\\|");
    format!("| `{key}` | {variables} | {flags} | {default} | {help} It is {what}. |\n")
}

fn code(words: impl Iterator<Item = String>) -> String {
    words
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(", ")
}
