//! A program that is served with everything that tells of it: a log, traces,
//! metrics, the stack for production, and a page for Prometheus at a port of its
//! own.

// Who starts it reads the addresses there.
#![allow(clippy::print_stderr)]
// Tools own their arguments.
#![allow(clippy::needless_pass_by_value)]

use purlin::{
    Error, ErrorKind, Server,
    client::Client,
    http::{HttpConfig, HttpServer},
    middleware::Stack,
    prelude::*,
    telemetry::prometheus::Prometheus,
};

/// What it offers.
#[mcp_server(name = "observed", version = "4.0.0")]
mod shop {
    use super::*;

    /// Takes a secret and keeps it.
    #[mcp_tool]
    fn pay(card: String) -> usize {
        tracing::info!(length = card.len(), "paid");
        card.len()
    }

    /// Fails for a reason of its own.
    #[mcp_tool]
    fn refuse(card: String) -> Result<usize> {
        Err(Error::new(ErrorKind::Io, format!("no {}", card.len())))
    }

    /// Breaks.
    #[mcp_tool]
    fn crash(card: String) -> usize {
        assert!(card.is_empty(), "a card of some length");
        0
    }

    /// How a request looks to who prints it.
    #[mcp_tool]
    fn show(card: String, cx: &Context) -> String {
        tracing::trace!(?cx, length = card.len(), "shown");
        format!("{cx:?} {:?}", cx.principal())
    }

    /// What came with a request: its trace and its baggage.
    #[mcp_tool]
    fn heard(cx: &Context) -> Vec<String> {
        let carried = ["traceparent", "baggage"].map(|member| cx.carried(member));
        let texts = carried.into_iter().flatten();
        texts.map(std::borrow::Cow::into_owned).collect()
    }

    /// Calls `heard` at another server.
    #[mcp_tool]
    async fn onward(url: String) -> Result<Vec<String>> {
        let client = Client::connect(url.as_str()).await.map_err(failed)?;
        let arguments = serde_json::json!({});
        let heard = client.call("heard", arguments).await.map_err(failed)?;
        client.close().await;
        Ok(heard)
    }

    /// A note.
    #[mcp_resource("notes://{name}{?token}")]
    fn note(name: String, token: String) -> String {
        format!("a note of {} letters", name.len() + token.len())
    }

    /// Greets.
    #[mcp_prompt]
    fn greet(who: String) -> String {
        format!("Greet them in {} letters.", who.len())
    }
}

/// What stands behind a mount.
#[mcp_server(name = "archive", version = "1.0.0")]
mod archive {
    /// A page.
    #[mcp_resource("pages://{name}{?token}")]
    fn page(name: String, token: String) -> String {
        format!("a page of {} letters", name.len() + token.len())
    }
}

fn failed(error: impl std::error::Error) -> Error {
    Error::new(ErrorKind::Io, error.to_string())
}

#[purlin::main]
async fn main() -> Result<()> {
    let prometheus = Prometheus::new();
    let shop = shop::Server.into_server();
    shop.mount("archive", &archive::Server.into_server())?;
    let server = Stack::production().around(shop);
    let server = prometheus.around(server);
    let config = HttpConfig::new().route("/metrics", prometheus.page(&server));
    let page = HttpServer::builder(Server::builder("page", "1.0.0"))
        .config(config)
        .bind("127.0.0.1:0")
        .signals(false);
    let page = page.listen().await.map_err(failed)?;
    eprintln!("page {}", page.local_addr());
    // The task ends with the process.
    tokio::spawn(page.serve());
    server
        .serve()
        .announce(|url| eprintln!("endpoint {url}"))
        .await
}
