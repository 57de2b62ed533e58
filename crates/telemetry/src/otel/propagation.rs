//! Traces that come in with requests and go on with what is sent.

use std::collections::HashMap;

use opentelemetry::{
    Context,
    propagation::{Injector, TextMapPropagator},
    trace::TraceContextExt,
};
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};
use purlin_core::trace::{MEMBERS, Propagate};

/// Carries on the trace that the running code belongs to.
#[derive(Debug, Default)]
pub(super) struct Carrying {
    trace: TraceContextPropagator,
    baggage: BaggagePropagator,
}

impl Propagate for Carrying {
    fn inject(&self, set: &mut dyn FnMut(&'static str, String)) {
        let current = Context::current();
        let mut members = Members(set);
        if current.span().span_context().is_valid() {
            self.trace.inject_context(&current, &mut members);
            self.baggage.inject_context(&current, &mut members);
        }
    }
}

/// Takes what propagators write.
struct Members<'a>(&'a mut dyn FnMut(&'static str, String));

impl Injector for Members<'_> {
    fn set(&mut self, key: &str, value: String) {
        let member = MEMBERS.into_iter().find(|member| *member == key);
        if let Some(member) = member.filter(|_| !value.is_empty()) {
            (self.0)(member, value);
        }
    }
}

/// The trace that a request says it belongs to, if it does.
pub(super) fn of_request(cx: &purlin_core::Context) -> Option<Context> {
    let mut carried = HashMap::new();
    for member in MEMBERS {
        if let Some(value) = cx.carried(member) {
            carried.insert(member.to_owned(), value.into_owned());
        } else if carried.is_empty() {
            // The first of them is the parent; the others say nothing alone.
            return None;
        }
    }
    let nothing = Context::new();
    let parent = TraceContextPropagator::new().extract_with_context(&nothing, &carried);
    if !parent.span().span_context().is_valid() {
        return None;
    }
    Some(BaggagePropagator::new().extract_with_context(&parent, &carried))
}
