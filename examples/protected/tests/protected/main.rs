//! Logs in to the example as its users do: with a client that knows nothing but
//! the URL, and a browser that shows the pages of the authorization server.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

mod browser;

use std::{net::TcpListener, sync::Arc};

use protected::{Orders, authorization, protection};
use purlin::{
    Principal,
    auth::{client::OAuth, client::user_agent::Loopback},
    client::{Client, ErrorKind, http::HttpEndpoint},
    http::{HttpConfig, HttpServer},
    testing,
};
use serde_json::json;
use tokio::{sync::oneshot, task::JoinHandle};

use browser::Browser;

/// The example, listening on a port of its own.
struct Example {
    url: String,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

impl Example {
    async fn start() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let origin = format!("http://{address}");
        let protection = protection(authorization(&origin)).unwrap();
        let server = HttpServer::builder(Orders::new())
            .config(HttpConfig::new().authenticator(protection))
            .bind(address)
            .signals(false)
            .listen()
            .await
            .unwrap();
        let (stop, stopped) = oneshot::channel();
        let server = server.shutdown_on(async move {
            let _ = stopped.await;
        });
        let served = tokio::spawn(async move { server.serve().await.unwrap() });
        Self {
            url: format!("{origin}/mcp"),
            stop,
            served,
        }
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        self.served.await.unwrap();
    }

    /// A client of somebody at a browser, who has to log in there.
    async fn client(&self, user: &'static str) -> (Client, Arc<Browser>) {
        let browser = Arc::new(Browser::of(user));
        let shown = Arc::clone(&browser);
        let agent = Loopback::shown_by(move |page| {
            let (browser, url) = (Arc::clone(&shown), page.url().to_owned());
            tokio::spawn(async move { browser.visit(url).await });
            Ok(())
        });
        let oauth = OAuth::login().name("Order Desk").user_agent(agent).build();
        let endpoint = HttpEndpoint::new(&self.url).unwrap().authorize(oauth);
        (Client::connect(endpoint).await.unwrap(), browser)
    }
}

async fn tools(client: &Client) -> Vec<String> {
    let tools = client.list_tools().await.unwrap();
    tools.into_iter().map(|tool| tool.name).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clerk_sees_and_does_what_clerks_may_and_gets_more_when_asked() {
    let example = Example::start().await;
    let (carol, browser) = example.client("carol").await;
    let who: String = carol.call("who_am_i", json!({})).await.unwrap();
    assert_eq!(who, "carol (clerk)");
    assert_eq!(browser.consents(), [["orders:read"]]);
    // What needs a permission more is not shown yet, but can be asked for.
    assert_eq!(tools(&carol).await, ["who_am_i", "orders"]);
    let number: u64 = carol.call("place", json!({})).await.unwrap();
    assert_eq!(browser.consents().len(), 2, "the user was asked once more");
    assert_eq!(browser.consents()[1], ["orders:read", "orders:write"]);
    assert_eq!(
        tools(&carol).await,
        ["who_am_i", "orders", "place", "cancel"]
    );
    // Her own order, not Alice's.
    let mine: String = carol
        .call("cancel", json!({ "number": number }))
        .await
        .unwrap();
    assert_eq!(mine, format!("order {number} is cancelled"));
    let alices = carol.call::<String>("cancel", json!({ "number": 1 })).await;
    assert_eq!(alices.unwrap_err().kind(), ErrorKind::Unauthorized);
    assert_eq!(browser.consents().len(), 2, "no permission would help");
    // To her there is no such tool.
    let hidden = carol.call::<String>("refund", json!({ "number": 1 })).await;
    let missing = carol
        .call::<String>("nothing", json!({ "number": 1 }))
        .await;
    assert_eq!(hidden.unwrap_err().code(), missing.unwrap_err().code());
    drop(carol);
    example.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_admin_sees_and_does_more() {
    let example = Example::start().await;
    let (alice, browser) = example.client("alice").await;
    assert_eq!(tools(&alice).await, ["who_am_i", "orders", "refund"]);
    let refund: String = alice.call("refund", json!({ "number": 1 })).await.unwrap();
    assert_eq!(refund, "order 1 is paid back");
    assert_eq!(
        browser.consents().len(),
        1,
        "her role needs no permission more"
    );
    drop(alice);
    example.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_gets_in_who_does_not_log_in() {
    let example = Example::start().await;
    let refused = Client::connect(example.url.as_str()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unauthorized);
    example.stop().await;
}

#[tokio::test]
async fn rules_are_tried_without_any_login() {
    let carol = Principal::new("carol").with_scopes(["orders:write"]);
    let client = testing::client(Orders::new())
        .principal(carol)
        .connect()
        .await;
    let catalogue = client.catalogue().await;
    assert_eq!(
        catalogue.tool_names(),
        ["who_am_i", "orders", "place", "cancel"]
    );
    let refused = client.call_tool("cancel", json!({ "number": 1 })).await;
    assert_eq!(refused.unwrap_err().code(), Some(403));
}
