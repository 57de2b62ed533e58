//! What is asked of an executor.

use std::time::Duration;

use bytes::Bytes;

use super::{CodeError, Limits};

/// The longest argument, in bytes.
const ARGUMENT: usize = 64 << 10;

/// How long all arguments together may be, in bytes, each with one for its end: what a program can be
/// given, less what its environment and the language take.
const ALL_ARGUMENTS: usize = (1 << 20) - (64 << 10);

/// How many arguments there may be.
const ARGUMENTS: usize = 256;

/// How many files may be given.
const FILES: usize = 1024;

/// The longest name of a file, in bytes.
const NAME: usize = 255;

/// Code, its language, and what it is given.
///
/// ```
/// use purlin_guard::code::Run;
///
/// let run = Run::new("python", "import sys; print(open('in.csv').read(), sys.argv[1])")
///     .argument("verbose")
///     .input("what standard input says")
///     .file("in.csv", "a,b\n1,2\n");
/// ```
#[derive(Clone)]
pub struct Run {
    pub(super) language: String,
    pub(super) source: Bytes,
    pub(super) arguments: Vec<String>,
    pub(super) input: Bytes,
    pub(super) files: Vec<(String, Bytes)>,
    pub(super) wall: Option<Duration>,
}

impl Run {
    /// Code in a language of the executor, by its name.
    pub fn new(language: impl Into<String>, source: impl Into<Bytes>) -> Self {
        Self {
            language: language.into(),
            source: source.into(),
            arguments: Vec::new(),
            input: Bytes::new(),
            files: Vec::new(),
            wall: None,
        }
    }

    /// Gives an argument, behind those that there are. There may be 256 of at most 64 KiB,
    /// and 960 KiB of them together.
    #[must_use]
    pub fn argument(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// What standard input says (default: nothing).
    #[must_use]
    pub fn input(mut self, input: impl Into<Bytes>) -> Self {
        self.input = input.into();
        self
    }

    /// Puts a file into the work directory, in which the code starts. Its name is plain: no
    /// directories, and no characters that are not seen or change how the others look. There may be
    /// 1,024.
    #[must_use]
    pub fn file(mut self, name: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        self.files.push((name.into(), bytes.into()));
        self
    }

    /// Takes no longer than this, nor than [`Limits::wall`]; less than a millisecond is one.
    #[must_use]
    pub fn wall(mut self, wall: Duration) -> Self {
        self.wall = Some(wall);
        self
    }

    /// Whether this may be run at all, in a language whose source has some name.
    pub(super) fn check(&self, limits: &Limits, source: &str) -> Result<(), CodeError> {
        check_arguments(&self.arguments)?;
        if self.files.len() > FILES {
            return Err(CodeError::InvalidFile("there are too many"));
        }
        for (index, (name, _)) in self.files.iter().enumerate() {
            check_name(name)?;
            let others = &self.files[..index];
            if name == source || others.iter().any(|(other, _)| other == name) {
                return Err(CodeError::InvalidFile("there is another one of this name"));
            }
        }
        let files = self.files.iter().map(|(_, bytes)| bytes.len() as u64);
        let files = files.chain([self.source.len() as u64]);
        let largest = files.clone().max().unwrap_or(0);
        let all = files.sum::<u64>() + self.input.len() as u64;
        match largest > limits.file || all > limits.work {
            true => Err(CodeError::TooLarge),
            false => Ok(()),
        }
    }
}

fn check_arguments(arguments: &[String]) -> Result<(), CodeError> {
    if arguments.len() > ARGUMENTS {
        return Err(CodeError::InvalidArgument("there are too many"));
    }
    for argument in arguments {
        if argument.len() > ARGUMENT {
            return Err(CodeError::InvalidArgument("it is too long"));
        }
        if argument.contains('\0') {
            return Err(CodeError::InvalidArgument("there is a zero byte in it"));
        }
    }
    let all: usize = arguments.iter().map(|argument| argument.len() + 1).sum();
    match all > ALL_ARGUMENTS {
        true => Err(CodeError::InvalidArgument("all together are too long")),
        false => Ok(()),
    }
}

/// Characters that have no width, or change the direction of others.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'
            | '\u{2066}'..='\u{2069}' | '\u{feff}'
    )
}

/// Whether a name is that of a file, and of nothing else anywhere.
fn check_name(name: &str) -> Result<(), CodeError> {
    let why = if name.is_empty() {
        "its name is empty"
    } else if name.len() > NAME {
        "its name is too long"
    } else if name == "." || name == ".." {
        "its name is that of a directory"
    } else if name.contains(['/', '\\']) {
        "its name is a path"
    } else if name.chars().any(char::is_control) {
        "there are control characters in its name"
    } else if name.chars().any(is_invisible) {
        "there are characters in its name that are not seen"
    } else {
        return Ok(());
    };
    Err(CodeError::InvalidFile(why))
}

/// What is run may be secret; how much it is says enough.
impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run")
            .field("language", &self.language)
            .field("source", &self.source.len())
            .field("arguments", &self.arguments.len())
            .field("input", &self.input.len())
            .field("files", &self.files.len())
            .field("wall", &self.wall)
            .finish()
    }
}
