//! What a model may read of an operation on files that failed.

use purlin_core::{Described, private::Said};

use crate::files::{Bound, FileError};

impl Described for FileError {
    fn __said(&self) -> Said {
        Said {
            text: Some(self.to_string().into()),
            code: Some(self.name()),
            recovery: recovery(self),
            not_found: matches!(self, Self::NotFound),
        }
    }
}

/// What the caller can do about it.
fn recovery(error: &FileError) -> &'static [&'static str] {
    match error {
        FileError::InvalidPath(_) | FileError::Escape => &[
            "Give a path relative to the directory that all others are in, such as `notes/today.md`.",
        ],
        FileError::TooLong => {
            &["Use a shorter path, or go on in the directories below, one by one."]
        }
        FileError::Symlink | FileError::Loop => &["Name the file that the link leads to."],
        FileError::NotFound => &["List the directory to see what there is."],
        FileError::NotDirectory => &["Name a directory."],
        FileError::NotRegular => &["Name a file; of a directory, list what is in it."],
        FileError::Exists => &[
            "Choose another name, or see what is there; only `write` replaces a file, if told to.",
        ],
        FileError::NotEmpty => &["Say that what is in it is to be deleted, too."],
        FileError::TooLarge => &["Use several smaller files."],
        FileError::Quota(Bound::Tenants) => &["Try again later."],
        FileError::Quota(Bound::Watched) => &["Watch a directory with less in it."],
        FileError::Quota(_) => &["Delete what is not needed any more."],
        FileError::NotText => &["Read it as a resource."],
        FileError::Busy | FileError::Timeout => &["Try again later."],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use purlin_core::ToolError;

    use super::*;

    #[test]
    fn a_model_reads_what_to_do_and_nothing_of_the_machine() {
        let told = |error| ToolError::described(error).public_text(true).into_owned();
        assert_eq!(
            told(FileError::NotFound),
            "there is no such file or directory\nCode: not_found\n- List the directory to see what \
             there is."
        );
        for (bound, advice) in [
            (Bound::Files, "- Delete"),
            (Bound::Disk, "- Delete"),
            (Bound::Tenants, "- Try again later."),
            (Bound::Watched, "- Watch a directory"),
        ] {
            let told = told(FileError::Quota(bound));
            assert!(told.contains(advice), "{told}");
        }
        assert_eq!(
            told(FileError::Io("canary".into())),
            "the file system failed\nCode: io"
        );
    }
}
