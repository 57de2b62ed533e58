//! What the expansions of the macros call. Not part of the public interface.

pub use purlin_macros::{arg, beside, mount};
pub use std::borrow::Cow;
pub use std::boxed::Box;
pub use std::format;
pub use std::string::String;
pub use std::vec::Vec;

pub use schemars;
pub use serde;

pub use crate::access::{Asked, Decision, Policies, Policy, PolicyFunction, Rate, guard};
pub use crate::completion::{
    CompletionDescription, CompletionInput, CompletionSpec, CompletionTarget,
};
pub use crate::context::Context;
pub use crate::error::Error;
pub use crate::future::BoxFuture;
pub use crate::names::{MountedNames, Names};
pub use crate::probe::{Probe, Unremarkable, borrows_context, is_filled, stands_apart};
pub use crate::prompt::{PromptDescription, PromptInput, PromptResult, PromptSpec};
pub use crate::protocol::Completion;
pub use crate::resource::{ResourceDescription, ResourceInput, ResourceResult, ResourceSpec};
pub use crate::schema::{Constraint, Number};
pub use crate::tool::{
    Argument, ArgumentKind, ArgumentTable, DeprecationSpec, Fallible, FallibleKind, IconSpec,
    Infallible, InfallibleKind, Injected, InjectedKind, Kind, ParamSpec, Returns, ToolDescription,
    ToolInput, ToolResult, ToolSpec,
};

pub use crate::error::{Described, PromptError, ResourceError, Said, ToolError};
pub use crate::tool::derived::{
    Aliased, ArgumentField, Formless, Limited, NoForm, OutputField, Shaped, Shapeless,
    argument_field, output_field,
};
pub use crate::tool::explained::{Explained, ExplainedKind};
pub use crate::tool::lend::Lend;
pub use crate::tool::operations::{
    Chosen, Operated, OperationSpec, Operations, OperationsDescription, OperationsKind,
    OperationsSpec,
};

pub use crate::middleware::{
    HookOf, Hooks, Layers, Middleware, NoHook, Passed, Passing, Rest, layer, one_hook_each,
};
pub use crate::suits::limits_suit;

pub use crate::server::blocking::run_blocking;
pub use crate::server::blocks::{
    HasPart, ListsFunction, ListsPart, NamesOf, NoNames, NoPart, is_there, listed_function,
    listed_part, names_of,
};
pub use crate::server::{
    CompletionFn, Function, McpServer, MountSpec, Part, PromptFn, ResourceFn, ServerSpec, Shared,
    ToolFn, fill_random,
};
