//! The server under load: everything that production has around it, and tools
//! that work, ask, count, panic and hang.

// Who starts it reads the address there.
#![allow(clippy::print_stdout)]

use std::{sync::Arc, time::Duration};

use clap::Parser;
use purlin::{
    KeyRing, Rate,
    http::{HttpConfig, HttpServer},
    middleware::{CircuitBreaker, Concurrency, RateLimit, Stack, stack::Layer},
    prelude::*,
};
use purlin_stores::{Encrypted, Redis};

/// Gives the memory of a rush back to the system, as the allocator of glibc does
/// not (`docs/resilience.md`). `cargo xtask load` and `soak` measure with it.
#[cfg(all(feature = "jemalloc", not(target_env = "msvc")))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// How many calls of `busy` run at one time, and how many wait.
const PLACES: usize = 16;
const QUEUE: usize = 64;

/// What a call of `busy` waits for; with [`PLACES`] this makes 800 a second.
const BUSY: Duration = Duration::from_millis(20);

#[derive(Debug, Parser)]
struct Arguments {
    /// How long a session may be idle, in seconds.
    #[arg(long, default_value_t = 1_800)]
    session_idle: u64,
    /// The URL of a Redis to keep sessions in; in memory otherwise.
    #[arg(long)]
    store: Option<String>,
}

/// A form with one field.
#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Consent {
    yes: bool,
}

struct Loaded;

#[mcp_server(name = "loaded", version = "1.0.0")]
impl Loaded {
    /// Adds two numbers.
    #[mcp_tool]
    fn add(&self, a: i64, b: i64) -> i64 {
        a + b
    }

    /// Takes as long as a call elsewhere would.
    #[mcp_tool]
    async fn busy(&self, token: String) -> String {
        tokio::time::sleep(BUSY).await;
        token
    }

    /// So many bytes.
    #[mcp_tool]
    fn fill(&self, bytes: usize) -> String {
        "x".repeat(bytes.min(1 << 20))
    }

    /// Takes so long, says so on the way, and gives the token back.
    #[mcp_tool]
    async fn slow(&self, token: String, ms: u64, cx: &Context) -> String {
        cx.progress(1, 2);
        tokio::time::sleep(Duration::from_millis(ms)).await;
        token
    }

    /// Asks the user in the middle of the call.
    #[mcp_tool]
    async fn confirm(&self, token: String, cx: &Context) -> Result<String> {
        let answer = cx.elicit::<Consent>(format!("really {token}?")).await?;
        let yes = answer.accepted().is_some_and(|consent| consent.yes);
        Ok(format!("{token}: {yes}"))
    }

    /// Counts in the session.
    #[mcp_tool]
    async fn count(&self, cx: &Context) -> Result<u32> {
        let one_more = |n: Option<u32>| Some(n.unwrap_or(0) + 1);
        Ok(cx.session()?.update("n", one_more).await?.unwrap_or(0))
    }

    /// Panics.
    #[mcp_tool]
    fn panic(&self, token: String) -> String {
        std::panic::panic_any(token)
    }

    /// Never ends.
    #[mcp_tool]
    async fn hang(&self) -> String {
        std::future::pending().await
    }

    /// Tells everybody who listens that the page changed.
    #[mcp_tool]
    fn announce(&self, cx: &Context) -> &'static str {
        cx.notify_resource_updated("load://news");
        "announced"
    }

    /// How many tasks there are in this process.
    #[mcp_tool]
    async fn tasks(&self) -> usize {
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
    }

    /// What changes when it is announced.
    #[mcp_resource("load://news")]
    fn news(&self) -> &'static str {
        "news"
    }

    /// A page that says its number.
    #[mcp_resource("load://page/{number}")]
    fn page(&self, number: u64) -> String {
        format!("page {number}")
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let mut server = stack().around(Loaded.into_server());
    if let Some(url) = &arguments.store {
        let keys = KeyRing::new([[7; 32]]);
        // Sealed, so that bytes which were changed on the way are found out.
        let store = Encrypted::new(Redis::builder(url.clone()).build()?, keys.clone());
        server = server.with_store(Arc::new(store)).key_ring(keys);
    }
    let config = HttpConfig::new()
        .session_limits(200_000, 200_000)
        .session_idle(Duration::from_secs(arguments.session_idle));
    let http = HttpServer::builder(server)
        .bind("127.0.0.1:0")
        .config(config)
        .listen()
        .await?;
    println!("{}", http.local_addr());
    http.serve().await?;
    Ok(())
}

/// How long a breaker stays open: no longer than recovery may take.
const PAUSE: Duration = Duration::from_secs(2);

/// The stack of production. All load comes from one machine, so what a caller may
/// do is what all of them may do; one tool has few places; and the one that panics
/// by its nature has no breaker, or it would soon panic no more.
fn stack() -> Stack {
    let rate = Rate::new(1_000_000, Duration::from_secs(1));
    Stack::production()
        .with(
            Layer::RateLimit,
            RateLimit::none().unauthenticated(rate, 1_000_000),
        )
        .with(
            Layer::Concurrency,
            Concurrency::none().tool("busy", PLACES).queue(QUEUE),
        )
        .with(
            Layer::CircuitBreaker,
            CircuitBreaker::new().pause(PAUSE).by(|request| {
                let name = &request.as_tool_call()?.tool()?.name;
                (name != "panic").then(|| name.to_owned())
            }),
        )
}
