//! `leaky_abstraction`: a handler that opens its own way out of the process.

use super::code::{Path, Seen, What};
use super::{Code, Lint, Problem, Role};
use crate::parse::item::Marker;

pub(super) const LINT: Lint = Lint {
    name: "leaky_abstraction",
};

pub(super) fn judge(seen: &Seen<'_>, code: &Code<'_>) -> Option<Problem> {
    let (Role::Component(Marker::Tool), What::Path(path)) = (code.role, &seen.what) else {
        return None;
    };
    let instead = if opens_files(path) {
        "a store that the server was given"
    } else if makes_client(path) {
        "a client that the server made once"
    } else {
        return None;
    };
    let text = format!(
        "`{}` in a tool goes past what limits, watches and fakes the way out: \
         take {instead}, from `self` or a `Resource<T>`",
        path.written(),
    );
    Some(Problem::at(seen.span, text))
}

fn opens_files(path: &Path<'_>) -> bool {
    match path.names {
        ["std" | "tokio", "fs", function] => path.is_called && is_lower(function),
        [
            "std" | "tokio",
            "fs",
            "File",
            "open" | "create" | "create_new",
        ] => true,
        ["std" | "tokio", "fs", "OpenOptions", "new"] => true,
        _ => false,
    }
}

fn makes_client(path: &Path<'_>) -> bool {
    match path.names {
        ["reqwest", "get"] | ["reqwest", "Client" | "ClientBuilder", "new" | "builder"] => true,
        ["reqwest", "blocking", "get"]
        | [
            "reqwest",
            "blocking",
            "Client" | "ClientBuilder",
            "new" | "builder",
        ] => true,
        ["ureq" | "minreq" | "attohttpc" | "surf" | "isahc", function] => {
            path.is_called && is_lower(function)
        }
        _ => false,
    }
}

fn is_lower(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
}
