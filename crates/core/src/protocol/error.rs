//! JSON-RPC error objects and the codes the protocol gives a meaning.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The `error` member of a JSON-RPC response.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ErrorObject {
    /// What kind of error it is; see [`ErrorCode`].
    pub code: i64,
    /// One sentence for people.
    #[serde(default)]
    pub message: String,
    /// Details, whose shape depends on the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

impl ErrorObject {
    /// An error without data.
    pub fn new(code: i64, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            data: None,
        }
    }

    /// Adds details.
    #[must_use]
    pub fn with_data(mut self, data: impl Into<Value>) -> Self {
        self.data = Some(data.into());
        self
    }
}

impl fmt::Display for ErrorObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (code {})", self.message, self.code)
    }
}

impl std::error::Error for ErrorObject {}

/// The error codes of JSON-RPC 2.0 and of all MCP revisions.
///
/// Codes from -32000 to -32019 carry no agreed meaning, those from -32020 to -32099 belong to the
/// specification, and an application's own lie outside -32768 to -32000 (specification
/// 2026-07-28, "Error codes").
#[derive(Clone, Copy, Debug)]
pub enum ErrorCode {}

impl ErrorCode {
    /// The message is not JSON.
    pub const PARSE_ERROR: i64 = -32700;
    /// The message is JSON but no request.
    pub const INVALID_REQUEST: i64 = -32600;
    /// The method is unknown, was removed, or is not offered.
    pub const METHOD_NOT_FOUND: i64 = -32601;
    /// The parameters are wrong; also an unknown tool, prompt, resource or cursor.
    pub const INVALID_PARAMS: i64 = -32602;
    /// The receiver failed.
    pub const INTERNAL_ERROR: i64 = -32603;
    /// A routing header is missing, malformed, or contradicts the body (since 2026-07-28).
    pub const HEADER_MISMATCH: i64 = -32020;
    /// The request needs a capability its client did not declare (since 2026-07-28).
    ///
    /// Data: `{requiredCapabilities: ClientCapabilities}`.
    pub const MISSING_REQUIRED_CLIENT_CAPABILITY: i64 = -32021;
    /// The revision named is not supported (since 2026-07-28).
    ///
    /// Data: `{supported: [string], requested: string}`.
    pub const UNSUPPORTED_PROTOCOL_VERSION: i64 = -32022;
    /// There is no such resource (until 2025-11-25; accepted from peers of any revision).
    ///
    /// Data: `{uri: string}`.
    pub const RESOURCE_NOT_FOUND: i64 = -32002;
    /// The request needs an elicitation by URL to be completed first (2025-11-25).
    ///
    /// Data: `{elicitations: [ElicitUrl]}`.
    pub const URL_ELICITATION_REQUIRED: i64 = -32042;
    /// The user rejected a sampling request (2025-11-25).
    pub const USER_REJECTED: i64 = -1;
    /// Nobody has proved who is calling. Ours, after the HTTP status.
    ///
    /// Data: `{requiredScopes: [string]}`.
    pub const UNAUTHENTICATED: i64 = 401;
    /// The caller was not granted what the operation needs. Ours, after the HTTP status.
    ///
    /// Data: `{requiredScopes: [string], missingScopes: [string]}`.
    pub const FORBIDDEN: i64 = 403;
    /// The caller asks more often than it may. Ours, after the HTTP status.
    ///
    /// Data: `{retryAfterMs: integer}`.
    pub const RATE_LIMITED: i64 = 429;
    /// There is too much to do, or something that is needed is out of order. Ours, after the HTTP
    /// status.
    ///
    /// Data: `{retryAfterMs: integer}`, where that is known.
    pub const UNAVAILABLE: i64 = 503;
}
