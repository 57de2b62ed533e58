//! Files that a program is given.

use std::fmt;

use purlin_core::protocol::MediaContent;
use purlin_macros::{ToolArg, ToolError as Describe};

/// A file beside a program: a text, or bytes in base64.
#[derive(Clone, ToolArg)]
#[arg(crate = purlin_core)]
#[non_exhaustive]
pub struct GivenFile {
    /// Its name, without directories.
    #[arg(min_length = 1, max_length = 255)]
    pub name: String,
    /// What is in it, if it is text.
    #[arg(max_length = 16_777_216)]
    pub text: Option<String>,
    /// What is in it otherwise, in base64.
    #[arg(max_length = 22_369_624)]
    pub base64: Option<String>,
}

/// Why a file cannot be given.
#[derive(Debug, Describe)]
#[tool_error(crate = purlin_core)]
pub(super) enum InvalidFile {
    #[tool_error(
        "a file has neither `text` nor `base64`, or both",
        code = "invalid_file",
        recovery("Give one of the two.")
    )]
    Ambiguous,
    #[tool_error(
        "a file is not in base64",
        code = "invalid_file",
        recovery("Give what is text as `text`.")
    )]
    Encoding,
}

/// What is in it may be secret; how much it is says enough.
impl fmt::Debug for GivenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GivenFile")
            .field("text", &self.text.as_ref().map(String::len))
            .field("base64", &self.base64.as_ref().map(String::len))
            .finish_non_exhaustive()
    }
}

impl GivenFile {
    /// What is in it.
    pub(super) fn bytes(self) -> Result<Vec<u8>, InvalidFile> {
        match (self.text, self.base64) {
            (Some(text), None) => Ok(text.into_bytes()),
            (None, Some(base64)) => {
                let mut body = MediaContent::new([], "");
                body.data = base64;
                body.bytes().map_err(|_| InvalidFile::Encoding)
            }
            _ => Err(InvalidFile::Ambiguous),
        }
    }
}
