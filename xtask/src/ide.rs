//! `cargo xtask ide`: what an editor makes of the examples.
//!
//! A session with rust-analyzer over the language server protocol, as an editor
//! has it: the examples are free of false errors, completion works inside of
//! tools, and hovering over an attribute shows what it does. Asking for single
//! files takes seconds; `rust-analyzer diagnostics` would go through the whole
//! workspace, and ends with 0 whatever it finds.

mod session;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use self::session::{Document, Session};
use crate::cmd;
use crate::failure::{Context, Failure, Result};
use crate::tidy::files;

/// The file that is edited, in the editor alone.
const EDITED: &str = "examples/quickstart/src/main.rs";

/// A file with mounts.
const MOUNTS: &str = "examples/platform/src/lib.rs";

/// What is typed where, and what has to be offered there.
const COMPLETIONS: [Completion; 2] = [
    Completion {
        what: "a method of the context",
        from: r#"cx.info(format!("step {step} of {n}"));"#,
        to: "cx.",
        offers: &["info", "progress", "elicit"],
    },
    Completion {
        what: "the type of a parameter",
        from: "b: i64",
        to: "b: To",
        offers: &["ToolError", "ToolResult"],
    },
];

/// What is hovered over, and what has to show.
const HOVERS: [(&str, &str); 6] = [
    ("mcp_server", "an MCP server"),
    ("mcp_tool", "Makes a function a tool"),
    ("mcp_resource", "Makes a function a resource"),
    ("mcp_prompt", "Makes a function a prompt"),
    ("arg(", "Says what an argument may be"),
    ("info(", "Sends a log message"),
];

/// The same in the file with mounts.
const MOUNT_HOVERS: [(&str, &str); 1] = [("mount(", "a part of the server around it")];

#[derive(Debug)]
struct Completion {
    what: &'static str,
    from: &'static str,
    to: &'static str,
    offers: &'static [&'static str],
}

/// The command itself.
pub(crate) fn run() -> Result<()> {
    cmd::step("rust-analyzer on the examples");
    let mut session = Session::start(&cmd::root(), &rust_analyzer()?)?;
    let mut problems = Vec::new();
    let mut edited = session.open(&cmd::root().join(EDITED))?;
    let mounts = session.open(&cmd::root().join(MOUNTS))?;
    session.await_quiet()?;
    for (word, wanted) in HOVERS {
        problems.extend(hover(&mut session, &edited, word, wanted)?);
    }
    for (word, wanted) in MOUNT_HOVERS {
        problems.extend(hover(&mut session, &mounts, word, wanted)?);
    }
    for completion in &COMPLETIONS {
        problems.extend(complete(&mut session, &mut edited, completion)?);
    }
    let sources = sources()?;
    for file in &sources {
        problems.extend(errors(&mut session, file)?);
    }
    session.end()?;
    for problem in &problems {
        println!("FAILED {problem}");
    }
    if problems.is_empty() {
        println!("ide: {} files, no complaint", sources.len());
        return Ok(());
    }
    Err(Failure::new(format!("ide: {} complaints", problems.len())))
}

/// The program of the pinned toolchain, installed when it is missing.
fn rust_analyzer() -> Result<PathBuf> {
    let which = || {
        let mut rustup = Command::new("rustup");
        rustup
            .args(["which", "rust-analyzer"])
            .current_dir(cmd::root());
        let output = rustup.output().context("cannot start `rustup`")?;
        let path = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        Ok(output.status.success().then(|| PathBuf::from(path)))
    };
    if let Some(path) = which()? {
        return Ok(path);
    }
    let mut rustup = Command::new("rustup");
    rustup.args(["component", "add", "rust-analyzer"]);
    cmd::run(rustup.current_dir(cmd::root())).map_err(offline)?;
    which()?.ok_or_else(|| offline(Failure::new("rust-analyzer is missing")))
}

fn offline(failure: Failure) -> Failure {
    failure.next("run `rustup component add rust-analyzer` where the network is, then this again")
}

/// The source files of the examples.
fn sources() -> Result<Vec<PathBuf>> {
    let is_source = |file: &Path| {
        file.starts_with("examples") && file.extension().is_some_and(|extension| extension == "rs")
    };
    let files = files()?.into_iter().filter(|file| is_source(file));
    Ok(files.map(|file| cmd::root().join(file)).collect())
}

fn hover(
    session: &mut Session,
    document: &Document,
    word: &str,
    wanted: &str,
) -> Result<Option<String>> {
    let at = document.position(word, 0)?;
    let answer = session.ask_at("textDocument/hover", document, &at)?;
    let shown = answer["contents"]["value"].as_str().unwrap_or_default();
    let problem = format!("hovering over `{word}` does not show \"{wanted}\": {shown:?}");
    Ok((!shown.contains(wanted)).then_some(problem))
}

fn complete(
    session: &mut Session,
    document: &mut Document,
    completion: &Completion,
) -> Result<Option<String>> {
    let text = fs::read_to_string(cmd::root().join(EDITED)).context("cannot read the example")?;
    session.change(document, text.replacen(completion.from, completion.to, 1))?;
    let at = document.position(completion.to, completion.to.len())?;
    let answer = session.ask_at("textDocument/completion", document, &at)?;
    let items = answer["items"].as_array().or(answer.as_array());
    let labels: Vec<_> = items.into_iter().flatten().filter_map(label).collect();
    session.change(document, text)?;
    let missing = completion
        .offers
        .iter()
        .find(|offer| !labels.contains(offer));
    Ok(missing.map(|missing| {
        let what = completion.what;
        format!("completing {what} does not offer `{missing}`, but {labels:?}")
    }))
}

fn label(item: &Value) -> Option<&str> {
    item["label"].as_str()
}

/// The errors in a file that compiles.
fn errors(session: &mut Session, file: &Path) -> Result<Vec<String>> {
    const ERROR: u64 = 1;
    let document = session.open(file)?;
    let answer = session.ask("textDocument/diagnostic", &document.params())?;
    let items = answer["items"].as_array().cloned().unwrap_or_default();
    let errors = items.iter().filter(|item| item["severity"] == ERROR);
    Ok(errors
        .map(|error| {
            let line = error["range"]["start"]["line"].as_u64().unwrap_or_default() + 1;
            format!("{}:{line}: {}", file.display(), error["message"])
        })
        .collect())
}
