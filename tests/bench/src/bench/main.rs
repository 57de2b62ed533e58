//! Measures the servers beside one another, then the clients, and writes a Markdown report.
//!
//! What is compared is the CPU time of the server process per call, as a
//! multiple of a server that does less: absolute figures depend on the machine
//! and on what else it does, ratios of interleaved rounds hardly do.

#![allow(clippy::print_stdout, reason = "a program for the terminal")]

mod callgrind;
mod clients;
mod cold;
mod http;
mod measure;
mod memory;
mod plan;
mod report;
mod request;
mod stdio;
mod subject;

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use self::report::Report;
use self::subject::Subject;

/// Anything that ends a run.
type Error = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, Parser)]
struct Options {
    /// Where to write the report.
    #[arg(long, default_value = "target/bench/report.md")]
    report: PathBuf,
    /// The valgrind to count instructions with.
    #[arg(long, default_value = "valgrind")]
    valgrind: PathBuf,
    /// Fewer and shorter rounds.
    #[arg(long)]
    quick: bool,
    /// Only the measures whose name contains this.
    #[arg(long)]
    only: Option<String>,
    /// Leave a server out, for example `rmcp`; may be repeated.
    #[arg(long, value_enum)]
    without: Vec<Subject>,
    /// Let the scheduler place the load too. Otherwise it has a processor of its
    /// own, which makes the figures steadier.
    #[arg(long)]
    spread: bool,
}

/// How long and how often to measure.
#[derive(Clone, Copy, Debug)]
struct Effort {
    rounds: usize,
    round: Duration,
    /// Calls in the longer of the two runs that count instructions.
    calls: usize,
}

impl Effort {
    const FULL: Self = Self {
        rounds: 7,
        round: Duration::from_millis(500),
        calls: 1_200,
    };
    const QUICK: Self = Self {
        rounds: 3,
        round: Duration::from_millis(150),
        calls: 600,
    };
}

fn main() -> Result<(), Error> {
    let options = Options::parse();
    let effort = if options.quick {
        Effort::QUICK
    } else {
        Effort::FULL
    };
    let wanted = |name: &str| {
        options
            .only
            .as_deref()
            .is_none_or(|part| name.contains(part))
    };
    let present = |subjects: &mut Vec<Subject>| {
        subjects.retain(|subject| !options.without.contains(subject));
    };
    let mut report = Report::new(effort, options.spread);
    for mut measure in plan::measures()
        .into_iter()
        .filter(|measure| wanted(measure.name))
    {
        println!("{}", measure.name);
        present(&mut measure.subjects);
        report.timed(&measure::run(&measure, effort, !options.spread)?);
    }
    for mut count in plan::counts()
        .into_iter()
        .filter(|count| wanted(count.name))
    {
        println!("{}", count.name);
        present(&mut count.subjects);
        report.counted(&callgrind::run(&count, effort, &options.valgrind)?);
    }
    for (name, transport) in plan::STARTS.into_iter().filter(|(name, _)| wanted(name)) {
        println!("{name}");
        let mut subjects = vec![Subject::Lean, Subject::Rmcp, Subject::Purlin];
        present(&mut subjects);
        report.started(name, &cold::run(&subjects, transport, effort)?);
    }
    if wanted(plan::MEMORY) {
        println!("{}", plan::MEMORY);
        report.in_memory(plan::MEMORY, &memory::run(effort)?);
    }
    for calls in plan::calls().into_iter().filter(|calls| wanted(calls.name)) {
        println!("{}", calls.name);
        let place_apart = !options.spread;
        let compared = clients::run(&calls, effort, place_apart, &options.valgrind)?;
        report.clients(&compared);
    }
    report.write(&options.report)?;
    println!("\n{}", report.targets());
    Ok(())
}
