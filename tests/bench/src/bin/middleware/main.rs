//! What middleware costs: the same call over the memory transport, bare and
//! behind each middleware.
//!
//! Rounds are interleaved, and what counts is CPU time of the process as a
//! multiple of the bare call in the same round. Prints a line
//! `NAME NANOSECONDS ADDED RATIO` for each. With `--only NAME --rounds 0` it
//! makes `--calls` calls and measures nothing, for callgrind.

mod subjects;

use std::error::Error;

use clap::Parser;
use nix::time::{ClockId, clock_gettime};
use purlin::{
    Origin, Principal, Server, TransportKind,
    transport::memory::{self, MemoryLink},
};

use subjects::{BARE, subjects};

/// What to measure, and how long.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many rounds; the median counts.
    #[arg(long, default_value_t = 15)]
    rounds: usize,
    /// How many calls in a round of one subject.
    #[arg(long, default_value_t = 20_000)]
    calls: usize,
    /// Only the bare call and this.
    #[arg(long)]
    only: Option<String>,
}

/// One call, as it comes over a wire.
const CALL: &[u8] = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add","arguments":{"a":19,"b":23},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"bench","version":"1"}}}}"#;

/// A server that is called.
struct Running {
    name: &'static str,
    link: MemoryLink,
    /// Nanoseconds per call, a figure per round.
    rounds: Vec<f64>,
}

impl Running {
    async fn start(name: &'static str, server: &Server) -> Result<Self, Box<dyn Error>> {
        let caller = Principal::new("bench").with_tenant("bench");
        let origin = Origin::new(TransportKind::Memory).with_principal(caller);
        let running = Self {
            name,
            link: memory::connect_from(server, origin).await?,
            rounds: Vec::new(),
        };
        let answer = running.call().await?;
        let text = String::from_utf8_lossy(&answer);
        if !text.contains("42") || text.contains("isError") {
            return Err(format!("{name} answers {text}").into());
        }
        Ok(running)
    }

    async fn call(&self) -> Result<Vec<u8>, Box<dyn Error>> {
        self.link.send(CALL.to_vec());
        self.link.recv().await.ok_or_else(|| "no answer".into())
    }

    async fn calls(&self, count: usize) -> Result<(), Box<dyn Error>> {
        for _ in 0..count {
            self.call().await?;
        }
        Ok(())
    }

    async fn round(&mut self, calls: usize) -> Result<(), Box<dyn Error>> {
        let before = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?;
        self.calls(calls).await?;
        let spent = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)? - before;
        let spent = std::time::Duration::from(spent);
        self.rounds.push(spent.as_secs_f64() * 1e9 / calls as f64);
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let mut all = Vec::new();
    for (name, server) in subjects()? {
        let wanted = match &arguments.only {
            None => true,
            Some(only) if arguments.rounds == 0 => only == name,
            Some(only) => only == name || name == BARE,
        };
        if wanted {
            all.push(Running::start(name, &server).await?);
        }
    }
    if arguments.rounds == 0 {
        for running in &all {
            running.calls(arguments.calls).await?;
        }
        return Ok(());
    }
    for running in &all {
        running.calls(arguments.calls / 4).await?;
    }
    for _ in 0..arguments.rounds {
        for running in &mut all {
            running.round(arguments.calls).await?;
        }
    }
    print(&all);
    Ok(())
}

fn print(all: &[Running]) {
    let Some((bare, _)) = all.split_first() else {
        return;
    };
    for running in all {
        let pairs = || running.rounds.iter().zip(&bare.rounds);
        let time = median(running.rounds.clone());
        let added = median(pairs().map(|(own, bare)| own - bare).collect());
        let ratio = median(pairs().map(|(own, bare)| own / bare).collect());
        println!("{} {time:.0} {added:.0} {ratio:.3}", running.name);
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
