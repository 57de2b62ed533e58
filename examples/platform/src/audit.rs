//! Who called what, and how it went.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use purlin::{Lifespan, prelude::*};
use serde::Serialize;

use crate::caller::Caller;

/// How many calls are remembered.
const KEPT: usize = 100;

/// One call of a tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The name of the client.
    pub client: String,
    /// The name of the tool.
    pub tool: String,
    /// Whether it did what it was asked to.
    pub ok: bool,
}

/// The most recent calls, for as long as the platform runs.
#[derive(Debug, Default)]
pub struct Trail(Mutex<VecDeque<Entry>>);

impl Trail {
    /// Every call that is remembered, newest last.
    pub fn recent(&self) -> Vec<Entry> {
        self.entries().iter().cloned().collect()
    }

    fn record(&self, entry: Entry) {
        let mut entries = self.entries();
        if entries.len() == KEPT {
            entries.pop_front();
        }
        entries.push_back(entry);
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, VecDeque<Entry>> {
        // Every change is one step, so what a panic left behind is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens the [`Trail`] when the platform starts.
#[derive(Debug)]
pub struct Opening;

impl Lifespan for Opening {
    type Value = Trail;

    async fn open(&self) -> Result<Trail> {
        Ok(Trail::default())
    }

    async fn close(&self, trail: std::sync::Arc<Trail>) {
        tracing::info!(calls = trail.recent().len(), "the audit trail ends");
    }
}

/// Records every call of a tool.
#[middleware]
pub async fn record_calls(call: ToolCall<'_>, next: Next<'_>) -> Result<ToolResult> {
    let (cx, tool) = (call.context(), call.name().to_owned());
    let result = next.run(call).await;
    let ok = result.as_ref().is_ok_and(|result| !result.is_error());
    let client = cx
        .state()
        .get::<Caller>()
        .map_or_else(String::new, |caller| caller.client.clone());
    tracing::info!(client, tool, ok, "called");
    if let Some(trail) = cx.resource::<Trail>() {
        trail.record(Entry { client, tool, ok });
    }
    result
}
