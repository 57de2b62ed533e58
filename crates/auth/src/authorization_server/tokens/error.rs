//! What an endpoint answers instead of tokens.

use std::{borrow::Cow, fmt, time::Duration};

use http::StatusCode;
use purlin_core::store::{StoreError, StoreErrorKind};
use serde_json::{Value, json};

/// When a store that is down is worth another try.
const COME_BACK: Duration = Duration::from_secs(5);

/// The codes of errors (RFC 6749, section 5.2; RFC 7591, section 3.2.2; RFC 8707, section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum TokenErrorCode {
    InvalidRequest,
    InvalidClient,
    InvalidGrant,
    UnauthorizedClient,
    UnsupportedGrantType,
    InvalidScope,
    InvalidTarget,
    InvalidRedirectUri,
    InvalidClientMetadata,
    /// The address asks too often: 429.
    SlowDown,
    /// Something we depend on is down: 503.
    TemporarilyUnavailable,
    /// A mistake of ours: 500.
    ServerError,
}

impl TokenErrorCode {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::InvalidRedirectUri => "invalid_redirect_uri",
            Self::InvalidClientMetadata => "invalid_client_metadata",
            Self::SlowDown => "slow_down",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::ServerError => "server_error",
        }
    }
}

/// An error of the token, revocation or registration endpoint. Its text names a rule, never a
/// secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TokenError {
    code: TokenErrorCode,
    description: Cow<'static, str>,
    retry_after: Option<Duration>,
}

impl TokenError {
    pub(crate) fn new(code: TokenErrorCode, description: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            description: description.into(),
            retry_after: None,
        }
    }

    pub(crate) fn invalid_request(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(TokenErrorCode::InvalidRequest, description)
    }

    pub(crate) fn invalid_client(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(TokenErrorCode::InvalidClient, description)
    }

    pub(crate) fn invalid_grant(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(TokenErrorCode::InvalidGrant, description)
    }

    /// The address asks too often.
    pub(crate) fn slow_down(retry_after: Duration) -> Self {
        let mut error = Self::new(
            TokenErrorCode::SlowDown,
            "too many requests: wait, then try again",
        );
        error.retry_after = Some(retry_after);
        error
    }

    /// Something we depend on is down. Nothing was decided.
    pub(crate) fn unavailable(retry_after: Option<Duration>) -> Self {
        let text = "a service this server needs is not available: try again later";
        let mut error = Self::new(TokenErrorCode::TemporarilyUnavailable, text);
        error.retry_after = Some(retry_after.unwrap_or(COME_BACK));
        error
    }

    pub(crate) fn code(&self) -> TokenErrorCode {
        self.code
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self.code {
            TokenErrorCode::InvalidClient => StatusCode::UNAUTHORIZED,
            TokenErrorCode::SlowDown => StatusCode::TOO_MANY_REQUESTS,
            TokenErrorCode::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            TokenErrorCode::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// For `Retry-After`, in whole seconds, at least one.
    pub(crate) fn retry_after(&self) -> Option<u64> {
        self.retry_after
            .map(|wait| wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
            .map(|wait| wait.max(1))
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({"error": self.code.as_str(), "error_description": self.description})
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.description)
    }
}

impl std::error::Error for TokenError {}

/// Whoever cannot ask the store decides nothing: 503.
impl From<StoreError> for TokenError {
    fn from(error: StoreError) -> Self {
        tracing::warn!(target: "purlin::auth", %error, "the store of the authorization server failed");
        match error.kind() {
            StoreErrorKind::Unavailable
            | StoreErrorKind::Timeout
            | StoreErrorKind::Quota
            | StoreErrorKind::Conflict => Self::unavailable(None),
            _ => Self::new(TokenErrorCode::ServerError, "internal error"),
        }
    }
}
