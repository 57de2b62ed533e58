//! Several operations behind one tool.
//!
//! Clients do not agree on schemas that offer a choice at their root; some refuse them. So a tool
//! whose parameter is a set of operations has a plain object for its arguments: one property says
//! which operation is meant, all properties of all operations stand beside it, and only the first
//! is required. What each operation needs is said in words, and enforced when it is decoded.

use std::fmt::Write as _;
use std::marker::PhantomData;

use serde::Serialize;
use serde_json::{Value, json};

use super::kind::{Argument, Hidden, Kind, Shown, decode};
use super::{ParamSpec, ToolArg, ToolDescription, ToolInput};
use crate::context::Context;
use crate::prompt::{PromptDescription, PromptInput};
use crate::schema::Part;
use crate::schema::raw::unescape;
use crate::schema::wording::{choice, describe, list, nearest};
use crate::{Error, Result};

/// A set of operations as one parameter of a tool: an enum that derives `Operations`.
///
/// The parameter itself does not show. In its place the tool has one argument that names the
/// operation, and the arguments of all operations beside it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no set of operations",
    label = "not derived from an enum of operations",
    note = "derive `Operations` for `{Self}`"
)]
pub trait Operations: Sized + Send {
    /// What the derive says of them.
    #[doc(hidden)]
    const __SPEC: &'static OperationsSpec;

    /// Says what each of them takes.
    #[doc(hidden)]
    fn __describe(operations: &mut OperationsDescription<'_>);

    /// Takes the arguments of the one that was chosen.
    #[doc(hidden)]
    fn __take(chosen: &mut Chosen<'_, '_>) -> Option<Self>;
}

/// What `#[derive(Operations)]` says of an enum.
#[derive(Debug)]
pub struct OperationsSpec {
    /// The argument that names the operation.
    pub tag: &'static str,
    /// What they are about, for the model.
    pub description: Option<&'static str>,
    /// The operations, in order.
    pub operations: &'static [OperationSpec],
    /// The arguments of all of them, each once.
    pub params: &'static [ParamSpec],
}

/// One operation.
#[derive(Debug)]
pub struct OperationSpec {
    /// Its name.
    pub name: &'static str,
    /// What it does, for the model.
    pub description: Option<&'static str>,
    /// Its arguments, by their places among those of all operations.
    pub params: &'static [usize],
}

impl OperationSpec {
    /// Nothing said.
    pub const EMPTY: Self = Self {
        name: "",
        description: None,
        params: &[],
    };
}

impl OperationsSpec {
    /// Nothing said.
    pub const EMPTY: Self = Self {
        tag: "",
        description: None,
        operations: &[],
        params: &[],
    };

    fn names(&self) -> Vec<&'static str> {
        self.operations
            .iter()
            .map(|operation| operation.name)
            .collect()
    }

    /// Whether an operation has an argument of this name, or is named by it.
    pub(crate) const fn has_argument(&self, name: &str) -> bool {
        let mut index = 0;
        while index < self.params.len() {
            if is_same(self.params[index].name, name) {
                return true;
            }
            index += 1;
        }
        is_same(self.tag, name)
    }

    /// The operations that take an argument.
    fn taking(&self, param: usize) -> Vec<&'static str> {
        let takes = |operation: &&OperationSpec| operation.params.contains(&param);
        let operations = self.operations.iter().filter(takes);
        operations.map(|operation| operation.name).collect()
    }

    /// The argument that names the operation.
    pub(super) fn tag(&self, param: &ParamSpec) -> ParamSpec {
        ParamSpec {
            name: self.tag,
            has_default: param.has_default,
            ..ParamSpec::EMPTY
        }
    }
}

/// The operations of a tool while they are described.
#[derive(Debug)]
pub struct OperationsDescription<'a> {
    pub(super) tool: &'a mut ToolDescription,
    pub(super) spec: &'static OperationsSpec,
    pub(super) properties: Vec<Option<Property>>,
}

/// One argument of some operations.
#[derive(Debug)]
pub(super) struct Property {
    pub(super) parameter: super::description::Parameter,
    /// The operations that cannot do without.
    needed_by: Vec<&'static str>,
    /// The others that take it.
    taken_by: Vec<&'static str>,
}

impl OperationsDescription<'_> {
    /// The operation takes the argument at `index`.
    fn takes(&mut self, operation: usize, index: usize, part: Part, needed: bool) {
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
    fn default_value(&mut self, index: usize, value: Option<Value>) {
        if let Some(Some(property)) = self.properties.get_mut(index) {
            property.parameter.default_value(value);
        }
    }

    /// The schema of the argument that names the operation.
    pub(super) fn tag_schema(&self, param: &ParamSpec) -> Value {
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
    pub(super) fn finish(mut self) -> super::description::Parameter {
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

/// The operation that a call chose, with its arguments not yet taken.
#[derive(Debug)]
pub struct Chosen<'i, 'a> {
    input: &'i mut ToolInput<'a>,
    /// The place of the first argument of all operations among those of the tool.
    first: usize,
    index: usize,
    operation: &'static OperationSpec,
}

impl<'i, 'a> Chosen<'i, 'a> {
    /// Finds the operation that the argument at `index` names, and notes what does not belong to
    /// it.
    fn find(
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

    fn missing(&mut self, param: usize) {
        let problem = format!("is required by the operation `{}`", self.operation.name);
        self.input.mistaken(self.first + param, &problem);
    }
}

/// `==`, in a constant.
const fn is_same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    let mut index = 0;
    while index < left.len() {
        if left[index] != right[index] {
            return false;
        }
        index += 1;
    }
    true
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

/// Parameters that are a set of operations.
pub trait OperationsKind {
    /// The tag that says so.
    type Tag;
    /// The tag.
    fn param(&self) -> Self::Tag;
}

impl<T: Operations> OperationsKind for &Kind<T> {
    type Tag = Operated<T>;
    fn param(&self) -> Operated<T> {
        Operated(PhantomData)
    }
}

/// What no set of operations is.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the argument of a prompt",
    label = "operations are for tools",
    note = "write a prompt for each operation, or take plain arguments"
)]
pub trait PromptOperations {}

/// A parameter that is a set of operations.
#[derive(Debug)]
pub struct Operated<T>(PhantomData<fn() -> T>);

impl<T> Clone for Operated<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Operated<T> {}

impl<T: Operations> Operated<T> {
    /// Asks nothing more.
    #[must_use]
    pub fn argument(self) -> Self {
        self
    }

    /// Refuses them in a prompt.
    #[must_use]
    pub fn prompt_argument(self) -> Self
    where
        T: PromptOperations,
    {
        self
    }

    /// Describes nothing: a prompt has no operations.
    pub fn describe_prompt_argument(self, _: &mut PromptDescription, _: usize) {}

    /// Describes nothing.
    pub fn default_prompt_argument(self, _: &mut PromptDescription, _: usize, _: fn() -> T) {}

    /// Takes nothing.
    pub fn take_prompt_argument(self, _: &mut PromptInput<'_>, _: usize) -> Option<T> {
        None
    }

    /// Takes nothing.
    pub fn take_prompt_argument_or(
        self,
        _: &mut PromptInput<'_>,
        _: usize,
        _: fn() -> T,
    ) -> Option<T> {
        None
    }

    /// Describes all arguments of all operations.
    pub fn describe(self, tool: &mut ToolDescription, index: usize) {
        tool.operations(index, T::__SPEC, T::__describe);
    }

    /// Describes operations of which one is meant by default.
    pub fn default(self, tool: &mut ToolDescription, index: usize, _: fn() -> T) {
        self.describe(tool, index);
    }

    /// Takes the operation; `None` when something is wrong, which the input notes.
    pub fn take(self, input: &mut ToolInput<'_>, index: usize) -> Option<T> {
        T::__take(&mut Chosen::find(input, index, T::__SPEC)?)
    }

    /// Takes the operation, or the default one.
    pub fn take_or(self, input: &mut ToolInput<'_>, index: usize, value: fn() -> T) -> Option<T> {
        match input.given(index) {
            Some(_) => self.take(input, index),
            None => Some(value()),
        }
    }

    /// Hands on what was taken.
    pub fn extract(self, taken: Option<T>, _: &Context) -> std::future::Ready<Result<T>> {
        // Whoever finds a mistake rejects the input before it gets here.
        let error = || Error::internal("an operation was used although it is wrong");
        std::future::ready(taken.ok_or_else(error))
    }
}

impl<T, D> Argument<T, D> {
    /// Describes an argument of an operation.
    pub fn describe_operation(
        self,
        operations: &mut OperationsDescription<'_>,
        operation: usize,
        index: usize,
    ) where
        T: ToolArg,
    {
        operations.takes(operation, index, T::__schema, T::__absent().is_none());
    }

    /// Takes an argument of the operation that was chosen.
    pub fn take_operation(self, chosen: &mut Chosen<'_, '_>, index: usize) -> Option<T>
    where
        T: ToolArg,
    {
        let place = chosen.first + index;
        match chosen.input.given(place) {
            Some(json) => decode(chosen.input, place, json),
            None => T::__absent().or_else(|| {
                chosen.missing(index);
                None
            }),
        }
    }

    /// Takes an argument of the operation that was chosen, or its default.
    pub fn take_operation_or(
        self,
        chosen: &mut Chosen<'_, '_>,
        index: usize,
        value: fn() -> T,
    ) -> Option<T>
    where
        T: ToolArg,
    {
        let place = chosen.first + index;
        match chosen.input.given(place) {
            Some(json) => decode(chosen.input, place, json),
            None => Some(value()),
        }
    }
}

impl<T: Serialize> Argument<T, Shown> {
    /// Describes an argument of an operation with a default, which the schema shows.
    pub fn default_operation(
        self,
        operations: &mut OperationsDescription<'_>,
        operation: usize,
        index: usize,
        value: fn() -> T,
    ) where
        T: ToolArg,
    {
        operations.takes(operation, index, T::__schema, false);
        operations.default_value(index, serde_json::to_value(value()).ok());
    }
}

impl<T> Argument<T, Hidden> {
    /// Describes an argument of an operation with a default.
    pub fn default_operation(
        self,
        operations: &mut OperationsDescription<'_>,
        operation: usize,
        index: usize,
        _: fn() -> T,
    ) where
        T: ToolArg,
    {
        operations.takes(operation, index, T::__schema, false);
    }
}
