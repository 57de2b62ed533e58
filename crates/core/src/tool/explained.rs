//! Handlers whose error describes itself, told by trait as [`Fallible`] is.

use std::marker::PhantomData;

use super::{
    DeclaredOutput, Fallible, OpenOutput, Returns, ToolDescription, ToolOutput, ToolResult,
};
use crate::Result;
use crate::completion::CompletionOutput;
use crate::error::{Described, PromptError, ResourceError, ToolError};
use crate::prompt::{PromptOutput, PromptResult};
use crate::protocol::Completion;
use crate::resource::{ResourceOutput, ResourceResult};

/// Handlers that return a `Result` with an error that describes itself. It is asked for first.
pub trait ExplainedKind {
    /// The tag that says so.
    type Tag;
    /// The tag.
    fn tag(&self) -> Self::Tag;
}

impl<T, E: Described> ExplainedKind for &&Returns<Result<T, E>> {
    type Tag = Explained<T, E>;
    fn tag(&self) -> Explained<T, E> {
        Explained(PhantomData)
    }
}

/// A handler that returns `Result<T, E>`, where `E` describes itself.
#[derive(Debug)]
pub struct Explained<T, E>(PhantomData<fn() -> (T, E)>);

impl<T, E: Described> Explained<T, E> {
    /// Asks whether a tool can return it.
    #[must_use]
    pub fn output<K>(self) -> Self
    where
        T: ToolOutput<K>,
    {
        self
    }

    /// Describes what a tool returns.
    pub fn describe<K>(self, tool: &mut ToolDescription)
    where
        T: ToolOutput<K>,
    {
        T::describe(tool);
    }

    /// Describes what the author says it returns.
    pub fn declare<O: DeclaredOutput>(self, tool: &mut ToolDescription)
    where
        T: OpenOutput,
    {
        O::declare(tool);
    }

    /// The result of a tool.
    pub fn respond<K>(self, value: Result<T, E>) -> Result<ToolResult>
    where
        T: ToolOutput<K>,
    {
        Fallible::NEW.respond(value.map_err(ToolError::described))
    }

    /// The result of a read.
    pub fn respond_resource<K>(self, value: Result<T, E>) -> Result<ResourceResult>
    where
        T: ResourceOutput<K>,
    {
        Fallible::NEW.respond_resource(value.map_err(ResourceError::described))
    }

    /// The result of a prompt.
    pub fn respond_prompt(self, value: Result<T, E>) -> Result<PromptResult>
    where
        T: PromptOutput,
    {
        Fallible::NEW.respond_prompt(value.map_err(PromptError::described))
    }

    /// The result of a completion.
    pub fn respond_completion(self, value: Result<T, E>) -> Result<Completion>
    where
        T: CompletionOutput,
    {
        Fallible::NEW.respond_completion(value.map_err(ToolError::described))
    }
}
