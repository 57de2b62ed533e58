//! The middleware of one server, worked out per kind of operation.

use std::{fmt, sync::Arc};

use super::{Hooks, Middleware, OperationKind};

/// Which of its hooks a step calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Message,
    Request,
    Operation,
}

/// One hook of one middleware.
#[derive(Clone)]
pub(crate) struct Step {
    pub(crate) middleware: Arc<dyn Middleware>,
    pub(crate) stage: Stage,
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Step")
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}

/// The steps of each kind of operation.
#[derive(Debug, Default)]
pub(crate) struct Chain([Vec<Step>; OperationKind::ALL.len()]);

impl Chain {
    pub(crate) fn new(stack: &[Arc<dyn Middleware>]) -> Self {
        Self(OperationKind::ALL.map(|kind| {
            stack
                .iter()
                .flat_map(|middleware| steps(middleware, kind))
                .collect()
        }))
    }

    pub(crate) fn steps(&self, kind: OperationKind) -> &[Step] {
        &self.0[kind as usize]
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(Vec::is_empty)
    }
}

/// The steps of one middleware: from the general hook to the special one.
fn steps(middleware: &Arc<dyn Middleware>, kind: OperationKind) -> impl Iterator<Item = Step> {
    let hooks = middleware.hooks();
    let special = kind.hook();
    let stages = [
        hooks.contains(Hooks::MESSAGE).then_some(Stage::Message),
        (kind != OperationKind::Notification && hooks.contains(Hooks::REQUEST))
            .then_some(Stage::Request),
        (special != Hooks::NONE && hooks.contains(special)).then_some(Stage::Operation),
    ];
    let middleware = Arc::clone(middleware);
    stages.into_iter().flatten().map(move |stage| Step {
        middleware: Arc::clone(&middleware),
        stage,
    })
}
