//! 5,000 streams that hear nothing, until one change is told to all.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{sync::watch, task::JoinSet};

use super::Options;
use crate::{
    Result,
    connection::{Connection, HANG, source},
    message,
    report::Report,
};

const TEST: &str = "5,000 idle streams";
const LISTENS: usize = 4_000;
const SESSIONS: usize = 1_000;

pub(crate) async fn run(options: &Options, report: &mut Report) -> Result<()> {
    let server = options.server(&[]).await?;
    let address = server.address();
    server.tasks().await?;
    let before = server.holdings()?;
    let mut streams = Vec::with_capacity(LISTENS + SESSIONS);
    for number in 0..LISTENS + SESSIONS {
        let connection = Connection::open(address, source(number)).await?;
        streams.push(if number < LISTENS {
            listen(connection, address).await?
        } else {
            session(connection, address).await?
        });
    }
    let each = server.holdings()?.rss.saturating_sub(before.rss) / streams.len() as u64;

    let reached = broadcast(streams, address).await?;
    let heard = reached.len();
    let last = reached.into_iter().max().unwrap_or_default();
    let limit = "≤ 40 KiB each, sessions included";
    report.hard(TEST, limit, format!("{each} KiB"), each <= 40);
    let all = heard == LISTENS + SESSIONS;
    report.hard(TEST, "a change reaches all", format!("{heard}"), all);
    report.speed(
        TEST,
        "within 1 s",
        format!("{last:.1?}"),
        last <= Duration::from_secs(1),
    );
    let after = server.tasks().await;
    let words = after
        .as_ref()
        .map_or_else(ToString::to_string, |_| "yes".into());
    report.hard(TEST, "serves on when all have gone", words, after.is_ok());
    Ok(())
}

/// A stream of the stateless era.
async fn listen(mut connection: Connection, address: SocketAddr) -> Result<Connection> {
    connection.send(&message::listen(address)).await?;
    connection
        .until("notifications/subscriptions/acknowledged", HANG)
        .await?;
    Ok(connection)
}

/// The stream of a session that watches the same.
async fn session(mut connection: Connection, address: SocketAddr) -> Result<Connection> {
    let session = super::sessions::open(&mut connection, address).await?;
    let params = format!(r#"{{"uri":"{}"}}"#, message::NEWS);
    let subscribe = message::within(address, &session, "resources/subscribe", &params, 2);
    let response = connection.exchange(&subscribe).await?;
    if response.status != 200 {
        return Err(format!("no subscription: {}", response.body).into());
    }
    let stream = message::stream(address, &session);
    connection.send(&stream).await?;
    connection.until("text/event-stream", HANG).await?;
    Ok(connection)
}

/// Announces a change; how long after that each stream heard of it.
async fn broadcast(streams: Vec<Connection>, address: SocketAddr) -> Result<Vec<Duration>> {
    let (told, telling) = watch::channel(None);
    let mut listeners = JoinSet::new();
    for mut stream in streams {
        let telling = telling.clone();
        listeners.spawn(async move {
            let word = "notifications/resources/updated";
            stream.until(word, HANG).await.ok()?;
            let now = Instant::now();
            let start: Option<Instant> = *telling.borrow();
            start.map(|start| now - start)
        });
    }
    let mut connection = Connection::open(address, source(0)).await?;
    told.send_replace(Some(Instant::now()));
    let request = message::call(address, "announce", "{}", 1);
    connection.exchange(&request).await?;
    let heard = listeners.join_all().await;
    Ok(heard.into_iter().flatten().collect())
}
