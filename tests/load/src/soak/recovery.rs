//! How long it takes until what needs the store works again.

use std::{net::SocketAddr, time::Duration};

use purlin_client::{Client, Era};
use serde_json::json;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use super::trouble::RECOVERY;
use crate::{Result, connection::HANG, report::Report};

/// How long to wait before asking again.
const PAUSE: Duration = Duration::from_millis(20);

/// One for each trouble that has ended.
#[derive(Debug)]
pub(super) struct Recoveries {
    server: SocketAddr,
    asking: JoinSet<Result<Duration>>,
}

impl Recoveries {
    pub(super) fn of(server: SocketAddr) -> Self {
        Self {
            server,
            asking: JoinSet::new(),
        }
    }

    /// Begins to ask.
    pub(super) fn begin(&mut self) {
        let url = format!("http://{}/mcp", self.server);
        self.asking.spawn(async move {
            let begun = Instant::now();
            timeout(HANG, works(&url)).await?;
            Ok(begun.elapsed())
        });
    }

    pub(super) async fn report(self, report: &mut Report) {
        let all = self.asking.join_all().await;
        if all.is_empty() {
            return;
        }
        let (test, count) = ("recovery", all.len());
        let took: Vec<_> = all.into_iter().flatten().collect();
        let back = format!("{} of {count}", took.len());
        report.hard(test, "after each trouble", back, took.len() == count);
        let longest = took.into_iter().max().unwrap_or_default();
        let words = format!("{longest:.1?} at most");
        report.hard(test, "within 5 s", words, longest <= RECOVERY);
    }
}

/// Until a session of its own can count, straight at the server.
async fn works(url: &str) {
    while count(url).await.is_err() {
        sleep(PAUSE).await;
    }
}

async fn count(url: &str) -> Result<u32> {
    let client = Client::builder().era(Era::Session).connect(url).await?;
    let counted = client.call::<u32>("count", json!({})).await;
    client.close().await;
    Ok(counted?)
}
