//! Names within one block; those of several are compared in constants.

use proc_macro2::Span;

use super::func::Func;
use super::server::Server;
use crate::errors::Errors;

/// Refuses two components of one name in one block.
pub(crate) fn check(server: &Server, errors: &mut Errors) {
    let tools = server.tools.iter().map(|tool| Entry {
        name: &tool.component.name.text,
        span: tool.component.name.span,
        func: &tool.func,
    });
    distinct("tools are called", tools, errors);
    let prompts = server.prompts.iter().map(|prompt| Entry {
        name: &prompt.component.name.text,
        span: prompt.component.name.span,
        func: &prompt.func,
    });
    distinct("prompts are called", prompts, errors);
    let resources = server.resources.iter().map(|resource| Entry {
        name: &resource.uri,
        span: resource.uri_span,
        func: &resource.func,
    });
    distinct(
        "resources have the URI",
        resources.filter(|entry| !entry.name.is_empty()),
        errors,
    );
}

struct Entry<'a> {
    name: &'a str,
    span: Span,
    func: &'a Func,
}

fn distinct<'a>(what: &str, entries: impl Iterator<Item = Entry<'a>>, errors: &mut Errors) {
    let mut seen: Vec<Entry<'_>> = Vec::new();
    for entry in entries {
        let same = |earlier: &&Entry<'_>| {
            // Two `cfg`s usually exclude each other; where they do not, the
            // tables of names find it.
            earlier.name == entry.name && earlier.func.cfgs.is_empty() && entry.func.cfgs.is_empty()
        };
        if let Some(first) = seen.iter().find(same) {
            let message = format!(
                "two {what} `{}`: the functions `{}` and `{}`; rename one",
                entry.name, first.func.ident, entry.func.ident,
            );
            errors.push_at(entry.span, message);
        }
        seen.push(entry);
    }
}
