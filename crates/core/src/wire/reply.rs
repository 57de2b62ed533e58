//! Answers: how a result or an error becomes the bytes of a JSON-RPC response.

use std::borrow::Cow;

use serde::Serialize;

use crate::protocol::{ErrorCode, ErrorObject};

/// One encoded JSON-RPC answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reply {
    /// The HTTP status that goes with it: 200, or what the stateless era
    /// prescribes for the error in the body. Other transports ignore it.
    pub status: u16,
    /// The message, without a line end.
    pub body: Vec<u8>,
    /// In how many seconds the client may come back, for the HTTP header of that
    /// name.
    pub retry_after: Option<u32>,
    /// All scopes that the operation needs, where it was refused (401, 403) for want of a
    /// caller that has them; for `WWW-Authenticate`.
    pub scopes: Box<[String]>,
}

impl Reply {
    /// A finished answer with HTTP status 200.
    pub(crate) fn ok(body: Vec<u8>) -> Self {
        Self {
            status: 200,
            body,
            retry_after: None,
            scopes: Box::default(),
        }
    }

    /// The answer `{}` to the request with this id.
    pub(crate) fn empty(id: &str) -> Self {
        let mut body = begin_result(id, 2);
        body.extend_from_slice(b"{}}");
        Self::ok(body)
    }

    /// An answer whose result is given as JSON text.
    pub(crate) fn result(id: &str, result: &[u8]) -> Self {
        let mut body = begin_result(id, result.len());
        body.extend_from_slice(result);
        body.push(b'}');
        Self::ok(body)
    }

    /// An error answer. The status is 200; see [`with_status`](Self::with_status).
    pub fn error(id: Option<&str>, error: &ErrorObject) -> Self {
        let mut body = Vec::with_capacity(128 + error.message.len());
        body.extend_from_slice(br#"{"jsonrpc":"2.0","#);
        if let Some(id) = id {
            body.extend_from_slice(br#""id":"#);
            body.extend_from_slice(id.as_bytes());
            body.push(b',');
        }
        body.extend_from_slice(br#""error":"#);
        write_json(&mut body, error);
        body.push(b'}');
        Self::ok(body)
    }

    /// The same answer with another HTTP status.
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
}

/// Starts a response; the caller writes the result and a closing brace.
pub(crate) fn begin_result(id: &str, room: usize) -> Vec<u8> {
    let mut body = Vec::with_capacity(40 + id.len() + room);
    body.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
    body.extend_from_slice(id.as_bytes());
    body.extend_from_slice(br#","result":"#);
    body
}

/// Encodes a notification whose params are given as JSON text.
pub(crate) fn notification(method: &str, params: &[u8]) -> Vec<u8> {
    let mut body = Vec::with_capacity(48 + method.len() + params.len());
    body.extend_from_slice(br#"{"jsonrpc":"2.0","method":""#);
    body.extend_from_slice(method.as_bytes());
    body.push(b'"');
    if !params.is_empty() {
        body.extend_from_slice(br#","params":"#);
        body.extend_from_slice(params);
    }
    body.push(b'}');
    body
}

/// Encodes a request of ours.
pub(crate) fn request(id: u64, method: &str, params: &[u8]) -> Vec<u8> {
    let mut body = Vec::with_capacity(64 + method.len() + params.len());
    body.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
    body.extend_from_slice(id.to_string().as_bytes());
    body.extend_from_slice(br#","method":""#);
    body.extend_from_slice(method.as_bytes());
    body.push(b'"');
    if !params.is_empty() {
        body.extend_from_slice(br#","params":"#);
        body.extend_from_slice(params);
    }
    body.push(b'}');
    body
}

/// Appends a value as JSON.
pub(crate) fn write_json<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    let start = out.len();
    if serde_json::to_writer(&mut *out, value).is_err() {
        // Only a map with keys that are no texts or a user's own serializer can
        // fail; the message stays well formed.
        out.truncate(start);
        out.extend_from_slice(b"null");
    }
}

/// How long a value is as JSON.
pub(crate) fn json_len<T: Serialize + ?Sized>(value: &T) -> usize {
    struct Count(usize);

    impl std::io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    let mut count = Count(0);
    // What cannot be serialised is written as `null`.
    match serde_json::to_writer(&mut count, value) {
        Ok(()) => count.0,
        Err(_) => "null".len(),
    }
}

/// A message that is refused before it reaches a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    id: Option<String>,
    code: i64,
    message: Cow<'static, str>,
}

impl Refusal {
    pub(crate) fn new(
        id: Option<String>,
        code: i64,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            id,
            code,
            message: message.into(),
        }
    }

    pub(crate) fn parse(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(None, ErrorCode::PARSE_ERROR, message)
    }

    pub(crate) fn invalid(id: Option<String>, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(id, ErrorCode::INVALID_REQUEST, message)
    }

    /// A batch where none may stand: only sessions of 2025-03-26 have them.
    pub fn batch() -> Self {
        Self::invalid(
            None,
            "batches exist only in sessions of 2025-03-26: send one message at a time",
        )
    }

    /// A message above the size limit, which is in bytes.
    pub fn too_large(limit: usize) -> Self {
        Self::invalid(None, format!("the message is larger than {limit} bytes"))
    }

    /// The JSON-RPC error code.
    pub fn code(&self) -> i64 {
        self.code
    }

    /// The id of the message, as JSON text, where it could be read.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The answer to send, with HTTP status 400.
    pub fn reply(&self) -> Reply {
        Reply::error(
            self.id(),
            &ErrorObject::new(self.code, self.message.as_ref()),
        )
        .with_status(400)
    }
}
