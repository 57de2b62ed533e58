//! `missing_description`: a tool of which a model knows the name alone.

use super::{Lint, Problem};
use crate::check::tool::Tool;

pub(super) const LINT: Lint = Lint {
    name: "missing_description",
};

/// A hidden tool is in no list, so nobody reads a description of it.
pub(super) fn judge(tool: &Tool) -> Option<Problem> {
    let missing = tool.component.description.is_none() && !tool.hidden;
    missing.then(|| {
        let ident = &tool.func.ident;
        let text = format!(
            "the tool `{ident}` has no description, and a model chooses by it: \
             write a doc comment that says what the tool does and when to use it",
        );
        Problem::at(ident.span(), text)
    })
}
