//! Handlers that do not come to an end.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use purlin::prelude::*;

use crate::witness::{Count, Witness};

/// Waits, blocks, and tells who was dropped.
#[derive(Default)]
pub(crate) struct Patience {
    witness: Witness,
    released: Arc<Count>,
    freed: Arc<AtomicBool>,
}

#[mcp_server]
impl Patience {
    /// Never returns.
    #[mcp_tool]
    async fn pend(&self) -> bool {
        let _seen = self.witness.see();
        pending().await
    }

    /// Never returns, and never sees the end of its limit.
    #[mcp_tool(timeout = "50ms")]
    async fn time_out(&self) -> bool {
        let _seen = self.witness.see();
        pending().await
    }

    /// Never returns, but says now and then how far it is.
    #[mcp_tool]
    async fn pend_aloud(&self, cx: &Context) -> bool {
        let _seen = self.witness.see();
        for done in 1_u64.. {
            cx.progress_open(done, None);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        true
    }

    /// Returns once `release` has been called this often.
    #[mcp_tool]
    async fn until_released(&self, #[arg(default = 1_u64)] times: u64) -> u64 {
        let _seen = self.witness.see();
        self.released.reaches(times).await
    }

    /// Lets go of those who wait.
    #[mcp_tool]
    fn release(&self) -> bool {
        self.released.add();
        true
    }

    /// Blocks its thread until `free` is called.
    #[mcp_tool(allow(blocking_in_async))]
    fn block(&self) -> bool {
        self.witness.begun.add();
        while !self.freed.load(Ordering::Acquire) {
            thread::sleep(Duration::from_millis(1));
        }
        true
    }

    /// Blocks a thread of the blocking pool until `free` is called.
    #[mcp_tool(blocking)]
    fn block_aside(&self) -> bool {
        self.witness.begun.add();
        while !self.freed.load(Ordering::Acquire) {
            thread::sleep(Duration::from_millis(1));
        }
        true
    }

    /// Lets go of those who block.
    #[mcp_tool]
    fn free(&self) -> bool {
        self.freed.store(true, Ordering::Release);
        true
    }

    /// Waits until this many handlers have begun.
    #[mcp_tool]
    async fn begun(&self, least: u64) -> u64 {
        self.witness.begun.reaches(least).await
    }

    /// Waits until this many handlers have been dropped.
    #[mcp_tool]
    async fn dropped(&self, least: u64) -> u64 {
        self.witness.dropped.reaches(least).await
    }

    /// Sleeps for this many milliseconds.
    #[mcp_tool]
    async fn slow(&self, millis: u64) -> u64 {
        tokio::time::sleep(Duration::from_millis(millis)).await;
        millis
    }
}
