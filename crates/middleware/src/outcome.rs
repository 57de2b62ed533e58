//! How a request ended.

use purlin_core::{Result, ToolResult, middleware::AnyResponse};

/// Whether a request failed: a tool that says so has failed too.
pub(crate) fn failed(result: &Result<AnyResponse>) -> bool {
    match result {
        Ok(AnyResponse::Tool(result)) => result.is_error(),
        Ok(_) => false,
        Err(_) => true,
    }
}

/// The same of the call of a tool.
pub(crate) fn tool_failed(result: &Result<ToolResult>) -> bool {
    result.as_ref().map_or(true, ToolResult::is_error)
}
