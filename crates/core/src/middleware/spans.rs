//! Spans around the steps of a chain and around mounts, for whoever listens.
//!
//! They have targets of their own, `purlin::middleware` and `purlin::mount`, at
//! level debug. As long as nobody listens they are not made.

use tracing::{Instrument, Level, Span};

use super::{Middleware, Pending, chain::Step};
use crate::registry::Level as Routed;

/// The step, within a span of its own if somebody listens.
pub(super) fn of_step<'a>(step: &Step, pending: impl FnOnce() -> Pending<'a>) -> Pending<'a> {
    if !tracing::enabled!(target: "purlin::middleware", Level::DEBUG) {
        return pending();
    }
    let name = short(Middleware::name(&*step.middleware));
    let span = tracing::debug_span!(
        target: "purlin::middleware",
        "middleware",
        otel.name = format_args!("middleware {name}"),
        purlin.middleware.name = name,
    );
    let pending = span.in_scope(pending);
    pending.within(span)
}

/// The way into a mounted server, within a span of its own if somebody listens.
pub(crate) fn of_mount<'a>(level: Option<&Routed>, pending: Pending<'a>) -> Pending<'a> {
    if !tracing::enabled!(target: "purlin::mount", Level::DEBUG) {
        return pending;
    }
    let Some(level) = level.filter(|level| !level.own) else {
        return pending;
    };
    let server = level.scope.server().map(|server| server.name());
    let span = tracing::debug_span!(
        target: "purlin::mount",
        "delegate",
        otel.name = format_args!("delegate {}", level.local),
        purlin.server.name = server,
    );
    pending.within(span)
}

impl<'a> Pending<'a> {
    /// The same, within a span.
    fn within(self, span: Span) -> Self {
        match self {
            Self::Any(future) => Self::Any(Box::pin(future.instrument(span))),
            Self::Tool(future) => Self::Tool(Box::pin(future.instrument(span))),
            Self::Resource(future) => Self::Resource(Box::pin(future.instrument(span))),
            Self::Prompt(future) => Self::Prompt(Box::pin(future.instrument(span))),
            Self::Tools(future) => Self::Tools(Box::pin(future.instrument(span))),
            Self::Resources(future) => Self::Resources(Box::pin(future.instrument(span))),
            Self::ResourceTemplates(future) => {
                Self::ResourceTemplates(Box::pin(future.instrument(span)))
            }
            Self::Prompts(future) => Self::Prompts(Box::pin(future.instrument(span))),
            Self::Completion(future) => Self::Completion(Box::pin(future.instrument(span))),
        }
    }
}

/// The name of a type without its path and parameters.
fn short(name: &str) -> &str {
    let name = name.split('<').next().unwrap_or(name);
    name.rsplit("::").next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn a_type_is_named_without_its_path() {
        assert_eq!(short("shop::audit"), "audit");
        assert_eq!(short("shop::Cache<alloc::string::String>"), "Cache");
        assert_eq!(short("Plain"), "Plain");
    }
}
