//! Why credentials could not be obtained.

use std::error::Error;
use std::fmt;

use purlin_client::ClientError;

/// How much of a text that others wrote is shown.
const EXCERPT: usize = 200;

/// Why credentials could not be obtained; what to do next depends on [`kind`](Self::kind).
pub struct AuthError(Box<Inner>);

struct Inner {
    kind: AuthErrorKind,
    message: String,
    code: Option<String>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// What sort of failure an [`AuthError`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuthErrorKind {
    /// Somebody could not be reached. Trying again may help.
    Network,
    /// The server does not say where its authorization server is, or that one not what it can do.
    Discovery,
    /// What was found does not fit together; it may be an attack. Nothing was sent.
    Mismatch,
    /// The authorization server lacks what is needed, or this client is not set up for it.
    Unsupported,
    /// The user, or the authorization server, said no.
    Denied,
    /// The authorization server answered with something that is no answer.
    Protocol,
    /// The user could not be asked.
    UserAgent,
    /// Tokens could not be read from, or written to, their store.
    Store,
    /// A key or another setting that was given cannot be used.
    Configuration,
}

impl AuthError {
    /// A failure in your own words; for implementers of
    /// [`UserAgent`](super::user_agent::UserAgent) and [`TokenStore`](super::store::TokenStore).
    pub fn new(kind: AuthErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            code: None,
            source: None,
        }))
    }

    /// Names the failure below this one.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// An error that an authorization server answered with (RFC 6749, sections 4.1.2.1 and 5.2).
    pub(super) fn denied(code: &str, description: Option<&str>) -> Self {
        let mut message = format!("the authorization server says `{}`", excerpt(code));
        if let Some(description) = description.filter(|text| !text.is_empty()) {
            message = format!("{message}: {}", excerpt(description));
        }
        let mut error = Self::new(AuthErrorKind::Denied, message);
        error.0.code = Some(code.to_owned());
        error
    }

    /// What sort of failure this is.
    pub fn kind(&self) -> AuthErrorKind {
        self.0.kind
    }

    /// The error code of the authorization server, such as `access_denied`.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }
}

/// A text that others wrote, fit for one line: cut, and without control characters.
pub(super) fn excerpt(text: &str) -> String {
    text.chars()
        .map(|character| {
            if character.is_control() {
                '\u{fffd}'
            } else {
                character
            }
        })
        .take(EXCERPT)
        .collect()
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.source {
            Some(source) => write!(f, "{}: {source}", self.0.message),
            None => f.write_str(&self.0.message),
        }
    }
}

impl fmt::Debug for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthError")
            .field("kind", &self.kind())
            .field("message", &format_args!("{self}"))
            .finish()
    }
}

impl Error for AuthError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0.source {
            Some(source) => Some(&**source),
            None => None,
        }
    }
}

impl From<AuthError> for ClientError {
    fn from(error: AuthError) -> Self {
        Self::from_authorization("authorization failed", error)
    }
}
