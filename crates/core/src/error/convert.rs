//! What may stand as `E` in the `Result` of a handler.

use std::any::Any;
use std::borrow::Cow;

use super::failure::Failure;
use super::{BoxError, Error, PromptError, ResourceError, ToolError};

/// A type that may be the error of a tool.
///
/// These are [`ToolError`], every [`std::error::Error`] (whose text stays private), `String` and
/// `&'static str` (which are texts for the model), and what converts into a [`ToolError`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a tool",
    label = "not an error a tool may return",
    note = "derive `ToolError` for `{Self}` to say what a model may read of it",
    note = "or return `ToolError`, a `String` with a text for the model, or a type that implements \
            `std::error::Error`, whose text is kept from the model"
)]
pub trait IntoToolError {
    /// The error as the library carries it.
    #[doc(hidden)]
    fn into_tool_error(self) -> Error;
}

#[diagnostic::do_not_recommend]
impl<E: Into<ToolError>> IntoToolError for E {
    fn into_tool_error(self) -> Error {
        self.into().into()
    }
}

/// A type that may be the error of a resource; see [`IntoToolError`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a resource",
    label = "not an error a resource may return",
    note = "derive `ToolError` for `{Self}` to say what a client may read of it",
    note = "or return `ResourceError`, a `String` with a text for the client, or a type that implements \
            `std::error::Error`, whose text is kept from the client"
)]
pub trait IntoResourceError {
    /// The error as the library carries it.
    #[doc(hidden)]
    fn into_resource_error(self) -> Error;
}

#[diagnostic::do_not_recommend]
impl<E: Into<ResourceError>> IntoResourceError for E {
    fn into_resource_error(self) -> Error {
        self.into().into()
    }
}

/// A type that may be the error of a prompt; see [`IntoToolError`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a prompt",
    label = "not an error a prompt may return",
    note = "derive `ToolError` for `{Self}` to say what a client may read of it",
    note = "or return `PromptError`, a `String` with a text for the client, or a type that implements \
            `std::error::Error`, whose text is kept from the client"
)]
pub trait IntoPromptError {
    /// The error as the library carries it.
    #[doc(hidden)]
    fn into_prompt_error(self) -> Error;
}

#[diagnostic::do_not_recommend]
impl<E: Into<PromptError>> IntoPromptError for E {
    fn into_prompt_error(self) -> Error {
        self.into().into()
    }
}

/// Texts are public, everything else is private.
pub(super) fn failure<E: Into<BoxError> + 'static>(error: E) -> Failure {
    let text = public_text(&error);
    let source = if text.is_none() {
        Some(error.into())
    } else {
        None
    };
    Failure {
        text,
        source,
        ..Failure::default()
    }
}

fn public_text(error: &dyn Any) -> Option<Cow<'static, str>> {
    error
        .downcast_ref::<&'static str>()
        .map(|text| Cow::Borrowed(*text))
        .or_else(|| {
            error
                .downcast_ref::<String>()
                .map(|text| Cow::Owned(text.clone()))
        })
        .or_else(|| error.downcast_ref::<Cow<'static, str>>().cloned())
}
