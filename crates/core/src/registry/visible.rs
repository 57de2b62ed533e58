//! Who sees what: the part of a list that one caller may use.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context as Task, Poll},
    time::Duration,
};

use tokio::{
    runtime::Handle,
    time::{Sleep, sleep},
};

use super::Component;
use crate::{
    BoxFuture, Context,
    access::{Permissions, Purpose, Verdict},
};

/// For how many items of a list policies are asked at the same time.
const AT_ONCE: usize = 32;
/// How long a list waits for policies.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// For each component, whether whoever sent the request may use it. Policies
/// that have not decided in time deny.
pub(crate) async fn visible<'a, C: Component>(cx: &'a Context, components: &[&'a C]) -> Vec<bool> {
    let permissions = &cx.server().tail().permissions;
    let mut asking = Asking {
        shown: Vec::with_capacity(components.len()),
        open: Vec::new(),
        left: Vec::new(),
        timer: None,
    };
    for (index, component) in components.iter().enumerate() {
        asking.shown.push(admits(cx, *component, permissions));
        if component.access().requirement.has_policies() {
            asking.left.push((index, decide(cx, *component)));
        }
    }
    // Taken from the end: the first of the list are asked first.
    asking.left.reverse();
    if !asking.left.is_empty() {
        poll_fn(|task| asking.poll(task)).await;
    }
    asking.shown
}

/// Whether scopes and roles are enough, and nobody has to be asked.
fn admits<C: Component>(cx: &Context, component: &C, permissions: &Permissions) -> bool {
    let requirement = &component.access().requirement;
    !requirement.has_policies() && requirement.admits(cx.origin(), permissions)
}

fn decide<'a, C: Component>(cx: &'a Context, component: &'a C) -> BoxFuture<'a, bool> {
    let subject = || component.subject(Purpose::List);
    let judged = component.access().requirement.judge(cx, subject);
    Box::pin(async move { matches!(judged.await, Verdict::Granted) })
}

/// What is being asked, a few items at a time.
struct Asking<'a> {
    shown: Vec<bool>,
    open: Vec<(usize, BoxFuture<'a, bool>)>,
    left: Vec<(usize, BoxFuture<'a, bool>)>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Asking<'_> {
    fn poll(&mut self, task: &mut Task<'_>) -> Poll<()> {
        loop {
            let room = AT_ONCE - self.open.len();
            let next = self.left.len().saturating_sub(room);
            self.open.extend(self.left.drain(next..).rev());
            if self.open.is_empty() {
                return Poll::Ready(());
            }
            if !self.poll_open(task) {
                return self.poll_timer(task);
            }
        }
    }

    /// Whether something was decided.
    fn poll_open(&mut self, task: &mut Task<'_>) -> bool {
        let before = self.open.len();
        let shown = &mut self.shown;
        self.open
            .retain_mut(|(index, decision)| match decision.as_mut().poll(task) {
                Poll::Ready(allowed) => {
                    shown[*index] = allowed;
                    false
                }
                Poll::Pending => true,
            });
        self.open.len() < before
    }

    fn poll_timer(&mut self, task: &mut Task<'_>) -> Poll<()> {
        if Handle::try_current().is_err() {
            return Poll::Pending;
        }
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(MAX_WAIT)));
        let expired = timer.as_mut().poll(task);
        if expired.is_ready() {
            let undecided = self.open.len() + self.left.len();
            tracing::warn!(
                target: "purlin::authorize",
                undecided,
                "policies took too long over a list, which denies"
            );
        }
        expired
    }
}
