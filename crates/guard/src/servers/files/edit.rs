//! Files of which a part is replaced.

use purlin_core::{Context, ToolError};
use purlin_macros::{ToolError as Describe, ToolOutput, mcp_server, mcp_tool};

use super::Files;
use crate::files::FileError;

/// A file that was edited.
#[derive(Clone, Debug, PartialEq, Eq, ToolOutput)]
#[arg(crate = purlin_core)]
#[non_exhaustive]
pub struct Edited {
    /// Its path.
    pub path: String,
    /// How many times the text was replaced.
    pub replacements: usize,
}

/// Why the text was not replaced.
#[derive(Debug, Describe)]
#[tool_error(crate = purlin_core)]
enum Unclear {
    #[tool_error(
        "the text to be replaced is not in the file",
        code = "no_match",
        recovery("Read the file, and give the text exactly as it stands there, with its spaces.")
    )]
    NoMatch,
    #[tool_error(
        "the text to be replaced is in the file more than once",
        code = "ambiguous",
        recovery(
            "Give more of the text around it.",
            "Set `all` to replace it everywhere."
        )
    )]
    Ambiguous,
}

#[mcp_server(crate = purlin_core, part = editing)]
impl Files {
    /// Replaces text in a file. The old text has to be in it once, unless all is to be replaced.
    ///
    /// # Errors
    /// When the text is not in the file, or more than once.
    #[mcp_tool(destructive, idempotent = false, open_world = false)]
    pub async fn edit(
        &self,
        /// The path of the file.
        #[arg(min_length = 1, max_length = 4095)]
        path: String,
        /// The text that is replaced, exactly as it stands in the file.
        #[arg(min_length = 1, max_length = 1_000_000)]
        old: &str,
        /// What takes its place; nothing, to delete it.
        #[arg(max_length = 1_000_000)]
        new: &str,
        /// Whether it is replaced wherever it stands.
        #[arg(default = false)]
        all: bool,
        cx: &Context,
    ) -> Result<Edited, ToolError> {
        let files = self.of(cx).await.map_err(ToolError::described)?;
        let text = files.read_text(&path).await;
        let text = text.map_err(ToolError::described)?;
        let replacements = replaceable(&text, old, all)?;
        let written = async {
            let room = files.quota().file_size;
            fits(replacements, [&text, old, new], room)?;
            files.write(&path, text.replace(old, new)).await
        };
        written.await.map_err(ToolError::described)?;
        Ok(Edited { path, replacements })
    }
}

/// That the text may be as long as it gets, before it is made: of a megabyte in the place of each
/// letter, there is no room for all.
fn fits(times: usize, [text, old, new]: [&str; 3], room: u64) -> Result<(), FileError> {
    let left = text.len().saturating_sub(times.saturating_mul(old.len()));
    let size = left.saturating_add(times.saturating_mul(new.len()));
    match u64::try_from(size).is_ok_and(|size| size <= room) {
        true => Ok(()),
        false => Err(FileError::TooLarge),
    }
}

/// How many times a text is to be replaced.
fn replaceable(text: &str, old: &str, all: bool) -> Result<usize, Unclear> {
    match text.matches(old).count() {
        0 => Err(Unclear::NoMatch),
        1 => Ok(1),
        count if all => Ok(count),
        _ => Err(Unclear::Ambiguous),
    }
}
