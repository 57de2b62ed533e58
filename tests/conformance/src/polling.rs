//! A stream that is closed before its answer is there.

use std::time::Duration;

use purlin::prelude::*;
use tokio::time::sleep;

/// Polling of streams.
#[mcp_server]
pub(crate) mod fixtures {
    use super::*;

    /// Closes its stream and answers to those who come back.
    #[mcp_tool]
    async fn test_reconnection(cx: &Context) -> &'static str {
        sleep(Duration::from_millis(100)).await;
        cx.close_stream();
        sleep(Duration::from_millis(100)).await;
        "Reconnection test completed successfully"
    }
}
