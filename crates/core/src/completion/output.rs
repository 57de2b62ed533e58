//! What a completion may return.

use crate::Result;
use crate::error::IntoToolError;
use crate::protocol::Completion;
use crate::tool::{Fallible, Infallible};

/// A type a completion may return, alone or in a `Result`: a list of texts, best first, of which
/// clients get the first 100, or a [`Completion`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the values of a completion",
    label = "a completion cannot return this",
    note = "return a `Vec<String>`, a `Vec<&str>`, a `Completion`, or a `Result` of one of these"
)]
pub trait CompletionOutput: Sized {
    /// The values.
    fn into_completion(self) -> Completion;
}

impl CompletionOutput for Completion {
    fn into_completion(mut self) -> Completion {
        if self.values.len() > Self::MAX_VALUES {
            let total = self.values.len();
            self.values.truncate(Self::MAX_VALUES);
            self.total.get_or_insert(total as u64);
            self.has_more = Some(true);
        }
        self
    }
}

impl<T: Into<String>> CompletionOutput for Vec<T> {
    fn into_completion(self) -> Completion {
        Completion::new(self)
    }
}

impl<T: Into<String>, const N: usize> CompletionOutput for [T; N] {
    fn into_completion(self) -> Completion {
        Completion::new(self)
    }
}

impl<T: Into<String>> CompletionOutput for Option<T> {
    fn into_completion(self) -> Completion {
        Completion::new(self)
    }
}

impl<T, E> Fallible<T, E> {
    /// The result of a completion.
    pub fn respond_completion(self, value: Result<T, E>) -> Result<Completion>
    where
        T: CompletionOutput,
        E: IntoToolError,
    {
        value.map(T::into_completion).map_err(E::into_tool_error)
    }
}

impl<T> Infallible<T> {
    /// The result of a completion.
    pub fn respond_completion(self, value: T) -> Result<Completion>
    where
        T: CompletionOutput,
    {
        Ok(value.into_completion())
    }
}
