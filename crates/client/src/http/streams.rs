//! Streams of events: that of one request, and in the session era the standalone one. Resumption.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::{Method, Response, StatusCode};
use purlin_core::wire::Revision;
use tokio::sync::oneshot;

use super::body::Events;
use super::connect::{Media, Message, media};
use super::headers;
use super::link::{HttpLink, refusal};
use super::sse::Event;
use crate::Result;
use crate::error::{ClientError, ErrorKind};
use crate::link::Reply;

/// How long to wait before a stream is asked for again, if the server did not say.
const DEFAULT_RETRY: Duration = Duration::from_secs(1);
/// How long the standalone stream may take to be answered before calls are made without it.
const MOMENT: Duration = Duration::from_millis(500);
/// The longest wait between two attempts that failed.
const LONGEST_RETRY: Duration = Duration::from_secs(30);
/// Attempts in a row without a single event, before a request is given up.
const MOST_ATTEMPTS: u32 = 5;

/// Where a stream is to be resumed.
#[derive(Default)]
struct Cursor {
    last_event_id: Option<String>,
    retry: Option<Duration>,
    failures: u32,
}

impl Cursor {
    /// What the server asked for, exactly; longer after failures.
    fn wait(&self) -> Duration {
        let base = self.retry.unwrap_or(DEFAULT_RETRY);
        match self.failures {
            0 => base,
            failures => base
                .saturating_mul(1 << failures.min(5))
                .min(LONGEST_RETRY.max(base)),
        }
    }
}

impl HttpLink {
    /// Reads the stream that answers a request, resuming it where the session era allows.
    pub(super) async fn read_events(
        self: &Arc<Self>,
        response: Response<Incoming>,
        id: i64,
        revision: Option<Revision>,
    ) -> Result<Reply> {
        let mut cursor = Cursor::default();
        let mut events = Events::new(response.into_body(), self.connections.max_message());
        loop {
            let broken = match self
                .follow(&mut events, &mut cursor, Some(id), revision)
                .await
            {
                Ok(Some(reply)) => return Ok(reply),
                Ok(None) => ClientError::from_transport("the stream ended before the answer"),
                Err(error) => error,
            };
            let session = revision.filter(|revision| !revision.is_modern());
            let (Some(revision), Some(_)) = (session, &cursor.last_event_id) else {
                return Err(broken);
            };
            events = self.resume(&mut cursor, revision, broken).await?;
        }
    }

    /// Waits as asked, then asks for the rest of a stream.
    async fn resume(
        &self,
        cursor: &mut Cursor,
        revision: Revision,
        mut broken: ClientError,
    ) -> Result<Events> {
        while cursor.failures < MOST_ATTEMPTS {
            tokio::time::sleep(cursor.wait()).await;
            match self.open(cursor, revision).await {
                Ok(events) => {
                    // Counted as a failure until something arrives.
                    cursor.failures += 1;
                    return Ok(events);
                }
                // The server may have done what it was asked: not for us to ask again.
                Err(error) if error.kind() == ErrorKind::SessionLost => return Err(broken),
                Err(error) if is_final(&error) => return Err(error),
                Err(error) => broken = error,
            }
            cursor.failures += 1;
        }
        Err(broken)
    }

    async fn open(&self, cursor: &Cursor, revision: Revision) -> Result<Events> {
        let session = self.session();
        let headers = || headers::get(revision, session.as_ref(), cursor.last_event_id.as_deref());
        let response = self
            .connections
            .send(Message {
                method: Method::GET,
                headers: &headers,
                body: Bytes::new(),
            })
            .await?;
        let status = response.status();
        if status == StatusCode::NOT_FOUND && session.is_some() {
            return Err(ClientError::session_lost());
        }
        if !status.is_success() {
            return Err(refusal(&response));
        }
        match media(response.headers()) {
            Media::Events => Ok(Events::new(
                response.into_body(),
                self.connections.max_message(),
            )),
            _ => Err(ClientError::protocol(
                "an answer that is no stream of events",
            )),
        }
    }

    /// Reads a stream until the answer to `id`, or to its end.
    async fn follow(
        self: &Arc<Self>,
        events: &mut Events,
        cursor: &mut Cursor,
        id: Option<i64>,
        revision: Option<Revision>,
    ) -> Result<Option<Reply>> {
        while let Some(event) = events.next().await? {
            match event {
                Event::Retry(wait) => cursor.retry = Some(wait),
                Event::Endpoint(_) => {}
                Event::Message { id: place, data } => {
                    cursor.failures = 0;
                    cursor.last_event_id = place.or(cursor.last_event_id.take());
                    if data.is_empty() {
                        continue;
                    }
                    if let Some(reply) = self.receive(data.as_bytes(), id, revision)? {
                        return Ok(Some(reply));
                    }
                }
            }
        }
        Ok(None)
    }

    /// Starts the stream of what belongs to no request, and gives it a moment to stand: a server
    /// may ask there what it has to know for the first call.
    pub(crate) async fn session_opened(self: &Arc<Self>, revision: Revision) {
        let (stands, standing) = oneshot::channel();
        self.tasks
            .spawn(Arc::clone(self).standalone(revision, stands));
        if self.inbox.answers.any() {
            // Not every server answers before it has something to say.
            let _ = tokio::time::timeout(MOMENT, standing).await;
        }
    }

    async fn standalone(self: Arc<Self>, revision: Revision, stands: oneshot::Sender<()>) {
        let mut stands = Some(stands);
        let mut cursor = Cursor::default();
        let session = self.session_number();
        loop {
            let opened = self.open(&cursor, revision).await;
            // Whoever opened the session may have stopped waiting.
            stands.take().map(|stands| stands.send(()));
            match opened {
                Ok(mut events) => {
                    if let Err(error) = self
                        .follow(&mut events, &mut cursor, None, Some(revision))
                        .await
                    {
                        tracing::debug!(%error, "the standalone stream broke off");
                    }
                }
                Err(error) if error.kind() == ErrorKind::SessionLost => {
                    return self.lose_session(session);
                }
                Err(error) if is_final(&error) => return,
                Err(error) => {
                    tracing::debug!(%error, "the standalone stream could not be opened");
                    cursor.failures = cursor.failures.saturating_add(1);
                }
            }
            tokio::time::sleep(cursor.wait()).await;
        }
    }
}

/// Whether asking again would only be answered the same.
fn is_final(error: &ClientError) -> bool {
    match error.kind() {
        ErrorKind::SessionLost | ErrorKind::Protocol => true,
        // Too many requests, and a request that took too long, pass.
        _ => error
            .status()
            .is_some_and(|status| (400..500).contains(&status) && status != 408 && status != 429),
    }
}
