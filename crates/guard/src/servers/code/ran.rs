//! What came of a run, as a client gets it.

use purlin_core::protocol::{Content, ResourceContents};
use purlin_core::{ToolError, ToolResult};
use purlin_macros::ToolOutput;

use crate::code::{CodeError, Outcome, Output, OutputFile};
use crate::servers::media;
use crate::servers::piece::piece;

/// What came of a run.
#[derive(Clone, Debug, PartialEq, ToolOutput)]
#[arg(crate = purlin_core)]
#[non_exhaustive]
pub struct Ran {
    /// The code with which it ended; nothing, if it was stopped.
    pub exit_code: Option<i32>,
    /// What it printed to standard output, as much as was asked for.
    pub stdout: String,
    /// Whether there was more of it.
    pub stdout_cut: bool,
    /// What it printed to standard error, as much as was asked for.
    pub stderr: String,
    /// Whether there was more of it.
    pub stderr_cut: bool,
    /// The files it left; what is in them follows as content.
    pub files: Vec<MadeFile>,
    /// How many files were not returned, for they were too many or too large.
    pub files_left_out: usize,
    /// What stood around it: `strict`, `confined` or `web_assembly`.
    pub tier: String,
    /// The time of the processor that it took, in seconds.
    pub cpu_seconds: f64,
}

/// A file that a run left.
#[derive(Clone, Debug, PartialEq, Eq, ToolOutput)]
#[arg(crate = purlin_core)]
#[non_exhaustive]
pub struct MadeFile {
    /// Its path in the directory of the run.
    pub name: String,
    /// Its size in bytes.
    pub size: usize,
}

/// A run that ended well.
pub(super) fn result(outcome: &Outcome, length: usize) -> Result<ToolResult, ToolError> {
    with_outcome(ToolResult::new(), outcome, Some(0), length)
}

/// A run that did not, with what it printed until then.
///
/// # Errors
/// When it never started.
pub(super) fn failure(error: CodeError, length: usize) -> Result<ToolResult, ToolError> {
    let exit_code = match &error {
        CodeError::Exit { code, .. } => Some(*code),
        _ => None,
    };
    let Some(outcome) = error.outcome() else {
        return Err(ToolError::described(error));
    };
    let text = ToolError::described(&error).public_text(true).into_owned();
    let result = ToolResult::new().with_content(text);
    let mut result = with_outcome(result, outcome, exit_code, length)?;
    result.set_error(true);
    Ok(result)
}

fn with_outcome(
    mut result: ToolResult,
    outcome: &Outcome,
    exit_code: Option<i32>,
    length: usize,
) -> Result<ToolResult, ToolError> {
    let (stdout, stdout_cut) = printed(outcome.stdout(), length);
    let (stderr, stderr_cut) = printed(outcome.stderr(), length);
    for (text, is_cut) in [(&stdout, stdout_cut), (&stderr, stderr_cut)] {
        if !text.is_empty() {
            let end = if is_cut { "\n[cut]" } else { "" };
            result = result.with_content(format!("{text}{end}"));
        }
    }
    for file in outcome.files() {
        result = result.with_content(content(file));
    }
    let files = outcome.files().iter().map(|file| MadeFile {
        name: file.name().to_owned(),
        size: file.bytes().len(),
    });
    let ran = Ran {
        exit_code,
        files: files.collect(),
        stdout,
        stdout_cut,
        stderr,
        stderr_cut,
        files_left_out: outcome.files_left_out(),
        tier: outcome.tier().name().to_owned(),
        cpu_seconds: outcome.usage().cpu.as_secs_f64(),
    };
    result.with_structured(&ran).map_err(ToolError::from)
}

/// As much of what was printed as was asked for, and whether there is more.
fn printed(output: &Output, length: usize) -> (String, bool) {
    let (text, next) = piece(&output.text(), 0, length);
    (text, next.is_some() || output.is_cut())
}

/// A file as a block of content: images and sounds as such, the rest as a resource.
fn content(file: &OutputFile) -> Content {
    let uri = format!("run:///{}", file.name());
    let media = media::of_bytes(file.name());
    match std::str::from_utf8(file.bytes()) {
        Ok(text) => {
            let media = media::of_text(file.name());
            Content::resource(ResourceContents::text(uri, text).with_mime_type(media))
        }
        Err(_) if media.starts_with("image/") => Content::image(file.bytes(), media),
        Err(_) if media.starts_with("audio/") => Content::audio(file.bytes(), media),
        Err(_) => {
            let blob = ResourceContents::blob(uri, file.bytes());
            Content::resource(blob.with_mime_type(media))
        }
    }
}
