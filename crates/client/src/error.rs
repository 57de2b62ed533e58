//! Everything that can go wrong for a caller, as one opaque error with a kind.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use purlin_core::protocol::{CallToolResult, ElicitRequest, ElicitUrl, ErrorCode, ErrorObject};
use serde::Deserialize as _;

/// Why a call, or the connection under it, failed.
///
/// What to do next depends on [`kind`](Self::kind); what to show is the `Display` text. The
/// details of an answer that was an error stay at hand: [`rpc`](Self::rpc) for a JSON-RPC error
/// object, [`tool_result`](Self::tool_result) for a tool that said it failed.
pub struct ClientError(Box<Failure>);

/// What sort of failure a [`ClientError`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Bytes could not be sent or received; the peer may never have seen the request.
    Transport,
    /// The connection is closed: by the peer, or because the client was closed.
    Closed,
    /// No answer within the time allowed. The server was told that the request is cancelled.
    Timeout,
    /// The server answered with a JSON-RPC error object.
    Rpc,
    /// The tool ran and reported a failure (`isError`). Only typed calls fail so.
    Tool,
    /// The answer, or the arguments, do not have the expected shape.
    Decode,
    /// The peer broke the protocol.
    Protocol,
    /// The server answered with an HTTP status that is no success, and no protocol message.
    HttpStatus,
    /// The server does not know the session (any more).
    SessionLost,
    /// The server wants (other) credentials (HTTP status 401 or 403), or they could not be obtained.
    Unauthorized,
    /// The server does not speak the revision asked for, or the one spoken has no such feature.
    Unsupported,
    /// What the client was configured with is not possible.
    Configuration,
}

// Without HTTP, some failures are never made; they still have to be told apart.
#[cfg_attr(not(feature = "http"), allow(dead_code))]
enum Failure {
    Transport {
        context: String,
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    Closed {
        reason: Option<String>,
    },
    Timeout(Duration),
    Rpc(ErrorObject),
    Tool(CallToolResult),
    Decode {
        what: String,
        source: serde_json::Error,
    },
    Protocol(String),
    HttpStatus {
        status: u16,
        body: String,
    },
    SessionLost,
    Unauthorized {
        status: u16,
        challenge: Option<String>,
        /// What the server says to it, for people; empty if it says nothing.
        said: String,
    },
    Authorization {
        context: String,
        source: Box<dyn Error + Send + Sync>,
    },
    Unsupported(String),
    Config(String),
    /// A failure that concerns one server of several.
    About {
        name: String,
        source: ClientError,
    },
}

impl ClientError {
    pub(crate) fn transport(
        context: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Failure::Transport {
            context: context.into(),
            source: Some(source.into()),
        }
        .into()
    }

    /// A failure of the transport that has no deeper cause; for implementers of
    /// [`Transport`](crate::transport::Transport).
    pub fn from_transport(context: impl Into<String>) -> Self {
        Failure::Transport {
            context: context.into(),
            source: None,
        }
        .into()
    }

    pub(crate) fn closed() -> Self {
        Failure::Closed { reason: None }.into()
    }

    pub(crate) fn closed_because(reason: impl Into<String>) -> Self {
        Failure::Closed {
            reason: Some(reason.into()),
        }
        .into()
    }

    pub(crate) fn timeout(after: Duration) -> Self {
        Failure::Timeout(after).into()
    }

    pub(crate) fn tool(result: CallToolResult) -> Self {
        Failure::Tool(result).into()
    }

    pub(crate) fn decode(what: impl Into<String>, source: serde_json::Error) -> Self {
        Failure::Decode {
            what: what.into(),
            source,
        }
        .into()
    }

    pub(crate) fn protocol(what: impl Into<String>) -> Self {
        Failure::Protocol(what.into()).into()
    }

    #[cfg(feature = "http")]
    pub(crate) fn http_status(status: u16, body: String) -> Self {
        Failure::HttpStatus { status, body }.into()
    }

    #[cfg(feature = "http")]
    pub(crate) fn session_lost() -> Self {
        Failure::SessionLost.into()
    }

    #[cfg(feature = "http")]
    pub(crate) fn unauthorized(status: u16, challenge: Option<String>, said: String) -> Self {
        let refusal = Failure::Unauthorized {
            status,
            challenge,
            said,
        };
        refusal.into()
    }

    /// Credentials that could not be obtained; for implementers of
    /// [`Authorize`](crate::http::Authorize).
    #[cfg(feature = "http")]
    pub fn from_authorization(
        context: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Failure::Authorization {
            context: context.into(),
            source: source.into(),
        }
        .into()
    }

    pub(crate) fn unsupported(what: impl Into<String>) -> Self {
        Failure::Unsupported(what.into()).into()
    }

    pub(crate) fn config(what: impl Into<String>) -> Self {
        Failure::Config(what.into()).into()
    }

    /// Says which of several servers the failure concerns.
    pub(crate) fn about(self, name: &str) -> Self {
        Failure::About {
            name: name.to_owned(),
            source: self,
        }
        .into()
    }

    /// What sort of failure this is.
    pub fn kind(&self) -> ErrorKind {
        match &*self.0 {
            Failure::Transport { .. } => ErrorKind::Transport,
            Failure::Closed { .. } => ErrorKind::Closed,
            Failure::Timeout(_) => ErrorKind::Timeout,
            Failure::Rpc(_) => ErrorKind::Rpc,
            Failure::Tool(_) => ErrorKind::Tool,
            Failure::Decode { .. } => ErrorKind::Decode,
            Failure::Protocol(_) => ErrorKind::Protocol,
            Failure::HttpStatus { .. } => ErrorKind::HttpStatus,
            Failure::SessionLost => ErrorKind::SessionLost,
            Failure::Unauthorized { .. } | Failure::Authorization { .. } => ErrorKind::Unauthorized,
            Failure::Unsupported(_) => ErrorKind::Unsupported,
            Failure::Config(_) => ErrorKind::Configuration,
            Failure::About { source, .. } => source.kind(),
        }
    }

    /// The error object the server answered with, for [`ErrorKind::Rpc`].
    pub fn rpc(&self) -> Option<&ErrorObject> {
        match &*self.0 {
            Failure::Rpc(error) => Some(error),
            Failure::About { source, .. } => source.rpc(),
            _ => None,
        }
    }

    /// The code of the error object the server answered with, for [`ErrorKind::Rpc`].
    pub fn code(&self) -> Option<i64> {
        self.rpc().map(|error| error.code)
    }

    /// What the user has to visit before the call can succeed, for a server of revision 2025-11-25
    /// that answered with error −32042; otherwise nothing.
    ///
    /// Calls of a client that answers questions with URLs
    /// ([`answer_elicitation_url`](crate::ClientBuilder::answer_elicitation_url)) fail so when the
    /// user does not want to go there, or was there and the server still wants it.
    pub fn required_urls(&self) -> Vec<ElicitUrl> {
        let Some(refusal) = self
            .rpc()
            .filter(|it| it.code == ErrorCode::URL_ELICITATION_REQUIRED)
        else {
            return Vec::new();
        };
        let named = refusal
            .data
            .as_ref()
            .and_then(|data| data.get("elicitations")?.as_array());
        let requests = named.into_iter().flatten().map(ElicitRequest::deserialize);
        requests
            .filter_map(|request| match request {
                Ok(ElicitRequest::Url(url)) => Some(url),
                _ => None,
            })
            .collect()
    }

    /// What the failed tool answered, for [`ErrorKind::Tool`].
    pub fn tool_result(&self) -> Option<&CallToolResult> {
        match &*self.0 {
            Failure::Tool(result) => Some(result),
            Failure::About { source, .. } => source.tool_result(),
            _ => None,
        }
    }

    /// The HTTP status, for [`ErrorKind::HttpStatus`] and [`ErrorKind::Unauthorized`].
    pub fn status(&self) -> Option<u16> {
        match &*self.0 {
            Failure::HttpStatus { status, .. } | Failure::Unauthorized { status, .. } => {
                Some(*status)
            }
            Failure::About { source, .. } => source.status(),
            _ => None,
        }
    }

    /// The `WWW-Authenticate` challenge, for [`ErrorKind::Unauthorized`].
    pub fn challenge(&self) -> Option<&str> {
        match &*self.0 {
            Failure::Unauthorized { challenge, .. } => challenge.as_deref(),
            Failure::About { source, .. } => source.challenge(),
            _ => None,
        }
    }
}

impl From<Failure> for ClientError {
    fn from(failure: Failure) -> Self {
        Self(Box::new(failure))
    }
}

impl From<ErrorObject> for ClientError {
    fn from(error: ErrorObject) -> Self {
        Failure::Rpc(error).into()
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Failure::Transport {
                context,
                source: Some(source),
            } => write!(f, "{context}: {source}"),
            Failure::Transport {
                context,
                source: None,
            } => f.write_str(context),
            Failure::Closed {
                reason: Some(reason),
            } => {
                write!(f, "the connection is closed: {reason}")
            }
            Failure::Closed { reason: None } => f.write_str("the connection is closed"),
            Failure::Timeout(after) => write!(f, "no answer within {after:?}"),
            Failure::Rpc(error) => {
                write!(
                    f,
                    "the server answered with error {}: {}",
                    error.code, error.message
                )
            }
            Failure::Tool(result) => {
                write!(f, "the tool failed: {}", result.text())
            }
            Failure::Decode { what, source } => write!(f, "{what}: {source}"),
            Failure::Protocol(what) => write!(f, "the peer broke the protocol: {what}"),
            Failure::HttpStatus { status, body } if body.is_empty() => {
                write!(f, "the server answered with HTTP status {status}")
            }
            Failure::HttpStatus { status, body } => {
                write!(f, "the server answered with HTTP status {status}: {body}")
            }
            Failure::SessionLost => f.write_str("the server does not know the session any more"),
            Failure::Unauthorized { status, said, .. } => {
                write!(
                    f,
                    "the server refused the credentials (HTTP status {status})"
                )?;
                match said.is_empty() {
                    true => Ok(()),
                    false => write!(f, ": {said}"),
                }
            }
            Failure::Authorization { context, source } => write!(f, "{context}: {source}"),
            Failure::Unsupported(what) | Failure::Config(what) => f.write_str(what),
            Failure::About { name, source } => write!(f, "`{name}`: {source}"),
        }
    }
}

impl fmt::Debug for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("ClientError");
        debug
            .field("kind", &self.kind())
            .field("message", &format_args!("{self}"));
        if let Some(data) = self.rpc().and_then(|error| error.data.as_ref()) {
            debug.field("data", data);
        }
        debug.finish()
    }
}

impl Error for ClientError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &*self.0 {
            Failure::Transport {
                source: Some(source),
                ..
            } => Some(&**source),
            Failure::Decode { source, .. } => Some(source),
            Failure::Authorization { source, .. } => Some(&**source),
            Failure::Rpc(error) => Some(error),
            Failure::About { source, .. } => Some(source),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ErrorKind;

    /// The kind after this one; a new kind does not compile until it has a place here.
    fn next(kind: ErrorKind) -> Option<ErrorKind> {
        Some(match kind {
            ErrorKind::Transport => ErrorKind::Closed,
            ErrorKind::Closed => ErrorKind::Timeout,
            ErrorKind::Timeout => ErrorKind::Rpc,
            ErrorKind::Rpc => ErrorKind::Tool,
            ErrorKind::Tool => ErrorKind::Decode,
            ErrorKind::Decode => ErrorKind::Protocol,
            ErrorKind::Protocol => ErrorKind::HttpStatus,
            ErrorKind::HttpStatus => ErrorKind::SessionLost,
            ErrorKind::SessionLost => ErrorKind::Unauthorized,
            ErrorKind::Unauthorized => ErrorKind::Unsupported,
            ErrorKind::Unsupported => ErrorKind::Configuration,
            ErrorKind::Configuration => return None,
        })
    }

    #[test]
    fn every_kind_is_in_the_error_reference() {
        let chapter = include_str!("../../../docs/client.md");
        for kind in std::iter::successors(Some(ErrorKind::Transport), |kind| next(*kind)) {
            assert!(chapter.contains(&format!("\n| `{kind:?}` |")), "{kind:?}");
        }
    }
}
