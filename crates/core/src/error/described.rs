//! Errors that say how they show: `#[derive(ToolError)]`.

use std::borrow::Cow;
use std::fmt::Debug;

use super::failure::Failure;
use super::{PromptError, ResourceError, ToolError};

/// An error that says what a model may read of it, which `#[derive(ToolError)]` writes.
///
/// What it says nothing of stays private: the log has it, by `Debug`, and the model reads
/// "internal error".
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say how it shows",
    note = "derive `ToolError` for `{Self}`"
)]
pub trait Described: Debug {
    /// What a model may read of it.
    #[doc(hidden)]
    fn __said(&self) -> Said;
}

/// What an error says of itself.
#[derive(Debug, Default)]
pub struct Said {
    /// Meant for the model or the user.
    pub text: Option<Cow<'static, str>>,
    /// A short code, for programs to compare.
    pub code: Option<&'static str>,
    /// What the caller can do about it.
    pub recovery: &'static [&'static str],
    /// As the error of a resource: there is nothing under its URI.
    pub not_found: bool,
}

impl Failure {
    pub(super) fn described(error: &impl Described) -> Self {
        Self::said(error.__said(), format!("{error:?}"))
    }

    fn said(said: Said, source: String) -> Self {
        Self {
            text: said.text,
            code: said.code.map(Cow::Borrowed),
            recovery: said
                .recovery
                .iter()
                .map(|step| Cow::Borrowed(*step))
                .collect(),
            source: Some(source.into()),
            not_found: said.not_found,
        }
    }
}

macro_rules! described {
    ($($name:ident)*) => {
        $(impl $name {
            /// The error as it describes itself. `?` does the same, unless the type implements
            /// [`std::error::Error`] as well: then `?` keeps all of it private, as it does for
            /// every such type.
            #[allow(clippy::needless_pass_by_value, reason = "made for `map_err`")]
            pub fn described(error: impl Described) -> Self {
                Self::from_failure(Failure::described(&error))
            }
        })*
    };
}

described!(ToolError ResourceError PromptError);
