//! Everything needed to write an MCP server and serve it on stdio or in memory.

pub mod error;
#[doc(hidden)]
pub mod names;
pub mod protocol;

pub use error::{
    Error, ErrorKind, IntoPromptError, IntoResourceError, IntoToolError, PromptError,
    ResourceError, Result, ToolError,
};
