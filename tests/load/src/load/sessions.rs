//! Sessions opened, used once and left to their timeout.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, sleep},
};

use super::Options;
use crate::{
    Result,
    connection::{Connection, source},
    message,
    process::{Loaded, mib},
    report::Report,
};

const TEST: &str = "short sessions";
const ALL: usize = 100_000;

/// How many are opened at one time.
const AT_ONCE: usize = 64;

/// How long a session of this server may be idle, in seconds.
const IDLE: u64 = 3;

pub(crate) async fn run(options: &Options, report: &mut Report) -> Result<()> {
    let server = options
        .server(&["--session-idle", &IDLE.to_string()])
        .await?;
    // Something to compare with: the allocator has its pages, and no session is left.
    let warm = (wave(&server, ALL / 10, options.duration() / 6).await?).opened;
    forgotten().await;
    let before = server.holdings()?;
    let wave = wave(&server, ALL - warm.min(ALL), options.duration()).await?;
    let peak = server.holdings()?;
    forgotten().await;
    let after = server.holdings()?;

    report.hard(
        TEST,
        "0 errors",
        format!("{} of {}: {}", wave.failed, wave.opened, wave.example),
        wave.failed == 0,
    );
    report.speed(
        TEST,
        "100,000",
        format!("{}", warm + wave.opened),
        warm + wave.opened >= ALL,
    );
    let bound = before.rss + (before.rss / 10).max(2 * 1024);
    report.hard(
        TEST,
        "memory back to + 10 % after the timeout",
        format!(
            "{} → {} → {}",
            mib(before.rss),
            mib(peak.rss),
            mib(after.rss)
        ),
        after.rss <= bound,
    );
    report.hard(
        TEST,
        "no more descriptors",
        format!("{} → {}", before.descriptors, after.descriptors),
        after.descriptors <= before.descriptors,
    );
    Ok(())
}

/// Until sessions are idle for longer than they may, and were looked through.
async fn forgotten() {
    sleep(Duration::from_secs(IDLE * 3 + 2)).await;
}

#[derive(Debug, Default)]
struct Wave {
    opened: usize,
    failed: usize,
    example: String,
}

/// As many sessions as fit into the time, `most` at most.
async fn wave(server: &Loaded, most: usize, time: Duration) -> Result<Wave> {
    let address = server.address();
    let end = Instant::now() + time;
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut wave = Wave::default();
    let mut running = JoinSet::new();
    while wave.opened < most && Instant::now() < end {
        let place = Arc::clone(&places).acquire_owned().await?;
        let number = wave.opened;
        wave.opened += 1;
        running.spawn(async move {
            let done = one(address, number).await;
            drop(place);
            done
        });
        while let Some(done) = running.try_join_next() {
            wave.note(done?);
        }
    }
    while let Some(done) = running.join_next().await {
        wave.note(done?);
    }
    Ok(wave)
}

impl Wave {
    fn note(&mut self, done: Result<()>) {
        if let Err(error) = done {
            self.failed += 1;
            self.example = error.to_string().chars().take(120).collect();
        }
    }
}

/// One session: opened, used for one call, left.
async fn one(address: SocketAddr, number: usize) -> Result<()> {
    let mut connection = Connection::open(address, source(number)).await?;
    let session = open(&mut connection, address).await?;
    let params = format!(r#"{{"name":"add","arguments":{{"a":{number},"b":1}}}}"#);
    let call = message::within(address, &session, "tools/call", &params, 2);
    let response = connection.exchange(&call).await?;
    if message::answers(&response.body, 2, &(number + 1).to_string()) {
        return Ok(());
    }
    Err(format!("a wrong answer: {} {}", response.status, response.body).into())
}

/// Opens a session; its id.
pub(super) async fn open(connection: &mut Connection, address: SocketAddr) -> Result<String> {
    let response = connection.exchange(&message::initialize(address)).await?;
    let session = response.field("mcp-session-id");
    let session = session.ok_or_else(|| format!("no session: {}", response.body))?;
    let request = message::initialized(address, session);
    let status = connection.exchange(&request).await?.status;
    if status != 202 {
        return Err(format!("{status} to `notifications/initialized`").into());
    }
    Ok(session.to_owned())
}
