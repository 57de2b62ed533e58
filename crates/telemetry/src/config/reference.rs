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
    group(path, &T::shape(), &mut table, REACH);
    table
}

fn group(path: &str, shape: &Shape, table: &mut String, depth: usize) {
    let (Kind::Group(fields), Some(depth)) = (&shape.kind, depth.checked_sub(1)) else {
        return;
    };
    for field in *fields {
        let (key, shape) = (join(path, field.name), (field.shape)());
        match shape.kind {
            Kind::Group(_) => group(&key, &shape, table, depth),
            _ => table.push_str(&row(&key, field, &shape)),
        }
    }
}

fn row(key: &str, field: &Field, shape: &Shape) -> String {
    let variables = field.variables.iter().map(|name| (*name).to_owned());
    let variables = code(variables.chain([variable("MCP_", key)]));
    let flags = field.flag.into_iter().map(str::to_owned).chain([flag(key)]);
    let flags = code(flags.map(|flag| format!("--{flag}")));
    let default = match (field.text.or(field.default), &shape.kind) {
        (Some(default), _) => format!("`{default}`"),
        (None, Kind::List(_) | Kind::Map(_)) => "empty".to_owned(),
        (None, _) if shape.is_optional => "none".to_owned(),
        (None, _) => "must be given".to_owned(),
    };
    let help = field.help.split_whitespace().collect::<Vec<_>>().join(" ");
    let what = shape.what.replace('|', "\\|");
    format!("| `{key}` | {variables} | {flags} | {default} | {help} It is {what}. |\n")
}

fn code(words: impl Iterator<Item = String>) -> String {
    words
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(", ")
}
