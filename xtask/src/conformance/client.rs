//! The client side: one start of the suite, and of the client, for each cell.
//!
//! Run as a whole the suite would ignore how the client ended; run one by one it does not. A cell
//! passes when the suite does, and the gate has nothing against its checks either.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::VERSIONS;
use super::gate;
use super::suite::Suite;
use crate::cmd;
use crate::failure::{Context, Result};
use crate::tally::Tally;

/// The client scenarios by what they need, with the revisions they exist for; extensions belong
/// to none.
const PLAIN: [(&str, &[&str]); 11] = [
    ("initialize", &["2025-06-18", "2025-11-25"]),
    ("tools_call", &["2025-06-18", "2025-11-25", "2026-07-28"]),
    ("elicitation-sep1034-client-defaults", &["2025-11-25"]),
    ("sse-retry", &["2025-11-25"]),
    ("request-metadata", &["2026-07-28"]),
    ("sep-2322-client-request-state", &["2026-07-28"]),
    ("http-standard-headers", &["2026-07-28"]),
    ("http-custom-headers", &["2026-07-28"]),
    ("http-invalid-tool-headers", &["2026-07-28"]),
    ("json-schema-ref-no-deref", &["2026-07-28"]),
    (
        "json-schema-2020-12-preservation",
        &["2025-11-25", "2026-07-28"],
    ),
];

/// Scenarios that nobody plays yet: what they need, and how many cells they have.
const NOT_YET: [(&str, usize); 2] = [("skills", 4), ("OAuth", 50)];

/// All cells of the client side.
const CELLS: usize = 69;

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
    fn wants(&self, scenario: &str, version: &str) -> bool {
        let any_or =
            |wanted: &Option<String>, it: &str| wanted.as_deref().is_none_or(|wanted| wanted == it);
        any_or(&self.scenario, scenario) && any_or(&self.version, version)
    }
}

/// Runs the cells that were asked for and counts them.
pub(crate) fn run(options: &ClientOptions) -> Result<Tally> {
    let suite = Suite::install()?;
    let client = build()?;
    let results = cmd::target().join("conformance/client");
    if results.exists() {
        fs::remove_dir_all(&results).context("cannot remove the results of the last run")?;
    }
    cmd::step("conformance suite, client");
    let mut tally = Tally::default();
    for (scenario, versions) in PLAIN {
        for version in versions.iter().filter(|it| options.wants(scenario, it)) {
            let output = results.join(version).join(scenario);
            tally.count(cell(&suite, &client, scenario, version, &output)?);
        }
    }
    for (what, cells) in NOT_YET {
        println!("  not run: {cells} cells about {what}");
    }
    println!("  {} of {CELLS} cells ran", tally.passed + tally.failed);
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
fn cell(
    suite: &Suite,
    client: &Path,
    scenario: &str,
    version: &str,
    output: &Path,
) -> Result<bool> {
    let accepted = suite.client(client, scenario, version, output)?;
    let cells = gate::read(output)?;
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
    println!("  {verdict} {version} {scenario:<40} {checks:>3} checks");
    for objection in &objections {
        println!("         {objection}");
    }
    Ok(objections.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_is_accounted_for() {
        let plain: usize = PLAIN.iter().map(|(_, versions)| versions.len()).sum();
        let others: usize = NOT_YET.iter().map(|(_, cells)| cells).sum();
        assert_eq!(plain + others, CELLS);
    }
}
