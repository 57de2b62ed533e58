//! The authorization side: the suite asks for a token, and somebody has to log in.
//!
//! The suite prints the address that a user would open and waits. So this plays the user: it allows
//! the application on the consent page, and types a password, as the pages ask.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{ChildStdout, Command};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::browser::Browser;
use super::gate;
use super::suite::Suite;
use crate::cmd;
use crate::failure::{Context, Failure, Result};
use crate::process::{self, Server};
use crate::tally::Tally;

/// What the suite checks at the newest revision, over both scenarios.
const CHECKS: usize = 3;
const SCENARIOS: usize = 2;

/// How long the suite may take once somebody has logged in.
const END: Duration = Duration::from_secs(60);

/// The user of the fixture.
const USER: [(&str, &str); 2] = [("username", "alice"), ("password", "wonderland")];

/// Runs both scenarios and counts them.
pub(super) fn run() -> Result<Tally> {
    let suite = Suite::install()?;
    let (issuer, _server) = start()?;
    let callback = process::free_address()?;
    let client = register(&issuer, &format!("http://{callback}/callback"))?;
    let output = super::fresh("authorization")?;
    cmd::step("conformance suite, authorization");
    let arguments = [
        "--url",
        &issuer,
        "--resource",
        &format!("{issuer}/mcp"),
        "--client-id",
        &client,
        "--port",
        &callback.port().to_string(),
    ];
    let mut running = suite.authorization(&arguments, &output)?;
    let logged_in = log_in(running.stdout.take(), &issuer);
    if logged_in.is_err() {
        // It would wait for the callback for minutes.
        running.kill().context("cannot end the suite")?;
    }
    process::wait_until(&mut running, Instant::now() + END)?;
    let _ = running.kill();
    logged_in?;
    judge(&output)
}

fn start() -> Result<(String, Server)> {
    cmd::run(&mut cmd::cargo([
        "build",
        "--package",
        "conformance",
        "--bin",
        "conformance-authorization",
    ]))?;
    let address = process::free_address()?;
    let mut command = Command::new(cmd::target().join("debug/conformance-authorization"));
    command.args(["--port", &address.port().to_string()]);
    cmd::step(&cmd::words(&command));
    let server = Server::start(&mut command, address)?;
    Ok((format!("http://{address}"), server))
}

/// Registers the suite as a client, as any client of ours registers.
fn register(issuer: &str, callback: &str) -> Result<String> {
    let document = format!(
        r#"{{"client_name":"conformance suite","redirect_uris":["{callback}"],"token_endpoint_auth_method":"none"}}"#
    );
    let answer = Browser::default().post_json(&format!("{issuer}/register"), &document)?;
    let registered: Value = serde_json::from_str(&answer.body).context(format_args!(
        "the registration was answered {}",
        answer.status
    ))?;
    let id = registered["client_id"].as_str().map(str::to_owned);
    id.ok_or_else(|| Failure::new(format!("no client was registered: {}", answer.body)))
}

/// Waits for the suite to name the address, and goes there.
fn log_in(stdout: Option<ChildStdout>, issuer: &str) -> Result<()> {
    let stdout = stdout.ok_or_else(|| Failure::new("the suite has no output"))?;
    let mut lines = BufReader::new(stdout).lines();
    let start = format!("{issuer}/authorize?");
    for line in lines.by_ref() {
        let line = line.context("cannot read what the suite says")?;
        println!("  {line}");
        if let Some(at) = line.find(&start) {
            let url = line[at..].split_whitespace().next().unwrap_or_default();
            play_user(url)?;
            break;
        }
    }
    // The suite must not stop at a full pipe.
    lines
        .map_while(std::result::Result::ok)
        .for_each(|line| println!("  {line}"));
    Ok(())
}

fn play_user(url: &str) -> Result<()> {
    let mut browser = Browser::default();
    let consent = browser.get(url)?;
    let login = browser.submit(&consent, &[("decision", "allow")])?;
    let back = browser.submit(&login, &USER)?;
    if back.status == 200 {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the login ended with {}: {}",
        back.status, back.body
    )))
}

fn judge(output: &Path) -> Result<Tally> {
    let cells = gate::read(output)?;
    let mut tally = Tally::default();
    for cell in &cells {
        tally.count(super::print_cell(cell));
    }
    let checks: usize = cells.iter().map(|cell| cell.checks.len()).sum();
    if (cells.len(), checks) != (SCENARIOS, CHECKS) {
        println!(
            "  FAILED {} scenarios with {checks} checks, not {SCENARIOS} with {CHECKS}",
            cells.len()
        );
        tally.failed += 1;
    }
    println!("  results: {}", output.display());
    Ok(tally)
}
