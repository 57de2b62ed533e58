//! `cargo xtask conformance`: the official suite, under a gate of our own.
//!
//! The suite's verdict is weaker than it looks: it ignores warnings unless an
//! expected-failures file is given, and counts skipped and informational checks
//! as green. So every `checks.json` it writes is read again by [`gate`].

mod authorization;
mod browser;
mod cells;
mod client;
mod gate;
mod suite;

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cmd;
use crate::failure::{Context, Failure, Result};
use crate::process::{self, Server};
use crate::tally::Tally;

use self::client::ClientOptions;
use self::gate::Cell;
use self::suite::Suite;

/// The revisions the suite knows, with the server scenarios of each.
const VERSIONS: [(&str, usize); 4] = [
    ("2025-03-26", 1),
    ("2025-06-18", 27),
    ("2025-11-25", 33),
    ("2026-07-28", 40),
];

/// The server scenarios of extensions; they belong to no revision.
const EXTENSIONS: [&str; 13] = [
    "sep-2640-skills-directory",
    "sep-2640-skills-enumeration",
    "sep-2640-skills-manifest",
    "tasks-lifecycle",
    "tasks-capability-negotiation",
    "tasks-wire-fields",
    "tasks-request-state-removal",
    "tasks-mrtr-input",
    "tasks-request-headers",
    "tasks-dispatch-and-envelope",
    "tasks-status-notifications",
    "tasks-required-task-error",
    "tasks-mrtr-composition",
];

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    side: Side,
}

#[derive(Debug, Subcommand)]
enum Side {
    /// Run the server scenarios against `conformance-server`.
    Server(ServerOptions),
    /// Run the client scenarios against `conformance-client`.
    Client(ClientOptions),
    /// Run the authorization scenarios against `conformance-authorization`.
    Authorization,
}

/// Which server scenarios to run, against what.
#[derive(Debug, Default, Args)]
struct ServerOptions {
    /// Only this revision, for example `2026-07-28`.
    #[arg(long, value_parser = VERSIONS.map(|(version, _)| version))]
    version: Option<String>,
    /// Only this scenario, for example `tools-list`.
    #[arg(long)]
    scenario: Option<String>,
    /// A server that already runs, for example `http://127.0.0.1:8000/mcp`.
    #[arg(long)]
    url: Option<String>,
    /// The extension scenarios too.
    #[arg(long)]
    extensions: bool,
}

/// The command itself.
pub(crate) fn run(options: &Options) -> Result<()> {
    let (tally, title) = match &options.side {
        Side::Server(server) => (self::server(server)?, "conformance server"),
        Side::Client(client) => (client::run(client)?, "conformance client"),
        Side::Authorization => (authorization::run()?, "conformance authorization"),
    };
    println!("\n{tally}");
    tally.verdict(title)
}

/// Runs all sides in full and counts their cells.
pub(crate) fn all() -> Result<Tally> {
    let mut tally = server(&ServerOptions::default())?;
    tally += client::run(&ClientOptions::default())?;
    tally += authorization::run()?;
    Ok(tally)
}

/// The file that holds the official schemas of the revisions: the suite's program.
pub(crate) fn schemas() -> Result<PathBuf> {
    Ok(Suite::install()?.program())
}

/// Runs the server side and counts its cells.
fn server(options: &ServerOptions) -> Result<Tally> {
    let suite = Suite::install()?;
    let (url, _server) = match &options.url {
        Some(url) => (url.clone(), None),
        None => {
            let (address, server) = start()?;
            (format!("http://{address}/mcp"), Some(server))
        }
    };
    let results = fresh("server")?;
    let mut tally = Tally::default();
    let mut summary = Vec::new();
    for run in runs(options) {
        cmd::step(&format!("conformance suite, server, {}", run.title));
        let output = results.join(&run.title);
        suite.server(&url, &run.arguments, &output)?;
        let judged = judge(&run, &gate::read(&output)?);
        summary.push(format!("  {:<32} {judged}", run.title));
        tally += judged;
    }
    println!("\n{}", summary.join("\n"));
    println!("  results: {}", results.display());
    Ok(tally)
}

/// The directory for the results of a side, without those of the last run.
fn fresh(side: &str) -> Result<PathBuf> {
    let results = cmd::target().join("conformance").join(side);
    if results.exists() {
        fs::remove_dir_all(&results).context("cannot remove the results of the last run")?;
    }
    Ok(results)
}

/// Builds and starts the fixture.
fn start() -> Result<(SocketAddr, Server)> {
    let binary = build()?;
    let address = process::free_address()?;
    let mut command = std::process::Command::new(binary);
    command.args(["--port", &address.port().to_string()]);
    cmd::step(&cmd::words(&command));
    Ok((address, Server::start(&mut command, address)?))
}

fn build() -> Result<PathBuf> {
    cmd::run(&mut cmd::cargo([
        "build",
        "--package",
        "conformance",
        "--bin",
        "conformance-server",
    ]))?;
    Ok(cmd::target().join("debug/conformance-server"))
}

/// One start of the suite.
struct Run {
    title: String,
    arguments: Vec<String>,
    /// How many scenarios must have left a result; `None` when the caller
    /// narrowed the run.
    cells: Option<usize>,
}

fn runs(options: &ServerOptions) -> Vec<Run> {
    let wanted = |version: &str| {
        options
            .version
            .as_deref()
            .is_none_or(|only| only == version)
    };
    let mut runs: Vec<Run> = Vec::new();
    for (version, cells) in VERSIONS.into_iter().filter(|(version, _)| wanted(version)) {
        let mut arguments = vec!["--spec-version".to_owned(), version.to_owned()];
        let (flag, value) = match &options.scenario {
            Some(scenario) => ("--scenario", scenario.as_str()),
            None => ("--suite", "all"),
        };
        arguments.extend([flag.to_owned(), value.to_owned()]);
        let cells = options.scenario.is_none().then_some(cells);
        runs.push(Run {
            title: version.to_owned(),
            arguments,
            cells,
        });
    }
    if options.extensions {
        runs.extend(EXTENSIONS.map(|name| Run {
            title: name.to_owned(),
            arguments: vec!["--scenario".to_owned(), name.to_owned()],
            cells: Some(1),
        }));
    }
    runs
}

/// Prints the cells of a run and what the gate holds against them.
fn judge(run: &Run, cells: &[Cell]) -> Tally {
    let mut tally = Tally::default();
    for cell in cells {
        tally.count(print_cell(cell));
    }
    if let Some(expected) = run.cells {
        let missing = expected.saturating_sub(cells.len());
        if missing > 0 {
            println!("  FAILED {missing} of {expected} scenarios left no result");
            tally.failed += missing;
        }
    } else if cells.is_empty() {
        println!("  the scenario does not apply to {}", run.title);
    }
    tally
}

/// Prints a cell and what the gate holds against it. Says whether that is nothing.
fn print_cell(cell: &Cell) -> bool {
    let objections = cell.objections();
    let verdict = if objections.is_empty() {
        "ok    "
    } else {
        "FAILED"
    };
    println!(
        "  {verdict} {:<48} {:>3} checks",
        cell.scenario,
        cell.checks.len()
    );
    for check in &objections {
        println!("         {check}");
    }
    objections.is_empty()
}

/// The failure for a suite that cannot run at all.
fn broken(what: &str) -> Failure {
    Failure::new(what).next("remove target/tools/conformance and run this again")
}
