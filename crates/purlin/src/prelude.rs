//! What nearly every server uses.

pub use purlin_core::{
    Answer, Audio, Cancel, Context, Error, Extension, FromContext, Image, Json, McpServer,
    Operations, Principal, Progress, PromptError, PromptResult, Resource, ResourceError,
    ResourceResult, Result, Server, State, ToolArg, ToolError, ToolOutput, ToolResult,
    middleware::{Middleware, Next, PromptGet, ResourceRead, ToolCall, ToolList},
    protocol::{Content, LogLevel, PromptMessage, ResourceContents},
};
pub use purlin_macros::{
    Operations, ToolArg, ToolError, ToolOutput, mcp_completion, mcp_prompt, mcp_resource,
    mcp_server, mcp_tool, middleware, policy,
};

pub use purlin_core::{PublicResult as _, PublicText as _};

pub use crate::serving::Serve as _;
