//! `blocking_in_async`: code that stops the thread other requests wait for.

use super::code::{Path, Seen, What};
use super::{Code, Lint, Problem, Role};
use crate::check::key;

pub(super) const LINT: Lint = Lint {
    name: "blocking_in_async",
};

pub(super) fn judge(seen: &Seen<'_>, code: &Code<'_>) -> Option<Problem> {
    if code.blocking || seen.elsewhere {
        return None;
    }
    let (written, instead) = match &seen.what {
        What::Path(path) => (path.written(), path_instead(path)?),
        What::Method(name, _) => ((*name).to_owned(), method_instead(name)?),
        _ => return None,
    };
    let instead = match code.role {
        Role::Component(marker) if !code.is_async => {
            format!("write `#[{}({})]`", marker.name(), key::BLOCKING)
        }
        _ => instead.to_owned(),
    };
    let text =
        format!("`{written}` blocks the thread, and with it the requests of others: {instead}");
    Some(Problem::at(seen.span, text))
}

/// What to do instead of a function that blocks.
///
/// Where the head of a path is not in sight, `std` is meant unless the result
/// is awaited: `tokio` has the same names.
fn path_instead(path: &Path<'_>) -> Option<&'static str> {
    let awaited = || path.is_awaited();
    match path.names {
        ["std", "thread", "sleep"] | ["thread", "sleep"] => {
            Some("await `tokio::time::sleep` instead")
        }
        ["std", "fs", function] if is_file_function(function) => Some(FILE),
        ["fs", function] if is_file_function(function) && path.is_called && !awaited() => {
            Some(FILE)
        }
        ["std", "fs", "File", "open" | "create" | "create_new"] => Some(FILE),
        ["fs", "File", "open" | "create" | "create_new"]
        | ["File", "open" | "create" | "create_new"]
            if path.is_called && !awaited() =>
        {
            Some(FILE)
        }
        ["std", "fs", "OpenOptions", "new"]
        | ["fs", "OpenOptions", "new"]
        | ["OpenOptions", "new"]
            if path.then(&["open"]).is_some() && !awaited() =>
        {
            Some(FILE)
        }
        [root @ .., socket, "connect" | "connect_timeout" | "bind"]
            if is_std(root, "net") && is_socket(socket) && path.is_called && !awaited() =>
        {
            Some("await the same of `tokio::net` instead")
        }
        [root @ .., "Command", "new"]
            if is_std(root, "process")
                && path.then(&["output", "status"]).is_some()
                && !awaited() =>
        {
            Some("await the same of `tokio::process::Command` instead")
        }
        ["reqwest", "blocking", ..] if path.is_called => {
            Some("use the async client, `reqwest::Client`, instead")
        }
        ["ureq" | "minreq" | "attohttpc", function] if path.is_called && is_lower(function) => {
            Some("use an async client, or hand it to `tokio::task::spawn_blocking`")
        }
        ["futures", "executor", "block_on"] | ["pollster", "block_on"] => Some(AWAIT),
        _ => None,
    }
}

const FILE: &str = "await the same of `tokio::fs` instead, \
                    or hand it to `tokio::task::spawn_blocking`";
const AWAIT: &str = "await it instead";

fn method_instead(name: &str) -> Option<&'static str> {
    match name {
        "block_on" => Some(AWAIT),
        "blocking_lock" | "blocking_read" | "blocking_write" | "blocking_recv"
        | "blocking_send" => Some("use the method without `blocking_`, and await it"),
        _ => None,
    }
}

/// Whether `root` is `std::{module}`, `{module}` or nothing.
fn is_std(root: &[&str], module: &str) -> bool {
    match root {
        [] => true,
        ["std", last] | [last] => *last == module,
        _ => false,
    }
}

fn is_socket(name: &str) -> bool {
    matches!(
        name,
        "TcpStream" | "TcpListener" | "UdpSocket" | "UnixStream" | "UnixListener"
    )
}

fn is_lower(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
}

/// Whether `std::fs` has a function of that name.
fn is_file_function(name: &str) -> bool {
    matches!(
        name,
        "canonicalize"
            | "copy"
            | "create_dir"
            | "create_dir_all"
            | "exists"
            | "hard_link"
            | "metadata"
            | "read"
            | "read_dir"
            | "read_link"
            | "read_to_string"
            | "remove_dir"
            | "remove_dir_all"
            | "remove_file"
            | "rename"
            | "set_permissions"
            | "symlink_metadata"
            | "write"
    )
}
