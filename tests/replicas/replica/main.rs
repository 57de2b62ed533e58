//! One of several processes that serve the same clients: what it needs comes
//! from the environment, where it listens goes to standard output.

// Who starts it reads the address there.
#![allow(clippy::print_stdout)]

use std::{sync::Arc, time::Duration};

use purlin::{
    KeyRing,
    http::{HttpConfig, HttpServer},
    prelude::*,
    store::{Key, KeyValue},
};
use purlin_stores::Redis;

/// A form with one field.
#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Consent {
    yes: bool,
}

/// What every replica offers.
struct Replica {
    store: Arc<dyn KeyValue>,
}

#[mcp_server(name = "replica", version = "1.0.0")]
impl Replica {
    /// Says which process this is.
    #[mcp_tool]
    fn process(&self) -> u32 {
        std::process::id()
    }

    /// Says a few words on the way, and gives the token back.
    #[mcp_tool]
    async fn work(&self, token: String, cx: &Context) -> String {
        for step in 0..4 {
            cx.progress(step, 4);
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        token
    }

    /// Asks the user in the middle of the call.
    #[mcp_tool]
    async fn confirm(&self, token: String, cx: &Context) -> Result<String> {
        cx.progress(1, 2);
        let answer = cx.elicit::<Consent>(format!("really {token}?")).await?;
        let yes = answer.accepted().is_some_and(|consent| consent.yes);
        Ok(format!("{token}: {yes}"))
    }

    /// Starts a session of its own.
    #[mcp_tool]
    async fn start(&self, cx: &Context) -> Result<String> {
        let trip = cx.new_session().await?;
        Ok(trip.handle().unwrap_or_default().to_owned())
    }

    /// Counts in the session, or in the one with a handle.
    #[mcp_tool]
    async fn count(&self, trip: Option<String>, cx: &Context) -> Result<u32> {
        let session = match trip {
            Some(trip) => cx.session_of(&trip).await?,
            None => cx.session()?,
        };
        let one_more = |n: Option<u32>| Some(n.unwrap_or(0) + 1);
        Ok(session.update("n", one_more).await?.unwrap_or(0))
    }

    /// Asks, then charges once; says how often this order was charged.
    #[mcp_tool]
    async fn order(&self, id: String, cx: &Context) -> Result<i64> {
        cx.elicit::<Consent>(format!("really order {id}?")).await?;
        let charge = cx.step("charge", async {
            let at = Key::new("charged", &id);
            self.store
                .add(at, 1, None)
                .await
                .map_err(ToolError::internal)
        });
        charge.await
    }

    /// Says which process this is, and never ends.
    #[mcp_tool]
    async fn hang(&self, cx: &Context) -> Result<String> {
        cx.progress(std::process::id(), u32::MAX);
        std::future::pending().await
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let store: Arc<dyn KeyValue> = Arc::new(Redis::builder(std::env::var("STORE")?).build()?);
    let server = Replica {
        store: Arc::clone(&store),
    };
    let server = server
        .into_server()
        .with_store(store)
        .key_ring(KeyRing::new([[7; 32]]));
    let http = HttpServer::builder(server)
        .bind("127.0.0.1:0")
        .config(HttpConfig::new().replicated(true))
        .listen()
        .await?;
    println!("{}", http.local_addr());
    http.serve().await?;
    Ok(())
}
