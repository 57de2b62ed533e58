//! Template variables as parameters.

use std::fmt::Display;
use std::str::FromStr;

use super::{ResourceDescription, ResourceInput, VariableValue};
use crate::tool::{Argument, Injected};

/// A value of one text, as the `K` of [`TemplateVariable`].
#[doc(hidden)]
#[derive(Debug)]
pub enum One {}

/// A value that need not be there, as the `K` of [`TemplateVariable`].
#[doc(hidden)]
#[derive(Debug)]
pub enum Optional {}

/// A list of values, as the `K` of [`TemplateVariable`].
#[doc(hidden)]
#[derive(Debug)]
pub enum Many {}

/// A type that the value of a template variable can become: any with [`FromStr`], an `Option` of
/// one for query parameters, and a `Vec` for variables with `*`.
///
/// `K` is inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of a template variable",
    label = "not made from a text",
    note = "implement `std::str::FromStr` for `{Self}`, with an error that implements `Display`"
)]
pub trait TemplateVariable<K>: Sized + Send {
    /// Reads the value.
    #[doc(hidden)]
    fn __from_value(value: &VariableValue) -> Result<Self, String>;

    /// The value when there is none; `None` for types that need one.
    #[doc(hidden)]
    fn __absent() -> Option<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: FromStr<Err: Display> + Send> TemplateVariable<One> for T {
    fn __from_value(value: &VariableValue) -> Result<Self, String> {
        value
            .text()
            .parse()
            .map_err(|error: T::Err| error.to_string())
    }

    fn __absent() -> Option<Self> {
        None
    }
}

impl<T: FromStr<Err: Display> + Send> TemplateVariable<Optional> for Option<T> {
    fn __from_value(value: &VariableValue) -> Result<Self, String> {
        T::__from_value(value).map(Some)
    }

    fn __absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: FromStr<Err: Display> + Send> TemplateVariable<Many> for Vec<T> {
    fn __from_value(value: &VariableValue) -> Result<Self, String> {
        let texts = value.texts().into_iter();
        texts
            .map(|text| text.parse().map_err(|error: T::Err| error.to_string()))
            .collect()
    }

    fn __absent() -> Option<Self> {
        Some(Vec::new())
    }
}

impl<T, D> Argument<T, D> {
    /// Describes a template variable. Its type is all there is to say; whether
    /// it fits is asked where the variable is taken, and only there.
    pub fn describe_variable(self, _: &mut ResourceDescription, _: usize) {}

    /// Describes a template variable with a default.
    pub fn default_variable(self, _: &mut ResourceDescription, _: usize, _: fn() -> T) {}

    /// Takes the variable; `None` when it is wrong, which the input notes.
    pub fn take_variable<K>(self, input: &mut ResourceInput<'_>, index: usize) -> Option<T>
    where
        T: TemplateVariable<K>,
    {
        take(input, index, T::__absent)
    }

    /// Takes the variable, or its default.
    pub fn take_variable_or<K>(
        self,
        input: &mut ResourceInput<'_>,
        index: usize,
        value: fn() -> T,
    ) -> Option<T>
    where
        T: TemplateVariable<K>,
    {
        take(input, index, || Some(value()))
    }
}

fn take<K, T: TemplateVariable<K>>(
    input: &mut ResourceInput<'_>,
    index: usize,
    absent: impl FnOnce() -> Option<T>,
) -> Option<T> {
    let Some(given) = input.given(index) else {
        return absent().or_else(|| {
            input.refuse(index, "is required");
            None
        });
    };
    match T::__from_value(given) {
        Ok(value) => input.admits(index, given).then_some(value),
        Err(problem) => {
            input.refuse(index, &problem);
            None
        }
    }
}

impl<T> Injected<T> {
    /// Says nothing.
    pub fn describe_variable(self, _: &mut ResourceDescription, _: usize) {}

    /// Says nothing.
    pub fn default_variable(self, _: &mut ResourceDescription, _: usize, _: fn() -> T) {}

    /// Takes nothing from the URI.
    pub fn take_variable(self, _: &mut ResourceInput<'_>, _: usize) -> Option<T> {
        None
    }

    /// Takes nothing from the URI.
    pub fn take_variable_or(self, _: &mut ResourceInput<'_>, _: usize, _: fn() -> T) -> Option<T> {
        None
    }
}
