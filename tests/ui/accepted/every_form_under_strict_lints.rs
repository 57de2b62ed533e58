//! Expansions bring no warning into a crate that allows none.

#![forbid(unsafe_code)]
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused_qualifications,
    rust_2018_idioms
)]

use purlin::prelude::*;

/// A server with state.
#[derive(Debug, Default)]
pub struct Weather {
    asked: std::sync::atomic::AtomicUsize,
}

type Answer<T> = std::result::Result<T, ToolError>;

#[mcp_server(
    name = "weather",
    title = "Weather",
    instructions = concat!("Ask ", "away."),
    website = "https://example.com",
    icons("https://example.com/a.png", icon("data:,", mime_type = "image/png", sizes("any"))),
    max_tools = 8,
    lenient
)]
impl Weather {
    const DAYS: u8 = 3;

    /// Current conditions.
    #[mcp_tool(read_only, open_world = false, tags("public"), timeout = "5s", version = "2")]
    async fn current(
        &self,
        /// City name.
        #[arg(min_length = 1, example = "Paris")]
        city: &str,
        cx: &Context,
    ) -> Answer<String> {
        let _revision = cx.clone();
        std::future::ready(()).await;
        Ok(city.to_owned())
    }

    /// The days to come.
    #[mcp_tool(blocking, rate_limit = "10/minute", meta = r#"{"team": "weather"}"#)]
    fn forecast(
        &self,
        #[arg(default = Self::DAYS, range = 1..=10, lenient, alias("nights"))] days: u8,
        #[arg(format = "date", default = "2026-01-31")] from: &str,
        #[arg(pattern = r"^\d+$", sensitive)] pin: String,
        r#type: Option<String>,
        // These names stand in the expansion too.
        server: &[String],
        input: bool,
        kind_0: i64,
    ) -> Vec<u8> {
        let more = usize::from(input) + server.len() + usize::from(r#type.is_some()) + from.len() + pin.len();
        self.asked.fetch_add(more, std::sync::atomic::Ordering::Relaxed);
        vec![days, u8::try_from(kind_0).unwrap_or_default()]
    }

    /// Gone soon.
    #[deprecated = "use `current`"]
    #[mcp_tool]
    fn old() {}

    /// What the system is.
    #[cfg(unix)]
    #[mcp_tool(name = "system")]
    fn unix() -> &'static str {
        "unix"
    }

    /// What the system is.
    #[cfg(not(unix))]
    #[mcp_tool(name = "system")]
    fn other() -> &'static str {
        "other"
    }

    /// What is known of a city.
    #[mcp_resource("weather://{country}/{city}{?days}", mime_type = "text/plain")]
    fn city(&self, cx: &Context, country: &str, city: String, days: Option<u8>) -> String {
        let _revision = cx.clone();
        format!("{city} in {country} for {}", days.unwrap_or(1))
    }

    /// Brief me.
    #[mcp_prompt(title = "Brief me")]
    fn briefing(&self, city: &str) -> String {
        format!("Brief me for {city}.")
    }

    #[mcp_completion(prompt = "briefing", argument = "city")]
    async fn complete(&self, typed: &str) -> Vec<String> {
        vec![typed.to_owned()]
    }
}

/// Plain functions.
#[mcp_server]
pub mod arithmetic {
    /// Adds.
    #[mcp_tool]
    pub fn add(a: i64, b: i64) -> i64 {
        a + b
    }
}

mod private {
    use purlin::prelude::*;

    #[mcp_server]
    pub(super) mod inner {
        use purlin::mcp_tool;

        /// Does nothing.
        #[mcp_tool]
        pub(crate) fn nothing() {}
    }

    /// A generic server.
    pub(super) struct Shelf<T, const N: usize>(pub(super) [T; N]);

    #[mcp_server]
    impl<T, const N: usize> Shelf<T, N>
    where
        T: Clone + Into<String> + Send + Sync + 'static,
    {
        /// All of it.
        #[mcp_tool]
        fn all(&self) -> Vec<String> {
            self.0.iter().cloned().map(Into::into).collect()
        }
    }
}

/// All together.
#[mcp_server(setup = Self::finish)]
#[allow(missing_debug_implementations)]
pub struct Platform {
    #[mount(prefix = "weather")]
    weather: Weather,
    #[mount(prefix = "math")]
    math: arithmetic::Server,
    #[mount]
    inner: private::inner::Server,
    #[mount(prefix = "shelf")]
    shelf: private::Shelf<String, 1>,
    #[mount(prefix = "shared")]
    shared: std::sync::Arc<Weather>,
}

#[mcp_server(part)]
impl Platform {
    /// Whether all is well.
    #[mcp_tool]
    fn status(&self) -> bool {
        true
    }

    fn finish(&self, server: Server) -> Server {
        server.middleware(open).middleware(Count)
    }
}

macro_rules! server {
    ($name:ident, $ty:ty, $default:expr) => {
        /// Made by a macro.
        #[mcp_server]
        pub mod $name {
            /// Hands it back.
            #[mcp_tool]
            pub fn same(#[arg(default = $default)] value: $ty) -> $ty {
                value
            }
        }
    };
}

server!(made, u8, 1 + 2);

/// Lets everything through.
#[middleware]
pub async fn open(call: ToolCall<'_>, next: Next<'_>) -> Result<ToolResult> {
    next.run(call).await
}

/// Counts.
#[derive(Debug)]
pub struct Count;

#[middleware]
impl Count {
    async fn call(&self, call: ToolCall<'_>, next: Next<'_>) -> Result<ToolResult> {
        next.run(call).await
    }

    async fn list(
        &self,
        list: ToolList<'_>,
        next: Next<'_>,
    ) -> Result<purlin::middleware::Listing<purlin::protocol::Tool>> {
        next.run(list).await
    }
}

#[purlin::main(worker_threads = 1)]
async fn main() -> Result<()> {
    assert_eq!(arithmetic::add(1, 2), 3);
    assert_eq!(made::same(1), 1);
    let platform = Platform {
        weather: Weather::default(),
        math: arithmetic::Server,
        inner: private::inner::Server,
        shelf: private::Shelf(["a".to_owned()]),
        shared: std::sync::Arc::default(),
    };
    let _server = platform.into_server();
    let _made = made::Server.into_server();
    Ok(())
}
