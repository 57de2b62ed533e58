//! `god_server`: so many tools that a model chooses badly among them.

use super::{Lint, Problem};
use crate::check::server::Server;

pub(super) const LINT: Lint = Lint { name: "god_server" };

/// How many tools a model chooses well among.
const MANY: usize = 50;

/// Counts the tools of this block: those of mounts are servers of their own,
/// and hidden ones are in no list.
pub(super) fn judge(server: &Server) -> Option<Problem> {
    let mut names: Vec<&str> = server
        .tools
        .iter()
        .filter(|tool| !tool.hidden)
        .map(|tool| tool.component.name.text.as_str())
        .collect();
    // One name under several `cfg`s is one tool.
    names.sort_unstable();
    names.dedup();
    let count = names.len();
    (count > MANY).then(|| {
        let text = format!(
            "{count} tools in one server, of which a model is shown all: \
             split it by what the tools are about, and mount the parts that are needed",
        );
        Problem::at(server.form_span(), text)
    })
}
