//! `stdout_pollution`: words on the stream that carries the messages.

use super::code::{Seen, What};
use super::{Code, Lint, Problem};

pub(super) const LINT: Lint = Lint {
    name: "stdout_pollution",
};

pub(super) fn judge(seen: &Seen<'_>, _: &Code<'_>) -> Option<Problem> {
    let written = match &seen.what {
        What::Macro(["println"] | ["std", "println"]) => "println!",
        What::Macro(["print"] | ["std", "print"]) => "print!",
        What::Path(path) if path.is_called => match path.names {
            ["std" | "tokio", "io", "stdout"] | ["io", "stdout"] => "stdout()",
            _ => return None,
        },
        _ => return None,
    };
    let text = format!(
        "`{written}` writes between the messages of a server on stdio: \
         log it, for example with `eprintln!` or `cx.info(…)`, or return it",
    );
    Some(Problem::at(seen.span, text))
}
