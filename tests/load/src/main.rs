//! Load, soak and chaos against the program `loaded`, started as a process of its
//! own and measured from outside: resident memory and descriptors from `/proc`,
//! tasks by a tool that counts them.
//!
//! [`load`] holds one kind of pressure at a time and speaks raw HTTP, so that it
//! decides what is sent and when. [`soak`] mixes everything through the client of
//! this workspace. Both write a table of limits ([`report`]); the exit code says
//! whether one was broken that does not depend on how fast the machine is.

// These programs talk to their terminal.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod connection;
mod load;
mod message;
mod process;
mod report;
mod soak;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

/// Anything that ends a run.
type Error = Box<dyn std::error::Error + Send + Sync>;
type Result<T> = std::result::Result<T, Error>;

#[derive(Debug, Parser)]
struct Arguments {
    /// Where the report goes.
    #[arg(long)]
    report: PathBuf,
    #[command(subcommand)]
    run: Run,
}

#[derive(Debug, Subcommand)]
enum Run {
    /// One pressure after another.
    Load(load::Options),
    /// Mixed traffic.
    Soak(soak::Options),
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match &arguments.run {
        Run::Load(options) => load::run(options).await,
        Run::Soak(options) => soak::run(options).await,
    };
    let finished = outcome.and_then(|report| {
        report.write(&arguments.report)?;
        Ok(report.is_held())
    });
    match finished {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
