//! Everything at once, for as long as asked: each answer is checked against its
//! request, and the server is looked at every second.
//!
//! With `--chaos` clients reach the server through a network that cuts
//! connections ([`cutter`]), leave without a word, call tools that never end, and
//! the Redis that sessions are kept in is killed and started again ([`redis`]).

mod cutter;
mod redis;
mod samples;
mod tally;
mod traffic;

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

use self::{cutter::Cutter, redis::Redis, samples::Samples, tally::Tally, traffic::Worker};
use crate::{Result, process::Loaded, report::Report};

/// How many clients there are at one time, half of them of each era.
const WORKERS: usize = 16;

/// What a worker needs to end once it was told to.
const END: Duration = Duration::from_secs(90);

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
    /// Cut connections, lose clients, and kill the store.
    #[arg(long)]
    chaos: bool,
    /// The program `redis-server`: what sessions keep is kept there.
    #[arg(long)]
    redis: Option<PathBuf>,
}

pub(crate) async fn run(options: &Options) -> Result<Report> {
    let mut redis = match &options.redis {
        Some(program) => Some(Redis::start(program).await?),
        None => None,
    };
    let mut arguments = Vec::new();
    if let Some(redis) = &redis {
        arguments = vec!["--store".to_owned(), redis.url()];
    }
    let mut server = Loaded::start(&options.server, &arguments).await?;
    let cutter = if options.chaos {
        Some(Cutter::start(server.address()).await?)
    } else {
        None
    };
    let address = cutter.as_ref().map_or(server.address(), Cutter::address);

    let stop = Arc::new(AtomicBool::new(false));
    let mut workers = JoinSet::new();
    for number in 0..WORKERS {
        let era = [Era::Stateless, Era::Session][number % 2];
        let worker = Worker::new(format!("http://{address}/mcp"), era, options.chaos);
        workers.spawn(worker.run(number, Arc::clone(&stop)));
    }
    let mut samples = Samples::default();
    let end = Instant::now() + Duration::from_secs(options.seconds);
    while Instant::now() < end {
        sleep(Duration::from_secs(1)).await;
        samples.push(server.holdings()?);
        if let (true, Some(redis)) = (options.chaos, &mut redis) {
            redis.turn().await?;
        }
    }
    stop.store(true, Ordering::Relaxed);
    if let Some(redis) = &mut redis {
        redis.ensure().await?;
    }
    let tally = gather(workers).await;
    drop(cutter);

    let mut report = Report::new(if options.chaos { "Chaos" } else { "Soak" });
    tally.report(&mut report, options.chaos);
    samples.report(&mut report);
    rest(&mut server, &mut report).await;
    Ok(report)
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
