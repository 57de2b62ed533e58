//! Spans around the steps of a chain and around mounts, for whoever listens.
//!
//! They have targets of their own, `purlin::middleware` and `purlin::mount`, at
//! level debug. As long as nobody listens they are not made.

use tracing::{Instrument, Span, field::Empty};

use super::{Middleware, Pending, chain::Step};
use crate::{Server, registry::Level, server::Scope};

/// The step, within a span of its own if somebody listens.
pub(super) fn of_step<'a>(step: &Step, pending: impl FnOnce() -> Pending<'a>) -> Pending<'a> {
    if !tracing::enabled!(target: "purlin::middleware", tracing::Level::DEBUG) {
        return pending();
    }
    let name = short(Middleware::name(&*step.middleware));
    if name.is_empty() {
        return pending();
    }
    let span = tracing::debug_span!(
        target: "purlin::middleware",
        "middleware",
        otel.name = format_args!("middleware {name}"),
        purlin.middleware.name = name,
        // Recorded by what gives failures an id.
        correlation_id = Empty,
    );
    let pending = span.in_scope(pending);
    pending.within(span)
}

/// The span of the way into a mounted server, if somebody listens.
///
/// `entry` is the component, with the levels on the way to it and where it
/// stands; `level` comes next, and `name` is what the way calls it so far.
pub(crate) fn of_mount(entry: Option<(&[Level], &Scope)>, level: usize, name: &str) -> Span {
    let Some((levels, scope)) = entry else {
        return Span::none();
    };
    if !tracing::enabled!(target: "purlin::mount", tracing::Level::DEBUG) {
        return Span::none();
    }
    let (server, name) = match levels.get(level) {
        Some(next) if !next.own => (next.scope.server(), &*next.local),
        // The server the component belongs to, unless it was entered before.
        _ => (
            scope.server().filter(|server| !entered(levels, server)),
            name,
        ),
    };
    let Some(server) = server else {
        return Span::none();
    };
    tracing::debug_span!(
        target: "purlin::mount",
        "delegate",
        otel.name = format_args!("delegate {name}"),
        purlin.server.name = server.name(),
    )
}

/// Whether one of the levels is the way into this server.
fn entered(levels: &[Level], server: &Server) -> bool {
    let mut mounts = levels.iter().filter(|level| !level.own);
    mounts.any(|level| level.scope.server().is_some_and(|have| have.is(server)))
}

impl<'a> Pending<'a> {
    /// The same, within a span if there is one.
    pub(crate) fn within(self, span: Span) -> Self {
        if span.is_none() {
            return self;
        }
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
            Self::Initialize(future) => Self::Initialize(Box::pin(future.instrument(span))),
            Self::Discover(future) => Self::Discover(Box::pin(future.instrument(span))),
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
