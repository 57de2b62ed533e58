//! Errors whose text is for the model as it is.

use std::fmt::Display;

use super::failure::Failure;
use super::{PromptError, ResourceError, ToolError};

/// An error whose text the model may read; see [`PublicResult`] and [`PublicText`].
#[derive(Debug)]
pub struct PublicError(String);

/// Makes the errors of a `Result` public.
///
/// ```
/// use purlin_core::{PublicResult as _, ToolError};
///
/// fn parse(text: &str) -> Result<u8, ToolError> {
///     Ok(text.parse::<u8>().public()?)
/// }
/// assert_eq!(parse("x").unwrap_err().to_string(), "invalid digit found in string");
/// ```
pub trait PublicResult<T> {
    /// The result, with the text of its error for the model to read.
    ///
    /// # Errors
    /// Those of the result.
    fn public(self) -> Result<T, PublicError>;
}

impl<T, E: Display> PublicResult<T> for Result<T, E> {
    fn public(self) -> Result<T, PublicError> {
        self.map_err(|error| PublicError(error.to_string()))
    }
}

/// Makes one error public.
///
/// ```
/// use purlin_core::{PublicText as _, ToolError};
///
/// let error = "x".parse::<u8>().unwrap_err();
/// let error = ToolError::from(error.public());
/// assert_eq!(error.to_string(), "invalid digit found in string");
/// ```
pub trait PublicText {
    /// The error, with its text for the model to read.
    fn public(&self) -> PublicError;
}

impl<E: std::error::Error> PublicText for E {
    fn public(&self) -> PublicError {
        PublicError(self.to_string())
    }
}

macro_rules! public {
    ($($name:ident)*) => {
        $(impl From<PublicError> for $name {
            fn from(error: PublicError) -> Self {
                Self::from_failure(Failure {
                    text: Some(error.0.into()),
                    ..Failure::default()
                })
            }
        })*
    };
}

public!(ToolError ResourceError PromptError);
