//! `state_leakage`: state that belongs to nobody, so that what one client left
//! another one sees.

use super::code::{Seen, Static, What};
use super::{Code, Lint, Problem};

pub(super) const LINT: Lint = Lint {
    name: "state_leakage",
};

const INSTEAD: &str = "keep it in the fields of the server or in a `Resource<T>`, \
                       and what belongs to one client in its session";

pub(super) fn judge(seen: &Seen<'_>, code: &Code<'_>) -> Option<Problem> {
    let text = match &seen.what {
        What::Static(global) => changing(global)?,
        What::Path(path) if code.handles_requests() => match path.names {
            [.., "Box" | "Vec" | "String", "leak"] => leak(),
            _ => return None,
        },
        What::Method("leak", arguments)
            if code.handles_requests() && arguments.stream().is_empty() =>
        {
            leak()
        }
        _ => return None,
    };
    Some(Problem::at(seen.span, text))
}

fn changing(global: &Static<'_>) -> Option<String> {
    let name = global.name;
    let how = if global.is_mut || global.ty.iter().any(|word| is_cell(word)) {
        "outlives every session, and all clients of the process share it"
    } else if global.per_thread {
        "belongs to a thread, and a thread serves many clients"
    } else {
        return None;
    };
    Some(format!("`{name}` {how}: {INSTEAD}"))
}

fn leak() -> String {
    format!("what `leak` gives is never freed, and every request leaks more: {INSTEAD}")
}

/// Whether what is in it can change: a `LazyLock` of what stays as it is made
/// is a constant.
fn is_cell(word: &str) -> bool {
    matches!(
        word,
        "Mutex" | "RwLock" | "RefCell" | "Cell" | "OnceLock" | "OnceCell" | "DashMap" | "ArcSwap"
    )
}
