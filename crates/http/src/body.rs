//! The one body type of all responses, so that no body is boxed to hide its
//! type.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Frame, SizeHint};

use crate::{
    modern::ModernStream,
    session::{Reader, TailBody},
};

/// The body of a response: nothing, one piece, or an event stream.
pub struct Body(Inner);

enum Inner {
    Full(Bytes),
    Modern(Box<ModernStream>),
    Session(Box<Reader>),
    Tail(Box<TailBody>),
    #[cfg(feature = "legacy-sse")]
    Legacy(Box<crate::legacy_sse::LegacyStream>),
    Routed(Pin<Box<dyn http_body::Body<Data = Bytes, Error = BodyError> + Send>>),
}

/// A body of a [route](crate::HttpConfig::route) that broke off.
#[derive(Debug)]
pub struct BodyError(Box<dyn std::error::Error + Send + Sync>);

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body broke off")
    }
}

impl std::error::Error for BodyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0)
    }
}

/// A body whose errors are ours.
struct Foreign<B>(Pin<Box<B>>);

impl<B> http_body::Body for Foreign<B>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let next = self.0.as_mut().poll_frame(cx);
        next.map_err(|error| BodyError(error.into()))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

impl Body {
    pub(crate) const EMPTY: Self = Self(Inner::Full(Bytes::new()));

    pub(crate) fn modern(stream: ModernStream) -> Self {
        Self(Inner::Modern(Box::new(stream)))
    }

    pub(crate) fn session(reader: Reader) -> Self {
        Self(Inner::Session(Box::new(reader)))
    }

    pub(crate) fn tail(tail: TailBody) -> Self {
        Self(Inner::Tail(Box::new(tail)))
    }

    #[cfg(feature = "legacy-sse")]
    pub(crate) fn legacy(stream: crate::legacy_sse::LegacyStream) -> Self {
        Self(Inner::Legacy(Box::new(stream)))
    }

    pub(crate) fn routed<B>(body: B) -> Self
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        Self(Inner::Routed(Box::pin(Foreign(Box::pin(body)))))
    }

    /// Whether the body is a stream, whose end is not yet known.
    pub fn is_stream(&self) -> bool {
        !matches!(self.0, Inner::Full(_))
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(Inner::Full(bytes))
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Inner::Full(bytes.into()))
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Inner::Full(bytes) => f.debug_tuple("Body").field(&bytes.len()).finish(),
            _ => f.write_str("Body(stream)"),
        }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let next = match &mut self.0 {
            Inner::Full(bytes) if bytes.is_empty() => Poll::Ready(None),
            Inner::Full(bytes) => Poll::Ready(Some(std::mem::take(bytes))),
            Inner::Modern(stream) => stream.poll_next(cx),
            Inner::Session(reader) => reader.poll_next(cx),
            Inner::Tail(tail) => tail.poll_next(cx),
            #[cfg(feature = "legacy-sse")]
            Inner::Legacy(stream) => stream.poll_next(cx),
            Inner::Routed(body) => return body.as_mut().poll_frame(cx),
        };
        next.map(|next| next.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Inner::Full(bytes) => bytes.is_empty(),
            Inner::Routed(body) => body.is_end_stream(),
            _ => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Inner::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Inner::Routed(body) => body.size_hint(),
            _ => SizeHint::default(),
        }
    }
}
