//! What the safe way costs beside the plain one: a fetch beside a bare hyper client, files beside
//! `std::fs`, a run of Python in a box beside one without.
//!
//! Rounds are interleaved, and what counts is the time that passes: both ways wait for others. Prints
//! a line `NAME PLAIN-MICROSECONDS SAFE-MICROSECONDS ADDED RATIO` for each; the last two are medians
//! of what was seen within a round.

mod code;
mod fetch;
mod files;

use std::error::Error;
use std::time::Instant;

use clap::Parser;

type Done = Result<(), Box<dyn Error>>;

/// What to measure, and how long.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many rounds; the median counts.
    #[arg(long, default_value_t = 15)]
    rounds: usize,
    /// Only what starts with this.
    #[arg(long)]
    only: Option<String>,
}

/// The same thing done in two ways.
trait Pair {
    /// The name, without spaces.
    fn name(&self) -> &'static str;
    /// How often it is done in a round.
    fn times(&self) -> usize;
    /// As one does it without us.
    async fn plain(&mut self) -> Done;
    /// As we do it.
    async fn safe(&mut self) -> Done;
}

/// Microseconds of both ways, a figure per round.
#[derive(Default)]
struct Figures {
    plain: Vec<f64>,
    safe: Vec<f64>,
}

async fn measure(mut pair: impl Pair, rounds: usize) -> Done {
    let times = pair.times();
    let mut figures = Figures::default();
    // The first round warms up.
    for round in 0..=rounds {
        let start = Instant::now();
        for _ in 0..times {
            pair.plain().await?;
        }
        let middle = Instant::now();
        for _ in 0..times {
            pair.safe().await?;
        }
        let end = Instant::now();
        if round > 0 {
            let each = |from: Instant, to: Instant| (to - from).as_secs_f64() * 1e6 / times as f64;
            figures.plain.push(each(start, middle));
            figures.safe.push(each(middle, end));
        }
    }
    print(pair.name(), &figures);
    Ok(())
}

fn print(name: &str, Figures { plain, safe }: &Figures) {
    let pairs = || plain.iter().zip(safe);
    let added = median(pairs().map(|(plain, safe)| safe - plain).collect());
    let ratio = median(pairs().map(|(plain, safe)| safe / plain).collect());
    let (plain, safe) = (median(plain.clone()), median(safe.clone()));
    println!("{name} {plain:.1} {safe:.1} {added:.1} {ratio:.2}");
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Done {
    let Arguments { rounds, only } = Arguments::parse();
    let wanted = |area: &str| only.as_ref().is_none_or(|only| only == area);
    if wanted("fetch") {
        measure(fetch::Fetching::kept_alive().await?, rounds).await?;
        measure(fetch::Fetching::anew().await?, rounds).await?;
    }
    if wanted("files") {
        measure(files::Reading::of("read-4-KiB", 4 << 10)?, rounds).await?;
        measure(files::Reading::of("read-1-MiB", 1 << 20)?, rounds).await?;
        measure(files::Writing::of("write-4-KiB", 4 << 10)?, rounds).await?;
    }
    if wanted("code") {
        measure(code::Running::new().await?, rounds).await?;
    }
    Ok(())
}
