//! The client side: one start of the suite, and of the client, for each cell.
//!
//! Run as a whole the suite would ignore how the client ended; run one by one it does not. A cell
//! passes when the suite does, and the gate has nothing against its checks either.

use std::path::{Path, PathBuf};

use clap::Args;

use super::VERSIONS;
use super::cells::{self, ClientCell};
use super::gate;
use super::suite::Suite;
use crate::cmd;
use crate::failure::Result;
use crate::tally::Tally;

/// Which client scenarios to run.
#[derive(Debug, Default, Args)]
pub(crate) struct ClientOptions {
    /// Only this revision, for example `2026-07-28`.
    #[arg(long, value_parser = VERSIONS.map(|(version, _)| version))]
    version: Option<String>,
    /// Only this scenario, for example `sse-retry`.
    #[arg(long)]
    scenario: Option<String>,
}

impl ClientOptions {
    fn wants(&self, cell: ClientCell) -> bool {
        let scenario = self.scenario.as_deref();
        let version = self.version.as_deref();
        scenario.is_none_or(|wanted| wanted == cell.scenario)
            && version.is_none_or(|wanted| Some(wanted) == cell.version)
    }
}

/// Runs the cells that were asked for and counts them.
pub(crate) fn run(options: &ClientOptions) -> Result<Tally> {
    let suite = Suite::install()?;
    let client = build()?;
    let results = super::fresh("client")?;
    cmd::step("conformance suite, client");
    let mut tally = Tally::default();
    for cell in cells::played().filter(|cell| options.wants(*cell)) {
        let output = results
            .join(cell.version.unwrap_or("extensions"))
            .join(cell.scenario);
        tally.count(play(&suite, &client, cell, &output)?);
    }
    println!(
        "  {} of {} cells ran",
        tally.passed + tally.failed,
        cells::COUNT
    );
    println!("  results: {}", results.display());
    Ok(tally)
}

fn build() -> Result<PathBuf> {
    cmd::run(&mut cmd::cargo([
        "build",
        "--package",
        "conformance-client",
    ]))?;
    Ok(cmd::target().join("debug/conformance-client"))
}

/// Runs one cell, prints it, and says whether it passed.
fn play(suite: &Suite, client: &Path, cell: ClientCell, output: &Path) -> Result<bool> {
    let accepted = suite.client(client, cell.scenario, cell.version, output)?;
    // The results of `auth/x` are in a directory `auth`.
    let (group, scenario) = cell
        .scenario
        .rsplit_once('/')
        .unwrap_or(("", cell.scenario));
    let cells = gate::read(&output.join(group))?;
    let checks: usize = cells.iter().map(|cell| cell.checks.len()).sum();
    let mut objections: Vec<String> = cells
        .iter()
        .flat_map(gate::Cell::objections)
        .map(|check| check.to_string())
        .collect();
    if cells.len() != 1 {
        objections.push(format!("{} results, not one", cells.len()));
    }
    if !accepted {
        objections.push(format!("the suite failed it; see {}", output.display()));
    }
    let verdict = if objections.is_empty() {
        "ok    "
    } else {
        "FAILED"
    };
    let version = cell.version.unwrap_or("extension");
    println!("  {verdict} {version} {scenario:<40} {checks:>3} checks");
    for objection in &objections {
        println!("         {objection}");
    }
    Ok(objections.is_empty())
}
