//! What the expansions of the macros call. Not part of the public interface.

pub use std::boxed::Box;

pub use crate::context::Context;
pub use crate::error::Error;
pub use crate::future::BoxFuture;
pub use crate::names::{MountedNames, Names, NoNames};
pub use crate::schema::{Constraint, Number};
pub use crate::tool::{
    Argument, ArgumentKind, ArgumentTable, Fallible, FallibleKind, IconSpec, Infallible,
    InfallibleKind, Injected, InjectedKind, Kind, ParamSpec, Returns, ToolDescription, ToolInput,
    ToolResult, ToolSpec,
};
