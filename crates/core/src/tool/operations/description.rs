//! What a model is shown of operations: one property for each argument, with the
//! operations it is for, and one that names the operation.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{OperationSpec, OperationsSpec};
use crate::schema::Part;
use crate::schema::wording::list;
use crate::tool::description::Parameter;
use crate::tool::{ParamSpec, ToolDescription};

/// The operations of a tool while they are described.
#[derive(Debug)]
pub struct OperationsDescription<'a> {
    pub(in crate::tool) tool: &'a mut ToolDescription,
    pub(in crate::tool) spec: &'static OperationsSpec,
    pub(in crate::tool) properties: Vec<Option<Property>>,
}

/// One argument of some operations.
#[derive(Debug)]
pub(in crate::tool) struct Property {
    pub(in crate::tool) parameter: Parameter,
    /// The operations that cannot do without.
    needed_by: Vec<&'static str>,
    /// The others that take it.
    taken_by: Vec<&'static str>,
}

impl OperationsDescription<'_> {
    /// The operation takes the argument at `index`.
    pub(super) fn takes(&mut self, operation: usize, index: usize, part: Part, needed: bool) {
        let (Some(operation), Some(spec)) = (
            self.spec.operations.get(operation),
            self.spec.params.get(index),
        ) else {
            return;
        };
        let Some(slot) = self.properties.get_mut(index) else {
            return;
        };
        let tool = &mut *self.tool;
        let property = slot.get_or_insert_with(|| Property {
            parameter: tool.parameter(spec, part, false),
            needed_by: Vec::new(),
            taken_by: Vec::new(),
        });
        match needed {
            true => property.needed_by.push(operation.name),
            false => property.taken_by.push(operation.name),
        }
    }

    /// The argument at `index` has this default.
    pub(super) fn default_value(&mut self, index: usize, value: Option<Value>) {
        if let Some(Some(property)) = self.properties.get_mut(index) {
            property.parameter.default_value(value);
        }
    }

    /// The schema of the argument that names the operation.
    pub(in crate::tool) fn tag_schema(&self, param: &ParamSpec) -> Value {
        let mut text = String::new();
        let description = param.description.or(self.spec.description);
        if let Some(description) = description {
            text.push_str(description.trim());
            text.push_str("\n\n");
        }
        for operation in self.spec.operations {
            let _ = writeln!(text, "- `{}`: {}", operation.name, self.told(operation));
        }
        json!({
            "type": "string",
            "enum": self.spec.names(),
            "description": text.trim(),
        })
    }

    /// What an operation does and takes, in one line.
    fn told(&self, operation: &OperationSpec) -> String {
        let mut text = operation.description.unwrap_or_default().trim().to_owned();
        if !text.is_empty() && !text.ends_with(['.', '!', '?']) {
            text.push('.');
        }
        let named = |needed: bool| -> Vec<&'static str> {
            let params = operation.params.iter();
            let is_so =
                |property: &Property| property.needed_by.contains(&operation.name) == needed;
            params
                .filter_map(|index| self.properties.get(*index)?.as_ref())
                .filter(|property| is_so(property))
                .map(|property| property.parameter.spec.name)
                .collect()
        };
        for (word, names) in [("Needs", named(true)), ("Takes", named(false))] {
            if !names.is_empty() {
                let _ = write!(text, " {word} {}.", list(&names));
            }
        }
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl Property {
    /// The argument, with the operations it is for in its description.
    pub(in crate::tool) fn finish(mut self) -> Parameter {
        let mut text = Vec::new();
        if !self.needed_by.is_empty() {
            text.push(format!("Needed by {}.", list(&self.needed_by)));
        }
        if !self.taken_by.is_empty() {
            text.push(format!("Optional for {}.", list(&self.taken_by)));
        }
        self.parameter.add_to_description(&text.join(" "));
        self.parameter
    }
}
