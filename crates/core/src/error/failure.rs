//! How a handler fails: a public text for the model, a private source for the log.

use std::borrow::Cow;
use std::fmt;
use std::fmt::Write as _;

use super::{BoxError, MASKED, chain};

/// What the three handler errors have in common.
#[derive(Default)]
pub(super) struct Failure {
    /// Meant for the model or the user.
    pub(super) text: Option<Cow<'static, str>>,
    /// A short code, for programs to compare.
    pub(super) code: Option<Cow<'static, str>>,
    /// What the caller can do about it.
    pub(super) recovery: Vec<Cow<'static, str>>,
    /// Meant for the log.
    pub(super) source: Option<BoxError>,
    /// A resource that is not there, rather than one that could not be read.
    pub(super) not_found: bool,
}

impl Failure {
    /// The text, the code and the steps, as the model reads them.
    pub(super) fn public_text(&self, mask: bool) -> Cow<'_, str> {
        let text = match (&self.text, &self.source) {
            (Some(text), _) => Cow::Borrowed(&**text),
            (None, Some(source)) if !mask => Cow::Owned(chain(&**source)),
            (None, _) => Cow::Borrowed(MASKED),
        };
        if self.code.is_none() && self.recovery.is_empty() {
            return text;
        }
        let mut text = text.into_owned();
        if let Some(code) = &self.code {
            let _ = write!(text, "\nCode: {code}");
        }
        for step in &self.recovery {
            let _ = write!(text, "\n- {step}");
        }
        Cow::Owned(text)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Failure");
        if let Some(text) = &self.text {
            debug.field("text", text);
        }
        if let Some(code) = &self.code {
            debug.field("code", code);
        }
        if !self.recovery.is_empty() {
            debug.field("recovery", &self.recovery);
        }
        if let Some(source) = &self.source {
            debug.field("source", source);
        }
        debug.finish()
    }
}

macro_rules! handler_error {
    ($(#[$docs:meta])* $name:ident) => {
        $(#[$docs])*
        pub struct $name(Box<Failure>);

        impl $name {
            /// Fails with a text meant for the model or the user.
            pub fn new(text: impl Into<Cow<'static, str>>) -> Self {
                Self(Box::new(Failure { text: Some(text.into()), ..Failure::default() }))
            }

            /// Fails for a reason that is for the log alone; the caller reads "internal error".
            pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
                Self(Box::new(Failure { source: Some(source.into()), ..Failure::default() }))
            }

            /// Adds a short code for programs to compare, for example `out_of_stock`.
            #[must_use]
            pub fn with_code(mut self, code: impl Into<Cow<'static, str>>) -> Self {
                self.0.code = Some(code.into());
                self
            }

            /// Adds a step the caller can take, for example "Ask for a city of this country."
            #[must_use]
            pub fn with_recovery(mut self, step: impl Into<Cow<'static, str>>) -> Self {
                self.0.recovery.push(step.into());
                self
            }

            /// Adds what caused it, for the log alone.
            #[must_use]
            pub fn with_source(
                mut self,
                source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
            ) -> Self {
                self.0.source = Some(source.into());
                self
            }

            /// The short code.
            pub fn code(&self) -> Option<&str> {
                self.0.code.as_deref()
            }

            /// What caused it.
            pub fn source(&self) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
                self.0.source.as_deref()
            }

            /// The text for the caller, with its code and recovery steps, one per line.
            ///
            /// Where the author gave no text it is "internal error", or with `mask` off the causes.
            pub fn public_text(&self, mask: bool) -> Cow<'_, str> {
                self.0.public_text(mask)
            }

            pub(super) fn from_failure(failure: Failure) -> Self {
                Self(Box::new(failure))
            }

            pub(super) fn into_failure(self) -> Failure {
                *self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.0.text.as_deref().unwrap_or(MASKED))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.0).finish()
            }
        }

        impl<E: Into<BoxError> + 'static> From<E> for $name {
            fn from(error: E) -> Self {
                Self(Box::new(super::convert::failure(error)))
            }
        }
    };
}

handler_error! {
    /// Why a tool failed: a text for the model, and a source for the log.
    ///
    /// `?` on any other error keeps that error private: the model reads "internal error", the log
    /// reads the cause. A `String` or `&str` is a text for the model.
    ///
    /// It does not implement [`std::error::Error`] itself, which is what makes `?` on every other
    /// error possible.
    ///
    /// ```
    /// use purlin_core::ToolError;
    ///
    /// fn stock(text: &str) -> Result<u32, ToolError> {
    ///     if text.is_empty() {
    ///         return Err(ToolError::new("no item given")
    ///             .with_code("no_item")
    ///             .with_recovery("Ask the user which item they mean."));
    ///     }
    ///     Ok(text.parse()?)
    /// }
    /// assert_eq!(stock("").unwrap_err().to_string(), "no item given");
    /// assert_eq!(stock("x").unwrap_err().to_string(), "internal error");
    /// ```
    ToolError
}

handler_error! {
    /// Why a resource could not be read: a text for the client, and a source for the log.
    ///
    /// Conversions are those of [`ToolError`].
    ///
    /// ```
    /// use purlin_core::ResourceError;
    ///
    /// let error = ResourceError::not_found("there is no city `Atlantis`");
    /// assert!(error.is_not_found());
    /// ```
    ResourceError
}

handler_error! {
    /// Why a prompt could not be made: a text for the client, and a source for the log.
    ///
    /// Conversions are those of [`ToolError`].
    PromptError
}

impl ResourceError {
    /// There is nothing under this URI. Clients are told so with the protocol's own error.
    pub fn not_found(text: impl Into<Cow<'static, str>>) -> Self {
        let mut error = Self::new(text);
        error.0.not_found = true;
        error
    }

    /// Whether there is nothing under the URI.
    pub fn is_not_found(&self) -> bool {
        self.0.not_found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_reads_text_code_and_steps() {
        let error = ToolError::new("sold out")
            .with_code("sold_out")
            .with_recovery("Wait.");
        assert_eq!(error.public_text(true), "sold out\nCode: sold_out\n- Wait.");
        assert_eq!(error.code(), Some("sold_out"));
    }

    #[test]
    fn a_source_is_private_and_a_string_is_public() {
        let private = ToolError::from("x".parse::<u8>().unwrap_err());
        assert_eq!(private.public_text(true), "internal error");
        assert_eq!(private.public_text(false), "invalid digit found in string");
        assert!(format!("{private:?}").contains("InvalidDigit"));

        assert_eq!(ToolError::from("plain").public_text(true), "plain");
        assert_eq!(
            ToolError::from(String::from("plain")).public_text(true),
            "plain"
        );
        let boxed: BoxError = "boxed".into();
        assert_eq!(ToolError::from(boxed).public_text(true), "internal error");
    }
}
