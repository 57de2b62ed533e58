//! The kinds of errors.

/// What kind of error an [`Error`](crate::Error) is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A tool failed, in the words of its author.
    Tool,
    /// A resource could not be read, in the words of its author.
    Resource,
    /// A prompt could not be made, in the words of its author.
    Prompt,
    /// There is no tool of this name.
    UnknownTool,
    /// There is no prompt of this name.
    UnknownPrompt,
    /// There is no resource under this URI.
    UnknownResource,
    /// There is no method of this name, or it is not offered.
    UnknownMethod,
    /// The parameters of a request do not have their shape.
    InvalidParams,
    /// The arguments given to a tool or prompt do not fit their schema.
    InvalidArguments,
    /// The client did not declare a capability that the request needs.
    MissingCapability,
    /// Nobody has proved who is calling, and it has to be known.
    ///
    /// Data: `{requiredScopes: [string]}`, where scopes are what is required.
    Unauthenticated,
    /// The caller is known, and was not granted what the operation needs.
    ///
    /// Data: `{requiredScopes: [string], missingScopes: [string]}`.
    Forbidden,
    /// The caller asks more often than it may.
    ///
    /// Data: `{retryAfterMs: integer}`.
    RateLimited,
    /// It took longer than allowed.
    Timeout,
    /// The requester no longer wants it.
    Cancelled,
    /// The client has to answer a question before the request can go on.
    InputRequired,
    /// A handler panicked.
    Panicked,
    /// A limit on the work at one time was reached.
    ///
    /// Data: `{retryAfterMs: integer}`, where that is known.
    Busy,
    /// Something that the server needs, such as a store, is not there at the moment.
    ///
    /// Data: `{retryAfterMs: integer}`, where that is known.
    Unavailable,
    /// The peer broke the protocol.
    Protocol,
    /// The peer answered with an error of its own.
    Remote,
    /// Reading from or writing to the peer failed.
    Io,
    /// The server was put together wrongly: a name taken twice, an address that may not be bound.
    Configuration,
    /// Something failed inside.
    Internal,
}

impl ErrorKind {
    /// Whether the cause is of no concern to the peer, so that its text is masked by default.
    pub fn is_internal(self) -> bool {
        matches!(
            self,
            Self::Panicked | Self::Io | Self::Configuration | Self::Internal
        )
    }
}
