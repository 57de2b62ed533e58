//! The middleware of one server, worked out per kind of operation.

use std::{fmt, sync::Arc};

use super::{Hooks, Middleware, OperationKind};

/// One hook of one middleware.
#[derive(Clone)]
pub(crate) struct Step {
    pub(crate) middleware: Arc<dyn Middleware>,
    /// Which of its hooks is called: one.
    pub(crate) hook: Hooks,
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Step")
            .field("hook", &self.hook)
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

    /// Every middleware that has a step, once for each.
    pub(crate) fn middleware(&self) -> impl Iterator<Item = &Arc<dyn Middleware>> {
        self.0.iter().flatten().map(|step| &step.middleware)
    }

    /// This chain, and `inner` inside of it.
    pub(crate) fn around(&self, inner: &Self) -> Self {
        Self(OperationKind::ALL.map(|kind| [self.steps(kind), inner.steps(kind)].concat()))
    }
}

/// The steps of one middleware: from the general hook to the special one.
fn steps(middleware: &Arc<dyn Middleware>, kind: OperationKind) -> impl Iterator<Item = Step> {
    let hooks = middleware.hooks();
    let special = kind.hook();
    let wanted = [
        Some(Hooks::MESSAGE),
        (kind != OperationKind::Notification).then_some(Hooks::REQUEST),
        (special != Hooks::NONE).then_some(special),
    ];
    let middleware = Arc::clone(middleware);
    wanted
        .into_iter()
        .flatten()
        .filter(move |hook| hooks.contains(*hook))
        .map(move |hook| Step {
            middleware: Arc::clone(&middleware),
            hook,
        })
}
