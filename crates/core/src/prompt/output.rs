//! What a prompt may return.

use std::borrow::Cow;

use super::PromptResult;
use crate::Result;
use crate::error::IntoPromptError;
use crate::protocol::{Content, PromptMessage};
use crate::tool::{Fallible, Infallible};

/// A type a prompt may return, alone or in a `Result`.
///
/// Texts and content are one message of the user; messages and lists of them are as they are; a
/// pair of a description and messages says what they are for.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the messages of a prompt",
    label = "a prompt cannot return this",
    note = "return a `String`, `PromptMessage`, `Vec<PromptMessage>`, `(String, Vec<PromptMessage>)`, \
            `PromptResult`, or a `Result` of one of these"
)]
pub trait PromptOutput: Sized {
    /// The messages.
    fn into_prompt(self) -> PromptResult;
}

impl PromptOutput for PromptResult {
    fn into_prompt(self) -> PromptResult {
        self
    }
}

impl PromptOutput for PromptMessage {
    fn into_prompt(self) -> PromptResult {
        PromptResult::new([self])
    }
}

impl PromptOutput for Vec<PromptMessage> {
    fn into_prompt(self) -> PromptResult {
        PromptResult::new(self)
    }
}

impl<const N: usize> PromptOutput for [PromptMessage; N] {
    fn into_prompt(self) -> PromptResult {
        PromptResult::new(self)
    }
}

impl<D: Into<String>, M: PromptOutput> PromptOutput for (D, M) {
    fn into_prompt(self) -> PromptResult {
        self.1.into_prompt().with_description(self.0)
    }
}

macro_rules! user_messages {
    ($($ty:ty)*) => {
        $(impl PromptOutput for $ty {
            fn into_prompt(self) -> PromptResult {
                PromptMessage::user(self).into_prompt()
            }
        })*
    };
}

user_messages!(String &str Content);

impl PromptOutput for Cow<'_, str> {
    fn into_prompt(self) -> PromptResult {
        self.into_owned().into_prompt()
    }
}

impl<T, E> Fallible<T, E> {
    /// The result of a prompt.
    pub fn respond_prompt(self, value: Result<T, E>) -> Result<PromptResult>
    where
        T: PromptOutput,
        E: IntoPromptError,
    {
        value.map(T::into_prompt).map_err(E::into_prompt_error)
    }
}

impl<T> Infallible<T> {
    /// The result of a prompt.
    pub fn respond_prompt(self, value: T) -> Result<PromptResult>
    where
        T: PromptOutput,
    {
        Ok(value.into_prompt())
    }
}
