//! Everything at once, for as long as asked: each answer is checked against its
//! request, and the server is looked at every second.
//!
//! With `--chaos` clients reach the server through a network that breaks
//! connections ([`proxy`]), leave without a word, call tools that never end, and
//! the Redis that sessions keep their values in is killed, slow, cut off, half-open
//! and corrupted by turns ([`trouble`]).

#[path = "../../../../crates/stores/tests/servers/proxy.rs"]
mod proxy;
mod recovery;
mod redis;
mod samples;
mod tally;
mod traffic;
mod trouble;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use clap::Args;
use purlin_client::Era;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use self::{
    proxy::{Proxy, Weather},
    recovery::Recoveries,
    samples::Samples,
    tally::Tally,
    traffic::Worker,
    trouble::{Record, Store},
};
use crate::{Result, process::Loaded, report::Report};

/// How many clients there are at one time, half of them of each era.
const WORKERS: usize = 16;

/// Of how many connections between clients and server one is broken.
const BREAKS: u64 = 4;

/// What a worker needs to end once it was told to.
const END: Duration = Duration::from_secs(90);

/// How long a session may be idle, in seconds: clients leave many behind, which would
/// otherwise be kept until after the end.
const IDLE: u64 = 5;

/// What may be left when all clients are gone: what listens, health, the census
/// itself.
const REST: usize = 24;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The program under load.
    #[arg(long)]
    server: PathBuf,
    /// How long, in seconds.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Break connections, lose clients, and trouble the store.
    #[arg(long)]
    chaos: bool,
    /// The program `redis-server`: what sessions keep is kept there.
    #[arg(long)]
    redis: Option<PathBuf>,
}

pub(crate) async fn run(options: &Options) -> Result<Report> {
    let mut store = match &options.redis {
        Some(program) => Some(Store::start(program).await?),
        None => None,
    };
    let mut arguments = vec!["--session-idle".to_owned(), IDLE.to_string()];
    if let Some(store) = &store {
        arguments.extend(["--store".to_owned(), store.url()]);
    }
    let mut server = Loaded::start(&options.server, &arguments).await?;
    let network = Proxy::before(server.address()).await;
    if options.chaos {
        network.set(Weather::Flaky(BREAKS));
    }
    let record = store.as_ref().map(Store::record).unwrap_or_default();

    let stop = Arc::new(AtomicBool::new(false));
    let workers = workers(&network, &record, options.chaos, &stop);
    let mut recoveries = Recoveries::of(server.address());
    let mut samples = Samples::default();
    let end = Instant::now() + Duration::from_secs(options.seconds);
    while Instant::now() < end {
        sleep(Duration::from_secs(1)).await;
        samples.push(server.holdings()?);
        if let (true, Some(store)) = (options.chaos, &mut store)
            && store.turn().await?
        {
            recoveries.begin();
        }
    }
    stop.store(true, Ordering::Relaxed);
    if let Some(store) = &mut store {
        store.end().await?;
    }
    let tally = gather(workers).await;

    let mut report = Report::new(if options.chaos { "Chaos" } else { "Soak" });
    tally.report(&mut report, options.chaos.then(|| network.broken()));
    recoveries.report(&mut report).await;
    drop(network);
    samples.report(&mut report);
    rest(&mut server, &mut report).await;
    Ok(report)
}

/// All clients, at work.
fn workers(
    network: &Proxy,
    record: &Record,
    chaos: bool,
    stop: &Arc<AtomicBool>,
) -> JoinSet<Tally> {
    let url = format!("http://{}/mcp", network.address());
    let mut workers = JoinSet::new();
    for number in 0..WORKERS {
        let era = [Era::Stateless, Era::Session][number % 2];
        let record = chaos.then(|| record.clone());
        let worker = Worker::new(url.clone(), era, record);
        workers.spawn(worker.run(number, Arc::clone(stop)));
    }
    workers
}

/// What all workers saw. One that does not end hangs.
async fn gather(mut workers: JoinSet<Tally>) -> Tally {
    let mut all = Tally::default();
    let gathered = timeout(END, async {
        while let Some(joined) = workers.join_next().await {
            match joined {
                Ok(tally) => all.merge(tally),
                Err(error) => all.hang("worker", &error.to_string()),
            }
        }
    });
    if gathered.await.is_err() {
        for _ in 0..workers.len() {
            all.hang("worker", "it did not end");
        }
    }
    all
}

/// What is left of clients that are gone.
async fn rest(server: &mut Loaded, report: &mut Report) {
    let alive = server.is_alive();
    report.hard("at the end", "the process it was", alive.to_string(), alive);
    let mut tasks = usize::MAX;
    for _ in 0..100 {
        tasks = server.tasks().await.unwrap_or(usize::MAX);
        if tasks <= REST {
            break;
        }
        sleep(Duration::from_millis(100)).await;
    }
    let held = tasks <= REST;
    let limit = format!("≤ {REST} tasks within 10 s");
    report.hard("at the end", limit, tasks.to_string(), held);
    let descriptors = server.holdings().map_or(usize::MAX, |now| now.descriptors);
    let limit = format!("≤ {} descriptors", 2 * REST);
    let held = descriptors <= 2 * REST;
    report.hard("at the end", limit, descriptors.to_string(), held);
}
