//! Handlers that panic.

use purlin::prelude::mcp_server;

/// Panics in every place a handler has.
#[mcp_server]
pub(crate) mod faults {
    use purlin::prelude::*;

    /// Panics before it first waits.
    #[mcp_tool]
    fn panic_at_once() -> String {
        panic!("at once: the password is hunter2")
    }

    /// Panics after it has waited.
    #[mcp_tool]
    async fn panic_later() -> String {
        tokio::task::yield_now().await;
        panic!("later")
    }

    /// Panics on the blocking pool.
    #[mcp_tool(blocking)]
    fn panic_blocking() -> String {
        panic!("blocking")
    }

    /// Panics with something that is no text.
    #[mcp_tool]
    fn panic_with_a_number() -> String {
        std::panic::panic_any(42)
    }

    /// Spawns a task that panics.
    #[mcp_tool]
    async fn panic_in_a_task() -> bool {
        tokio::spawn(async { panic!("in a task") }).await.is_err()
    }

    /// Panics while it is dropped.
    #[mcp_tool]
    async fn panic_when_dropped() -> String {
        let _bomb = super::Bomb;
        std::future::pending().await
    }

    /// A resource that panics.
    #[mcp_resource("panic://resource")]
    fn panicking_resource() -> String {
        panic!("resource")
    }

    /// A prompt that panics.
    #[mcp_prompt]
    fn panicking_prompt(word: &str) -> String {
        panic!("{word}")
    }

    #[mcp_completion(prompt = "panicking_prompt", argument = "word")]
    fn panicking_completion(typed: &str) -> Vec<String> {
        panic!("{typed}")
    }
}

pub(crate) use faults::Server;

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("dropped");
    }
}
