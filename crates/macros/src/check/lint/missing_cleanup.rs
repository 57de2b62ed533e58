//! `missing_cleanup`: what a handler starts and nobody ends.

use super::code::{Path, Seen, What};
use super::{Code, Lint, Problem};

pub(super) const LINT: Lint = Lint {
    name: "missing_cleanup",
};

pub(super) fn judge(seen: &Seen<'_>, code: &Code<'_>) -> Option<Problem> {
    let What::Path(path) = &seen.what else {
        return None;
    };
    let text = if forgets(path) {
        "never runs what a value does when it is dropped: \
         let the value go out of scope, or keep it in the server"
    } else if code.handles_requests() && starts_and_lets_go(path) {
        "starts what nobody waits for or ends: it goes on when the request is cancelled \
         and the server closed; await its handle, or keep it in a `JoinSet` of the server"
    } else {
        return None;
    };
    Some(Problem::at(
        seen.span,
        format!("`{}` {text}", path.written()),
    ))
}

fn forgets(path: &Path<'_>) -> bool {
    matches!(
        path.names,
        ["std" | "core", "mem", "forget"] | ["mem", "forget"]
    )
}

fn starts_and_lets_go(path: &Path<'_>) -> bool {
    let starts = matches!(
        path.names,
        ["tokio", "spawn"]
            | [
                "tokio" | "std",
                "task" | "thread",
                "spawn" | "spawn_blocking"
            ]
            | ["task" | "thread", "spawn" | "spawn_blocking"]
    );
    starts && path.is_called && path.is_dropped()
}
