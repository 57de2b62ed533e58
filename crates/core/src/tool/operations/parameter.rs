//! A parameter that is a set of operations, and the parameters of each operation.

use std::marker::PhantomData;

use serde::Serialize;

use super::{Chosen, Operations, OperationsDescription};
use crate::context::Context;
use crate::prompt::{PromptDescription, PromptInput};
use crate::tool::kind::{Argument, Hidden, Kind, Shown, decode};
use crate::tool::{ToolArg, ToolDescription, ToolInput};
use crate::{Error, Result};

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
