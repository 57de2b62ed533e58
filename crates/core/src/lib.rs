//! Everything needed to write an MCP server and serve it on stdio or in memory.

pub mod completion;
pub mod context;
pub mod error;
mod extract;
mod future;
mod names;
#[doc(hidden)]
pub mod private;
pub mod prompt;
pub mod protocol;
pub mod resource;
mod schema;
pub mod tool;

#[doc(hidden)]
pub use private as __private;

pub use context::Context;
pub use error::{
    Error, ErrorKind, IntoPromptError, IntoResourceError, IntoToolError, PromptError,
    ResourceError, Result, ToolError,
};
pub use extract::FromContext;
pub use future::BoxFuture;
pub use prompt::PromptResult;
pub use resource::ResourceResult;
pub use tool::{Audio, Image, Json, ToolArg, ToolOutput, ToolResult};
