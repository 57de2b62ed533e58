//! The places of a stack.

/// A place in a [`Stack`](super::Stack). The order of the variants is that of
/// the stack, outermost first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Layer {
    /// Outermost, so that a line tells what the client got, refusals included.
    Logging,
    /// Measures all that follows.
    Timing,
    /// Records refusals too, with the correlation id that errors got within.
    Audit,
    /// Explains the errors of everything within.
    ErrorHandling,
    /// Bounds everything that may wait: queues, shared limits, repeats.
    Timeout,
    /// Knows whose request it is before anything is counted or kept for anybody.
    Tenants,
    /// Refuses before it costs an allowance.
    Authorize,
    /// Refuses before anything is done.
    RateLimit,
    /// Counts what was let in, whether it is answered from a cache or not.
    Usage,
    /// Answers before a place in a queue is needed.
    Cache,
    /// Bounds what runs at one time.
    Concurrency,
    /// Cuts once, before the answer is kept.
    ResponseLimit,
    /// Takes secrets out before the answer is kept.
    Redaction,
    /// Repeats what failed within.
    Retry,
    /// Counts each attempt.
    CircuitBreaker,
    /// Writes out the schemas of all tools, injected ones too.
    Dereference,
    /// Nearest to the tools it stands in for.
    ToolInjection,
    /// Sees notifications alone.
    Ping,
}

impl Layer {
    /// All places, outermost first.
    pub const ALL: [Self; 18] = [
        Self::Logging,
        Self::Timing,
        Self::Audit,
        Self::ErrorHandling,
        Self::Timeout,
        Self::Tenants,
        Self::Authorize,
        Self::RateLimit,
        Self::Usage,
        Self::Cache,
        Self::Concurrency,
        Self::ResponseLimit,
        Self::Redaction,
        Self::Retry,
        Self::CircuitBreaker,
        Self::Dereference,
        Self::ToolInjection,
        Self::Ping,
    ];

    /// The name, as [`Stack::names`](super::Stack::names) tells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Logging => "logging",
            Self::Timing => "timing",
            Self::Audit => "audit",
            Self::ErrorHandling => "error_handling",
            Self::Timeout => "timeout",
            Self::Tenants => "tenants",
            Self::Authorize => "authorize",
            Self::RateLimit => "rate_limit",
            Self::Usage => "usage",
            Self::Cache => "cache",
            Self::Concurrency => "concurrency",
            Self::ResponseLimit => "response_limit",
            Self::Redaction => "redaction",
            Self::Retry => "retry",
            Self::CircuitBreaker => "circuit_breaker",
            Self::Dereference => "dereference",
            Self::ToolInjection => "tool_injection",
            Self::Ping => "ping",
        }
    }
}
