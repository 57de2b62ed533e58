//! What can go wrong, and who may read about it.
//!
//! [`Error`] is the one error of the library: opaque, one pointer wide, told apart by
//! [`Error::kind`]. Handlers fail with [`ToolError`], [`ResourceError`] or [`PromptError`], which
//! separate the text meant for the model from the source meant for the log. Error numbers and HTTP
//! statuses are not known here; the wire chooses them by kind.

mod convert;
mod described;
mod failure;
mod kind;
mod public;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

pub use convert::{IntoPromptError, IntoResourceError, IntoToolError};
pub use described::{Described, Said};
pub use failure::{PromptError, ResourceError, ToolError};
pub use kind::ErrorKind;
pub use public::{PublicError, PublicResult, PublicText};

use failure::Failure;

/// The result of an operation of this library.
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// Any error, boxed.
pub(crate) type BoxError = Box<dyn StdError + Send + Sync>;

/// The member of an error's data that says when to try again, in milliseconds.
const RETRY_AFTER: &str = "retryAfterMs";

/// What a reader sees in place of a text that is not meant for it.
pub(crate) const MASKED: &str = "internal error";

/// An error of this library.
///
/// Its text is meant for the peer, unless the kind says that the cause is ours
/// ([`ErrorKind::is_internal`]); what the cause was stays in [`source`](StdError::source).
///
/// ```
/// use purlin_core::{Error, ErrorKind};
///
/// let error = Error::new(ErrorKind::UnknownTool, "there is no tool `ad`");
/// assert_eq!(error.kind(), ErrorKind::UnknownTool);
/// assert_eq!(error.to_string(), "there is no tool `ad`");
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    data: Option<Value>,
    failure: Option<Failure>,
    source: Option<BoxError>,
}

impl Error {
    /// The member of [`data`](Self::data) that ties an answer to a line of the log. An error that
    /// has it was logged by whoever put it there.
    pub const CORRELATION_ID: &'static str = "correlationId";

    /// The member of [`data`](Self::data) that names all scopes an operation needs, as a list of
    /// texts. Over HTTP it becomes the challenge of a refusal.
    pub const REQUIRED_SCOPES: &'static str = "requiredScopes";

    /// An error of a kind, with a sentence about it.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            data: None,
            failure: None,
            source: None,
        }))
    }

    /// Something failed inside the server. The cause is for the log alone.
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(ErrorKind::Internal, MASKED).with_source(source)
    }

    /// Adds what caused the error. It is never sent to a peer.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Adds the details that a JSON-RPC error carries in `data`.
    #[must_use]
    pub fn with_data(mut self, data: impl Into<Value>) -> Self {
        self.0.data = Some(data.into());
        self
    }

    /// Says when trying again makes sense: a client that is told so over HTTP finds it in
    /// `Retry-After` too.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        // Rounded up: coming back a moment early would be refused again.
        let millis = u64::try_from(wait.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX);
        match &mut self.0.data {
            Some(Value::Object(data)) => {
                data.insert(RETRY_AFTER.to_owned(), millis.into());
            }
            data => *data = Some(json!({ RETRY_AFTER: millis })),
        }
        self
    }

    /// When trying again makes sense, if somebody said so: `retryAfterMs` of the details.
    ///
    /// ```
    /// use std::time::Duration;
    /// use purlin_core::{Error, ErrorKind};
    ///
    /// let busy = Error::new(ErrorKind::Busy, "all hands are taken");
    /// assert_eq!(busy.retry_after(), None);
    /// let busy = busy.with_retry_after(Duration::from_secs(2));
    /// assert_eq!(busy.retry_after(), Some(Duration::from_secs(2)));
    /// ```
    pub fn retry_after(&self) -> Option<Duration> {
        let millis = self.data()?.get(RETRY_AFTER)?.as_u64()?;
        Some(Duration::from_millis(millis))
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The details for `data` of a JSON-RPC error.
    pub fn data(&self) -> Option<&Value> {
        self.0.data.as_ref()
    }

    /// The text that may be shown to the peer.
    ///
    /// With `mask`, whatever the author did not mean for the peer reads "internal error"; without,
    /// the causes are spelled out.
    pub fn public_text(&self, mask: bool) -> Cow<'_, str> {
        match &self.0.failure {
            Some(failure) => failure.public_text(mask),
            None if !self.0.kind.is_internal() => Cow::Borrowed(&self.0.message),
            None if mask => Cow::Borrowed(MASKED),
            None => match &self.0.source {
                Some(source) => Cow::Owned(chain(&**source)),
                None => Cow::Borrowed(&self.0.message),
            },
        }
    }

    /// The short code a failed handler gave, for programs to compare.
    pub fn code(&self) -> Option<&str> {
        self.0.failure.as_ref()?.code.as_deref()
    }

    /// What the caller can do about it, as a failed handler said.
    pub fn recovery(&self) -> impl Iterator<Item = &str> {
        let steps = self.0.failure.iter().flat_map(|failure| &failure.recovery);
        steps.map(|step| &**step)
    }

    /// Sets the text that the peer reads, whatever the kind. The causes stay for the log.
    ///
    /// ```
    /// use purlin_core::{Error, ErrorKind};
    ///
    /// let error = Error::internal("the password is hunter2")
    ///     .with_public_text("the database is away")
    ///     .with_recovery("Try again in a minute.");
    /// assert_eq!(error.kind(), ErrorKind::Internal);
    /// assert_eq!(error.public_text(true), "the database is away\n- Try again in a minute.");
    /// ```
    #[must_use]
    pub fn with_public_text(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.failure_mut().text = Some(text.into());
        self
    }

    /// Sets the short code that programs compare.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<Cow<'static, str>>) -> Self {
        self.failure_mut().code = Some(code.into());
        self
    }

    /// Adds a step the caller can take.
    #[must_use]
    pub fn with_recovery(mut self, step: impl Into<Cow<'static, str>>) -> Self {
        self.failure_mut().recovery.push(step.into());
        self
    }

    /// Changes every text that a peer may read: `change` gives what a text is to be replaced by.
    /// Causes count as one text, which is read where nothing is masked; when it is replaced, it is
    /// all that is left of them. The [`data`](Self::data) stay as they are.
    ///
    /// ```
    /// use purlin_core::Error;
    ///
    /// let error = Error::internal("no way in with hunter2")
    ///     .map_texts(|text| text.contains("hunter2").then(|| text.replace("hunter2", "…")));
    /// assert_eq!(error.public_text(false), "no way in with …");
    /// ```
    #[must_use]
    pub fn map_texts(mut self, mut change: impl FnMut(&str) -> Option<String>) -> Self {
        let Inner {
            message,
            failure,
            source,
            ..
        } = &mut *self.0;
        let mut replace = |text: &mut Cow<'static, str>| {
            if let Some(changed) = change(text) {
                *text = Cow::Owned(changed);
            }
        };
        replace(message);
        let mut sources = vec![source];
        if let Some(failure) = failure {
            let steps = failure.recovery.iter_mut();
            steps.chain(&mut failure.text).for_each(&mut replace);
            sources.push(&mut failure.source);
        }
        for source in sources.into_iter().flatten() {
            if let Some(changed) = change(&chain(&**source)) {
                *source = changed.into();
            }
        }
        self
    }

    /// What the peer may read, apart from the message. An error that had none starts with what the
    /// peer would have read.
    fn failure_mut(&mut self) -> &mut Failure {
        let Inner {
            kind,
            message,
            failure,
            source,
            ..
        } = &mut *self.0;
        failure.get_or_insert_with(|| Failure {
            text: (!kind.is_internal()).then(|| message.clone()),
            // Where the causes may be read, they still are.
            source: kind.is_internal().then(|| source.take()).flatten(),
            ..Failure::default()
        })
    }

    /// An error that carries the failure of a handler.
    fn from_failure(kind: ErrorKind, mut failure: Failure) -> Self {
        // An error of ours that came through a handler by `?` keeps its own kind.
        if failure.text.is_none() {
            match failure
                .source
                .take()
                .map(<dyn StdError + Send + Sync>::downcast::<Self>)
            {
                Some(Ok(error)) => return *error,
                Some(Err(source)) => failure.source = Some(source),
                None => {}
            }
        }
        let message = failure.text.clone().unwrap_or(Cow::Borrowed(MASKED));
        let mut error = Self::new(kind, message);
        error.0.failure = Some(failure);
        error
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Error");
        debug
            .field("kind", &self.0.kind)
            .field("message", &self.0.message);
        if let Some(data) = &self.0.data {
            debug.field("data", data);
        }
        if let Some(failure) = &self.0.failure {
            debug.field("failure", failure);
        }
        if let Some(source) = &self.0.source {
            debug.field("source", source);
        }
        debug.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let failure = self
            .0
            .failure
            .as_ref()
            .and_then(|failure| failure.source.as_ref());
        self.0
            .source
            .as_ref()
            .or(failure)
            .map(|source| &**source as &(dyn StdError + 'static))
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::new(ErrorKind::Io, error.to_string()).with_source(error)
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(error)
    }
}

impl From<ToolError> for Error {
    fn from(error: ToolError) -> Self {
        Self::from_failure(ErrorKind::Tool, error.into_failure())
    }
}

impl From<ResourceError> for Error {
    fn from(error: ResourceError) -> Self {
        let kind = if error.is_not_found() {
            ErrorKind::UnknownResource
        } else {
            ErrorKind::Resource
        };
        Self::from_failure(kind, error.into_failure())
    }
}

impl From<PromptError> for Error {
    fn from(error: PromptError) -> Self {
        Self::from_failure(ErrorKind::Prompt, error.into_failure())
    }
}

/// An error and its causes in one line.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        // Many errors repeat their cause in their own text.
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_pointer_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    #[test]
    fn an_internal_error_is_masked() {
        let error = Error::internal("the password is hunter2");
        assert_eq!(error.public_text(true), "internal error");
        assert_eq!(error.public_text(false), "the password is hunter2");
        assert!(!error.to_string().contains("hunter2"));
    }

    #[test]
    fn an_error_of_ours_keeps_its_kind_through_a_handler() {
        fn handler() -> Result<(), ToolError> {
            Err(Error::new(ErrorKind::Cancelled, "the call was cancelled"))?;
            Ok(())
        }
        let error = Error::from(handler().unwrap_err());
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        assert_eq!(error.public_text(true), "the call was cancelled");
    }
}
