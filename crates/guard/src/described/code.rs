//! What a model may read of code that did not run, or failed.

use purlin_core::{Described, private::Said};

use crate::code::CodeError;

impl Described for CodeError {
    fn __said(&self) -> Said {
        Said {
            text: Some(self.to_string().into()),
            code: Some(self.name()),
            recovery: recovery(self),
            not_found: false,
        }
    }
}

/// Where what came of the run is wanted as well.
impl Described for &CodeError {
    fn __said(&self) -> Said {
        (**self).__said()
    }
}

/// What the caller can do about it.
fn recovery(error: &CodeError) -> &'static [&'static str] {
    match error {
        CodeError::Busy => &["Try again later."],
        CodeError::Timeout(_) | CodeError::CpuLimit(_) => {
            &["Do less at once, or look for a loop that does not end."]
        }
        CodeError::MemoryLimit(_) => &["Work on less data at once."],
        CodeError::OutputLimit(_) => &["Print less, or write it to a file."],
        CodeError::Exit { .. } | CodeError::Killed { .. } => {
            &["Read what was printed, and correct the code."]
        }
        CodeError::Language => &["Use one of the languages that the tool lists."],
        CodeError::InvalidFile(_) => &["Give each file a name of its own, without directories."],
        CodeError::TooLarge => &["Give it less."],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use purlin_core::ToolError;

    use super::*;

    #[test]
    fn a_model_reads_what_to_do() {
        let told = |error| ToolError::described(error).public_text(true).into_owned();
        assert_eq!(
            told(CodeError::Language),
            "code in this language is not run\nCode: language\n- Use one of the languages that the \
             tool lists."
        );
    }
}
