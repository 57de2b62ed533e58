//! Reading which operation a call means.

use super::{OperationSpec, OperationsSpec};
use crate::schema::raw::unescape;
use crate::schema::wording::{choice, describe, list, nearest};
use crate::tool::ToolInput;

/// The operation that a call chose, with its arguments not yet taken.
#[derive(Debug)]
pub struct Chosen<'i, 'a> {
    pub(super) input: &'i mut ToolInput<'a>,
    /// The place of the first argument of all operations among those of the tool.
    pub(super) first: usize,
    index: usize,
    operation: &'static OperationSpec,
}

impl<'i, 'a> Chosen<'i, 'a> {
    /// Finds the operation that the argument at `index` names, and notes what does not belong to
    /// it.
    pub(super) fn find(
        input: &'i mut ToolInput<'a>,
        index: usize,
        spec: &'static OperationsSpec,
    ) -> Option<Self> {
        let first = input.first_of_operations(index)?;
        let names = spec.names();
        let Some(json) = input.given(index) else {
            let problem = format!("is required: {}", choice(&names));
            input.mistaken(index, &problem);
            return None;
        };
        let named = json.starts_with('"').then(|| unescape(json));
        let is_named = |name: &&str| named.as_deref() == Some(*name);
        let Some(at) = names.iter().position(is_named) else {
            input.mistaken(index, &unknown(json, named.as_deref(), &names));
            return None;
        };
        let operation = spec.operations.get(at)?;
        for param in 0..spec.params.len() {
            if input.given(first + param).is_some() && !operation.params.contains(&param) {
                let problem = format!(
                    "is no argument of the operation `{}`; it belongs to {}",
                    operation.name,
                    list(&spec.taking(param)),
                );
                input.mistaken(first + param, &problem);
            }
        }
        Some(Self {
            input,
            first,
            index: at,
            operation,
        })
    }

    /// Which operation it is.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Notes an argument that the operation cannot do without.
    pub(super) fn missing(&mut self, param: usize) {
        let problem = format!("is required by the operation `{}`", self.operation.name);
        self.input.mistaken(self.first + param, &problem);
    }
}

fn unknown(json: &str, named: Option<&str>, names: &[&str]) -> String {
    let Some(named) = named else {
        return format!("expected the name of an operation, got {}", describe(json));
    };
    let got = describe(json);
    match nearest(named, names) {
        Some(near) => format!(
            "there is no operation {}; did you mean `{near}`? known are {}",
            got.trim_start_matches("the string "),
            list(names),
        ),
        None => format!(
            "there is no operation {}; known are {}",
            got.trim_start_matches("the string "),
            list(names),
        ),
    }
}
