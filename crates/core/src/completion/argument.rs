//! What a completion may take as parameters.

use std::collections::BTreeMap;

use super::{CompletionDescription, CompletionInput};
use crate::tool::{Argument, Injected};

/// A type a completion may take: a text, which is what has been typed, or [`KnownArguments`].
#[diagnostic::on_unimplemented(
    message = "a completion cannot take `{Self}`",
    label = "a completion takes what has been typed, as `&str`",
    note = "it may also take `KnownArguments`, the other arguments that are settled already"
)]
pub trait CompletionArg: Sized + Send {
    /// Takes the value.
    #[doc(hidden)]
    fn __take(input: &CompletionInput<'_>) -> Self;
}

impl CompletionArg for String {
    fn __take(input: &CompletionInput<'_>) -> Self {
        input.value().to_owned()
    }
}

impl CompletionArg for KnownArguments {
    fn __take(input: &CompletionInput<'_>) -> Self {
        input.known()
    }
}

/// The other arguments of the prompt or template that are settled already.
///
/// ```
/// use purlin_core::completion::KnownArguments;
///
/// let known: KnownArguments = [("country", "fr")].into_iter().collect();
/// assert_eq!(known.get("country"), Some("fr"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownArguments(BTreeMap<String, String>);

impl KnownArguments {
    /// All of them: name and value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value of an argument.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for KnownArguments {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(arguments: I) -> Self {
        Self(
            arguments
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

impl<T, D> Argument<T, D> {
    /// Says nothing: completions are not listed.
    pub fn describe_typed(self, _: &mut CompletionDescription, _: usize)
    where
        T: CompletionArg,
    {
    }

    /// Takes the value.
    pub fn take_typed(self, input: &mut CompletionInput<'_>, _: usize) -> Option<T>
    where
        T: CompletionArg,
    {
        Some(T::__take(input))
    }

    /// Takes the value: a client always gives one.
    pub fn take_typed_or(self, input: &mut CompletionInput<'_>, _: usize, _: fn() -> T) -> Option<T>
    where
        T: CompletionArg,
    {
        Some(T::__take(input))
    }
}

impl<T> Injected<T> {
    /// Says nothing.
    pub fn describe_typed(self, _: &mut CompletionDescription, _: usize) {}

    /// Takes nothing from the client.
    pub fn take_typed(self, _: &mut CompletionInput<'_>, _: usize) -> Option<T> {
        None
    }

    /// Takes nothing from the client.
    pub fn take_typed_or(self, _: &mut CompletionInput<'_>, _: usize, _: fn() -> T) -> Option<T> {
        None
    }
}
