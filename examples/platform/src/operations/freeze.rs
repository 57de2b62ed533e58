//! A change freeze: a switch, and the middleware that minds it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use purlin::prelude::*;

/// Whether changes are frozen. A clone is the same switch.
#[derive(Debug, Clone, Default)]
pub(super) struct Freeze(Arc<AtomicBool>);

impl Freeze {
    pub(super) fn set(&self, on: bool) {
        self.0.store(on, Ordering::Relaxed);
    }

    fn is_on(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[middleware]
impl Freeze {
    async fn refuse_changes(&self, call: ToolCall<'_>, next: Next<'_>) -> Result<ToolResult> {
        if self.is_on() && call.has_tag("changes") {
            let refusal = ToolError::new("a change freeze is on")
                .with_code("frozen")
                .with_recovery("Ask the user to end the freeze.");
            return Err(refusal.into());
        }
        next.run(call).await
    }
}
