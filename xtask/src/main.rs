//! The tasks of the workspace: `cargo xtask <command>`.
//!
//! Each command says what it does while it does it. A failure names what went
//! wrong and what to do next, and the exit code counts: 0 when everything
//! passed, 1 otherwise, 2 for a wrong command line.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a task runner talks to its terminal"
)]

mod bench;
mod ci;
mod cmd;
mod codegen;
mod conformance;
mod failure;
mod fuzz;
mod ide;
mod interop;
mod load;
mod metadata;
mod process;
mod quickjs;
mod services;
mod soak;
mod stats;
mod system;
mod tally;
mod test;
mod tidy;
mod tools;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::failure::Result;

/// The tasks of the Purlin workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// All tests: cargo's, the conformance suite, and the official clients.
    Test(test::Options),
    /// Everything a change must pass: format, lints, features, docs, tests.
    Ci(ci::Options),
    /// Compare the golden files with what the code produces now.
    Codegen(codegen::Options),
    /// Rewrite the golden files; read the difference before committing it.
    Bless,
    /// Hold the workspace against its own rules.
    Tidy,
    /// Lines, files, tests and dependencies per crate, as Markdown.
    Stats,
    /// The official conformance suite under a strict gate.
    Conformance(conformance::Options),
    /// The example servers driven by the official clients.
    Interop(interop::Options),
    /// What rust-analyzer makes of the examples: errors, completion, hovers.
    Ide,
    /// Look for input that breaks what must hold for every parser.
    Fuzz(fuzz::Options),
    /// Measure servers and clients, and write a Markdown report.
    Bench(bench::Options),
    /// What a server has to hold under load, and a Markdown report.
    Load(load::Options),
    /// Mixed traffic, each answer checked; with `--chaos`, things are killed.
    Soak(soak::Options),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Test(options) => test::run(&options),
        Task::Ci(options) => ci::run(&options),
        Task::Codegen(options) => codegen::run(&options),
        Task::Bless => codegen::bless(),
        Task::Tidy => tidy::run(),
        Task::Stats => stats::run(),
        Task::Conformance(options) => conformance::run(&options),
        Task::Interop(options) => interop::run(&options),
        Task::Ide => ide::run(),
        Task::Fuzz(options) => fuzz::run(&options),
        Task::Bench(options) => bench::run(&options),
        Task::Load(options) => load::run(&options),
        Task::Soak(options) => soak::run(&options),
    };
    finish(outcome)
}

/// Turns the outcome of a task into words and an exit code.
fn finish(outcome: Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.is_counted() {
                eprintln!("\n{failure}");
            }
            ExitCode::FAILURE
        }
    }
}
