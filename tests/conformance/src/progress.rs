//! What a tool says on its way: progress, logs, and that lists have changed.

use std::time::Duration;

use purlin::prelude::*;
use tokio::time::sleep;

/// The pace the suite asks for.
const STEP: Duration = Duration::from_millis(50);

/// Notifications.
#[mcp_server]
pub(crate) mod fixtures {
    use super::*;

    /// Reports progress three times.
    #[mcp_tool]
    async fn test_tool_with_progress(progress: Progress) -> &'static str {
        progress.report(0, 100);
        sleep(STEP).await;
        progress.report(50, 100);
        sleep(STEP).await;
        progress.report(100, 100);
        "Tool with progress executed successfully"
    }

    /// Logs three times.
    #[mcp_tool]
    async fn test_tool_with_logging(cx: &Context) -> &'static str {
        cx.info("Tool execution started");
        sleep(STEP).await;
        cx.info("Tool processing data");
        sleep(STEP).await;
        cx.info("Tool execution completed");
        "Tool with logging executed successfully"
    }

    /// Logs to those who asked for logs.
    #[mcp_tool]
    fn test_logging_tool(cx: &Context) -> &'static str {
        cx.info("Somebody wants to know");
        "Logged"
    }

    /// Says that the list of tools has changed.
    #[mcp_tool]
    fn test_trigger_tool_change(cx: &Context) -> &'static str {
        cx.server().notify_tools_changed();
        "Told"
    }

    /// Says that the list of prompts has changed.
    #[mcp_tool]
    fn test_trigger_prompt_change(cx: &Context) -> &'static str {
        cx.server().notify_prompts_changed();
        "Told"
    }
}
