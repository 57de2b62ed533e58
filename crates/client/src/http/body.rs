//! Reading bodies: whole and bounded, or as a stream of events.

use std::collections::VecDeque;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;

use super::sse::{Event, Parser};
use crate::Result;
use crate::error::ClientError;

/// Reads a body to its end. One that comes in one piece, as most do, is not copied.
///
/// # Errors
/// When the connection breaks, or the body is larger than `limit` bytes.
pub(super) async fn whole(mut body: Incoming, limit: usize) -> Result<Bytes> {
    let mut pieces = Vec::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| ClientError::transport("reading the answer", error))?;
        if let Ok(data) = frame.into_data() {
            length += data.len();
            if length > limit {
                return Err(too_large(limit));
            }
            pieces.push(data);
        }
    }
    if pieces.len() == 1 {
        return Ok(pieces.swap_remove(0));
    }
    Ok(pieces.concat().into())
}

/// A body that is a stream of events.
pub(super) struct Events {
    body: Incoming,
    parser: Parser,
    ready: VecDeque<Event>,
    limit: usize,
}

impl Events {
    /// A stream of events of at most `limit` bytes each.
    pub(super) fn new(body: Incoming, limit: usize) -> Self {
        Self {
            body,
            parser: Parser::new(limit),
            ready: VecDeque::new(),
            limit,
        }
    }

    /// The next event; `None` at the end of the stream.
    ///
    /// # Errors
    /// When the connection breaks, or an event is larger than allowed.
    pub(super) async fn next(&mut self) -> Result<Option<Event>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Ok(Some(event));
            }
            let Some(frame) = self.body.frame().await else {
                return Ok(None);
            };
            let frame = frame.map_err(|error| ClientError::transport("reading a stream", error))?;
            if let Some(data) = frame.data_ref() {
                let events = self.parser.feed(data).map_err(|_| too_large(self.limit))?;
                self.ready.extend(events);
            }
        }
    }
}

fn too_large(limit: usize) -> ClientError {
    ClientError::protocol(format!("a message larger than {limit} bytes"))
}
