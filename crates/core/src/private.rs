//! What the expansions of the macros call. Not part of the public interface.

pub use std::borrow::Cow;
pub use std::boxed::Box;
pub use std::string::String;
pub use std::vec::Vec;

pub use schemars;
pub use serde;

pub use crate::access::Rate;
pub use crate::completion::{
    CompletionDescription, CompletionInput, CompletionSpec, CompletionTarget,
};
pub use crate::context::Context;
pub use crate::error::Error;
pub use crate::future::BoxFuture;
pub use crate::names::{MountedNames, Names, NoNames};
pub use crate::probe::{Probe, Unremarkable, borrows_context, is_filled};
pub use crate::prompt::{PromptDescription, PromptInput, PromptResult, PromptSpec};
pub use crate::protocol::{Completion, Prompt, Resource, ResourceTemplate, Tool};
pub use crate::resource::{ResourceDescription, ResourceInput, ResourceResult, ResourceSpec};
pub use crate::schema::{Constraint, Number};
pub use crate::tool::{
    Argument, ArgumentKind, ArgumentTable, DeprecationSpec, Fallible, FallibleKind, IconSpec,
    Infallible, InfallibleKind, Injected, InjectedKind, Kind, ParamSpec, Returns, ToolDescription,
    ToolInput, ToolResult, ToolSpec,
};

pub use crate::tool::derived::{
    ArgumentField, Formless, Limited, NoForm, OutputField, Shaped, Shapeless, argument_field,
    output_field,
};

pub use crate::middleware::{
    AnyMessage, AnyRequest, AnyResponse, Complete, Hooks, Middleware, Next, PromptGet, PromptList,
    ResourceList, ResourceRead, ResourceTemplateList, ToolCall, ToolList,
};
pub use crate::server::blocking::run_blocking;
pub use crate::server::{
    CompletionFn, McpServer, MountSpec, NoPart, Part, PromptFn, ResourceFn, ServerSpec, Shared,
    ToolFn, fill_random,
};
