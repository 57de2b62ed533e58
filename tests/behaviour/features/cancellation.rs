use std::sync::Arc;
use std::time::Duration;

use purlin::prelude::*;
use purlin::testing::ErrorKind;
use tokio::sync::Notify;

use crate::features::connect;

#[derive(Default)]
struct Signals {
    started: Notify,
    dropped: Notify,
}

/// A server whose tool never ends by itself.
struct Endless(Arc<Signals>);

struct OnDrop(Arc<Signals>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.dropped.notify_one();
    }
}

#[mcp_server]
impl Endless {
    /// Waits for ever.
    #[mcp_tool]
    async fn wait(&self) -> String {
        let _guard = OnDrop(Arc::clone(&self.0));
        self.0.started.notify_one();
        std::future::pending().await
    }

    /// Waits for ever, but not longer than allowed.
    #[mcp_tool(timeout = "10ms")]
    async fn hurry(&self) -> String {
        let _guard = OnDrop(Arc::clone(&self.0));
        std::future::pending().await
    }

    /// Answers.
    #[mcp_tool]
    fn well(&self) -> bool {
        true
    }
}

#[purlin::test(eras)]
async fn a_call_that_is_dropped_stops_the_handler() {
    let signals = Arc::new(Signals::default());
    let client = connect(Endless(Arc::clone(&signals))).await;
    let call = client.call::<String>("wait", ()).into_future();
    tokio::select! {
        _ = call => panic!("it never answers"),
        () = signals.started.notified() => {}
    }
    signals.dropped.notified().await;
    assert!(client.call::<bool>("well", ()).await.unwrap());
}

#[purlin::test(eras)]
async fn the_client_s_own_timeout_cancels_too() {
    let signals = Arc::new(Signals::default());
    let client = connect(Endless(Arc::clone(&signals))).await;
    let call = client
        .call::<String>("wait", ())
        .timeout(Duration::from_millis(10));
    assert_eq!(call.await.unwrap_err().kind(), ErrorKind::Timeout);
    signals.dropped.notified().await;
}

#[purlin::test(eras)]
async fn a_tool_that_takes_longer_than_allowed_is_stopped() {
    let signals = Arc::new(Signals::default());
    let client = connect(Endless(Arc::clone(&signals))).await;
    let error = client.call::<String>("hurry", ()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tool, "{error}");
    signals.dropped.notified().await;
    assert!(client.call::<bool>("well", ()).await.unwrap());
}

#[purlin::test(eras)]
async fn a_client_that_goes_away_stops_what_it_asked_for() {
    let signals = Arc::new(Signals::default());
    let server = Endless(Arc::clone(&signals)).into_server();
    let client = connect(server.clone()).await;
    let handle = (*client).clone();
    let call = tokio::spawn(async move { handle.call::<String>("wait", ()).await });
    signals.started.notified().await;
    call.abort();
    let _ = call.await;
    drop(client);
    signals.dropped.notified().await;
}
