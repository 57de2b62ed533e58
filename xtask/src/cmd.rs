//! Running a program to its end: announced, awaited, its exit code judged.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::failure::{Context, Failure, Result};
use crate::process;

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_path_buf()
}

/// The directory build products and fetched tools live in.
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// Says what is about to happen.
pub(crate) fn step(what: &str) {
    println!("\n=> {what}");
}

/// A `cargo` command in the workspace root.
pub(crate) fn cargo<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(arguments).current_dir(root());
    // These describe the build of this program, not of the one to come.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name == "CARGO_MANIFEST_DIR" {
            command.env_remove(&*name);
        }
    }
    command
}

/// The command line as a person would type it, for messages.
pub(crate) fn words(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program.file_name().unwrap_or(program.as_os_str());
    std::iter::once(program)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Announces `command`, runs it on this terminal, and fails unless it succeeds.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let words = words(command);
    step(&words);
    let status = command
        .status()
        .context(format_args!("cannot start `{words}`"))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("`{words}` failed ({status})")).next("read its output above"))
}

/// Runs `command` and passes each line of its output on, to the terminal and to
/// `line`. Says whether it succeeded.
pub(crate) fn tee(command: &mut Command, mut line: impl FnMut(&str)) -> Result<bool> {
    let words = words(command);
    step(&words);
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .context(format_args!("cannot start `{words}`"))?;
    if let Some(output) = child.stdout.take() {
        for text in BufReader::new(output).split(b'\n') {
            let text = text.context(format_args!("cannot read the output of `{words}`"))?;
            let text = String::from_utf8_lossy(&text);
            println!("{text}");
            line(&text);
        }
    }
    Ok(child
        .wait()
        .context(format_args!("cannot wait for `{words}`"))?
        .success())
}

/// What a captured program left behind.
#[derive(Debug)]
pub(crate) struct Output {
    /// The exit code; `None` after a signal.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs `command` quietly and keeps its output. A program still running at
/// `limit` is killed, and that is a failure.
pub(crate) fn capture(command: &mut Command, limit: Duration) -> Result<Output> {
    let words = words(command);
    let deadline = Instant::now() + limit;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context(format_args!("cannot start `{words}`"))?;
    let stdout = process::collect(child.stdout.take());
    let stderr = process::collect(child.stderr.take());
    let status = process::wait_until(&mut child, deadline)?;
    if status.is_none() {
        let _ = child.kill();
        let _ = child.wait();
        return Err(Failure::new(format!(
            "`{words}` did not end within {limit:?}"
        )));
    }
    Ok(Output {
        code: status.and_then(|status| status.code()),
        stdout: stdout.text(),
        stderr: stderr.text(),
    })
}
