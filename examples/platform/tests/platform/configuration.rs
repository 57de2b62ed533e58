//! The program as it is started: what it makes of its configuration.

use std::{
    fs,
    path::Path,
    process::{ExitStatus, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader, Lines},
    process::{Child, Command},
};

/// The program, in a directory of its own and without the environment of this test.
pub(crate) fn program(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_platform"));
    command
        .current_dir(directory)
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

fn directory(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(directory.path().join(name), text).unwrap();
    }
    directory
}

pub(crate) async fn until(
    lines: &mut Lines<impl AsyncRead + Unpin + AsyncBufReadExt>,
    wanted: &str,
) -> String {
    while let Some(line) = lines.next_line().await.unwrap() {
        if line.contains(wanted) {
            return line;
        }
    }
    panic!("the program ended before it said `{wanted}`");
}

fn signal(child: &Child, signal: Signal) {
    let pid = i32::try_from(child.id().unwrap()).unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
}

pub(crate) async fn end(mut child: Child) -> ExitStatus {
    signal(&child, Signal::TERM);
    child.wait().await.unwrap()
}

#[purlin::test]
async fn a_bad_configuration_ends_the_program_with_78_and_all_there_is_to_do() {
    let directory = directory(&[("config.toml", "pool_sise = 3\n[server]\nport = 70000\n")]);
    let output = program(directory.path())
        .env("POOL_SIZE", "0")
        .output()
        .await
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(78), "{said}");
    for part in [
        "3 mistakes",
        "`pool_sise`, from config.toml:1: there is no such setting: did you mean `pool_size`?",
        "`pool_size`, from the variable POOL_SIZE: it must be from 1 to 500, and is 0",
        "`server.port`, from config.toml:3",
    ] {
        assert!(said.contains(part), "{said}");
    }
    assert!(output.stdout.is_empty());
}

#[purlin::test]
async fn an_endpoint_that_is_no_url_or_holds_a_secret_is_refused() {
    for endpoint in [
        "weather",
        "ftp://weather.example",
        "https://u:c4n4ry@weather.example",
    ] {
        let output = program(directory(&[]).path())
            .env("API_ENDPOINT", endpoint)
            .output()
            .await
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(78), "{said}");
        assert!(said.contains("`api_endpoint`"), "{said}");
        assert!(!said.contains("c4n4ry"), "{said}");
    }
}

#[purlin::test]
async fn the_audit_log_outlives_the_program_and_has_one_writer() {
    let directory = directory(&[]);
    let file = directory.path().join("audit.jsonl");
    let start = || {
        let mut command = program(directory.path());
        command.args(["--port", "0"]).env("AUDIT_FILE", &file);
        command
    };
    let mut child = start().spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
    until(&mut stdout, "http://127.0.0.1:").await;
    let second = start().output().await.unwrap();
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(
        !second.status.success() && said.contains("another process"),
        "{said}"
    );
    assert_eq!(end(child).await.code(), Some(0));
    assert!(file.is_file());
}

#[purlin::test]
async fn explain_prints_what_holds_and_no_secret() {
    let directory = directory(&[
        (".env", "MCP_KEYS=c4n4ry\n"),
        ("config.toml", "pool_size = 3\n"),
        ("config.prod.toml", "pool_size = 4\n"),
    ]);
    let explain = |profile: &'static str| {
        let mut command = program(directory.path());
        command.args(["config", "explain", "--profile", profile]);
        command
    };
    let bad = explain("prod").output().await.unwrap();
    assert_eq!(bad.status.code(), Some(78));
    assert!(!String::from_utf8(bad.stderr).unwrap().contains("c4n4ry"));

    let key = "c4".repeat(32);
    let good = explain("prod")
        .env("MCP_KEYS", &key)
        .output()
        .await
        .unwrap();
    let said = String::from_utf8(good.stdout).unwrap();
    assert_eq!(good.status.code(), Some(0), "{said}");
    assert!(said.contains("# config.prod.toml:1"), "{said}");
    assert!(said.contains("server.keys = [[redacted]]"), "{said}");
    assert!(!said.contains(&key), "{said}");
}

#[purlin::test]
async fn a_hangup_changes_the_level_of_the_log_and_names_what_needs_a_restart() {
    let text = |pool: u8, level: &str| {
        format!("pool_size = {pool}\n[server]\nport = 0\nlog_level = \"{level}\"\n")
    };
    let directory = directory(&[("config.toml", &text(3, "warn"))]);
    let mut child = program(directory.path()).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
    until(&mut stdout, "http://127.0.0.1:").await;

    fs::write(directory.path().join("config.toml"), text(4, "info")).unwrap();
    signal(&child, Signal::HUP);
    let line = until(&mut stdout, "needs a restart").await;
    assert!(
        line.contains("`pool_size` has changed in config.toml:1"),
        "{line}"
    );
    // Only the new level lets this through.
    until(&mut stdout, "2 changes").await;

    fs::write(directory.path().join("config.toml"), "pool_size = 0\n").unwrap();
    signal(&child, Signal::HUP);
    let line = until(&mut stdout, "nothing is changed").await;
    assert!(line.contains("from 1 to 500"), "{line}");
    assert_eq!(end(child).await.code(), Some(0));
}

#[purlin::test]
async fn nothing_configured_serves_on_embedded_defaults() {
    let directory = directory(&[]);
    let mut child = program(directory.path())
        .args(["--port", "0"])
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
    until(&mut stdout, "http://127.0.0.1:").await;
    assert_eq!(end(child).await.code(), Some(0));
}

/// The configuration of a file in `config/`, with what `.env.example` sets.
async fn explained(file: &str) -> (Option<i32>, String) {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    let directory = directory(&[]);
    let output = program(directory.path())
        .args(["config", "explain", "--config"])
        .arg(config.join(file))
        .env("ENV_FILE", config.join("compose/.env.example"))
        .output()
        .await
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

#[purlin::test]
async fn the_configuration_for_development_is_good() {
    let (code, said) = explained("development.toml").await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("server.log_level = info"), "{said}");
}

#[cfg(all(feature = "postgres", feature = "redis"))]
#[purlin::test]
async fn the_configuration_for_compose_is_good_and_keeps_its_secrets() {
    let (code, said) = explained("compose/platform.toml").await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("database_url = [redacted]"), "{said}");
    assert!(
        !said.contains("change-me") && !said.contains(&"0".repeat(64)),
        "{said}"
    );
}

#[cfg(not(any(feature = "postgres", feature = "redis")))]
#[purlin::test]
async fn a_build_without_postgresql_and_redis_says_what_it_lacks() {
    let (code, said) = explained("compose/platform.toml").await;
    assert_eq!(code, Some(78), "{said}");
    assert!(
        said.contains("--features postgres") && said.contains("--features redis"),
        "{said}"
    );
}
