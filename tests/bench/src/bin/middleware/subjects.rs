//! The same server, behind one middleware or a stack of them.

use std::{error::Error, hint::black_box, io, time::Duration};

use purlin::{
    BoxFuture, Rate, Result, Server,
    middleware::{
        AnyRequest, AnyResponse, Audit, Authorize, Cache, CircuitBreaker, Concurrency,
        DetailedTiming, ErrorHandling, Hooks, Logging, Middleware, Next, RateLimit, Redaction,
        ResponseLimit, Retry, SlidingWindow, Stack, Tenants, Timeout, Timing, Usage,
        audit::{AuditSink, Head},
        stack::Layer,
        usage::{UsageCounts, UsageKey, UsageSink},
    },
    prelude::*,
};

/// The subject that all others are compared with.
pub const BARE: &str = "bare";

/// The tool measured: one that may be repeated and kept, so that nothing is
/// passed over.
#[mcp_server(name = "bench")]
mod tools {
    /// Adds two numbers.
    #[mcp_tool(read_only, idempotent)]
    pub fn add(a: i64, b: i64) -> i64 {
        a + b
    }
}

/// Passes on: what any hook costs.
struct Pass;

impl Middleware for Pass {
    fn hooks(&self) -> Hooks {
        Hooks::REQUEST
    }

    fn on_request<'a>(
        &'a self,
        request: AnyRequest<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<AnyResponse>> {
        Box::pin(next.run(request))
    }
}

/// Takes records and keeps none.
struct Nowhere;

impl AuditSink for Nowhere {
    fn head(&self) -> Option<Head> {
        None
    }

    fn append(&mut self, record: &str, _head: &Head) -> io::Result<()> {
        black_box(record);
        Ok(())
    }

    fn commit(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Takes counts and keeps none.
struct Uncounted;

impl UsageSink for Uncounted {
    fn record<'a>(&'a self, _: &'a UsageKey, _: &'a UsageCounts) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Ok(()) })
    }
}

fn bare() -> Server {
    tools::Server.into_server()
}

fn behind(middleware: impl Middleware) -> Server {
    bare().middleware(middleware)
}

/// Lines that are written, and go nowhere.
fn heard(logging: Logging) -> Logging {
    logging.to(|_, line| {
        black_box(line);
    })
}

/// The limits of production, high enough for this.
fn rate_limit() -> RateLimit {
    let rate = Rate::new(100_000_000, Duration::from_secs(1));
    RateLimit::none()
        .principal(rate, 100_000_000)
        .unauthenticated(rate, 100_000_000)
        .strangers(rate, 100_000_000)
}

fn production() -> Stack {
    Stack::production().with(Layer::RateLimit, rate_limit())
}

/// All subjects, the bare one first.
pub fn subjects() -> std::result::Result<Vec<(&'static str, Server)>, Box<dyn Error>> {
    let second = Duration::from_secs(1);
    Ok(vec![
        (BARE, bare()),
        ("pass", behind(Pass)),
        ("logging-unheard", behind(Logging::json())),
        ("logging", behind(heard(Logging::json()))),
        (
            "logging-payloads",
            behind(heard(Logging::json().payloads(true))),
        ),
        (
            "timing",
            behind(Timing::new().to(|line| {
                black_box(line);
            })),
        ),
        ("detailed-timing", behind(DetailedTiming::new())),
        ("error-handling", behind(ErrorHandling::new())),
        ("timeout", behind(Timeout::after(second))),
        ("retry", behind(Retry::new())),
        ("response-limit", behind(ResponseLimit::default())),
        ("redaction", behind(Redaction::default())),
        // Few places, so that its thread is at work in its own rounds and not in the next ones.
        ("audit", behind(Audit::to(Nowhere)?.capacity(64))),
        ("rate-limit", behind(rate_limit())),
        (
            "sliding-window",
            behind(SlidingWindow::new(Rate::new(100_000_000, 60 * second))),
        ),
        ("concurrency", behind(Concurrency::new(256))),
        ("circuit-breaker", behind(CircuitBreaker::new())),
        // Answered from the cache; longer than any measurement.
        ("cache", behind(Cache::none().calls(3_600 * second))),
        ("usage", behind(Usage::new(Uncounted))),
        ("tenants", behind(Tenants::required().concurrency(32))),
        ("authorize", behind(Authorize::new().check(|_| true))),
        ("production", production().around(bare())),
        (
            "production-logged",
            production()
                .with(Layer::Logging, heard(Logging::json()))
                .around(bare()),
        ),
    ])
}
