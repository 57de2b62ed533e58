//! Requests over HTTP: each is an exchange of its own.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use hyper::{Method, Response, StatusCode};
use purlin_core::protocol::{RawJson, RequestId};
use purlin_core::wire::Revision;
use serde_json::value::RawValue;
use tokio::sync::{Notify, watch};

use super::connect::{self, Connections, Media, media, repeats_credentials, wants_credentials};
use super::old_stream::OldStream;
use super::{HttpEndpoint, body, headers};
use crate::Result;
use crate::envelope::{self, Message, own_id};
use crate::error::{ClientError, ErrorKind};
use crate::inbox::{Direction, Inbox};
use crate::link::{Outgoing, Reply, cancelled};
use crate::patience::Patience;
use crate::tasks::Tasks;

/// How much of an answer that is no protocol message is read, to be shown in the error.
const EXCERPT: usize = 64 << 10;
/// How often an answer to the server is sent again, and the first wait before that; it doubles.
const REPEATS: u32 = 5;
const FIRST_REPEAT: Duration = Duration::from_millis(200);

pub(crate) struct HttpLink {
    pub(super) connections: Arc<Connections>,
    pub(super) inbox: Arc<Inbox>,
    pub(super) tasks: Arc<Tasks>,
    session: Mutex<Session>,
    lost: watch::Sender<Option<u64>>,
    closed: AtomicBool,
    closing: Notify,
}

/// The session that is open, if the server keeps one.
#[derive(Default)]
struct Session {
    id: Option<HeaderValue>,
    /// How many sessions there have been.
    number: u64,
}

impl HttpLink {
    /// # Errors
    /// When TLS cannot be prepared.
    pub(crate) fn new(
        endpoint: HttpEndpoint,
        inbox: &Arc<Inbox>,
        tasks: &Arc<Tasks>,
    ) -> Result<Arc<Self>> {
        Ok(Arc::new(Self {
            connections: Arc::new(Connections::new(endpoint)?),
            inbox: Arc::clone(inbox),
            tasks: Arc::clone(tasks),
            session: Mutex::default(),
            lost: watch::Sender::new(None),
            closed: AtomicBool::new(false),
            closing: Notify::new(),
        }))
    }

    /// How often credentials were replaced by others.
    pub(crate) fn credentials(&self) -> u64 {
        self.connections.credentials.load(Ordering::Relaxed)
    }

    /// The transport of revision 2024-11-05 to the same server.
    ///
    /// # Errors
    /// When the server has no such.
    pub(crate) async fn old_stream(&self) -> Result<OldStream> {
        OldStream::open(&self.connections, &self.tasks).await
    }

    /// How long callers wait.
    pub(crate) fn patience(&self) -> &Patience {
        &self.connections.patience
    }

    fn state(&self) -> MutexGuard<'_, Session> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn session(&self) -> Option<HeaderValue> {
        self.state().id.clone()
    }

    pub(crate) fn session_number(&self) -> u64 {
        self.state().number
    }

    /// Waits for a session that [`lose_session`](Self::lose_session) was told about.
    pub(crate) async fn session_lost(&self) -> u64 {
        let mut lost = self.lost.subscribe();
        loop {
            let found = *lost.borrow_and_update();
            if let Some(number) = found.filter(|number| *number == self.session_number()) {
                self.lost.send_replace(None);
                return number;
            }
            // The sender is borrowed, so it is there.
            let _ = lost.changed().await;
        }
    }

    /// The session with this number is found lost by a stream, which no caller waits for.
    pub(super) fn lose_session(&self, number: u64) {
        self.lost.send_replace(Some(number));
    }

    /// Returns when this client is closed.
    async fn closed(&self) {
        // In this order: what is closed in between wakes the one that waits already.
        let closing = self.closing.notified();
        if !self.closed.load(Ordering::Acquire) {
            closing.await;
        }
    }

    pub(crate) async fn exchange(self: &Arc<Self>, request: Outgoing<'_>) -> Result<Reply> {
        tokio::select! {
            biased;
            () = self.closed() => Err(ClientError::closed_because("by this client")),
            reply = self.exchange_open(request) => reply,
        }
    }

    async fn exchange_open(self: &Arc<Self>, mut request: Outgoing<'_>) -> Result<Reply> {
        let (id, revision) = (request.id, request.revision);
        let stateless = revision.is_some_and(Revision::is_modern);
        // A greeting opens a session; it is not made in one, even if one is still thought open.
        let in_session = !stateless && revision.is_some();
        let session = self.session().filter(|_| in_session);
        let body = Bytes::from(std::mem::take(&mut request.body));
        let headers = || {
            let mut headers = headers::post(revision, session.as_ref());
            if stateless {
                headers::route(&mut headers, &request);
            }
            headers
        };
        // In the stateless era the end of the stream says it; in the session era it says nothing.
        let tell = request.cancellable && !stateless;
        let mut abandon = Abandon {
            link: self,
            id,
            revision,
            tell,
        };
        let response = self.post(&headers, body).await?;
        if !response.status().is_success() {
            abandon.tell = false;
            return self.refused(response, id).await;
        }
        if revision.is_none() {
            self.keep_session(&response);
        }
        let reply = match media(response.headers()) {
            Media::Json => self.read_json(response, id).await,
            Media::Events => self.read_events(response, id, revision).await,
            Media::Other => Err(ClientError::protocol(
                "an answer that is neither JSON nor a stream of events",
            )),
        };
        abandon.tell = false;
        reply
    }

    /// Sends a notification or an answer.
    pub(crate) async fn notify(&self, body: Vec<u8>, revision: Option<Revision>) -> Result<()> {
        let stateless = revision.is_some_and(Revision::is_modern);
        let session = self.session().filter(|_| !stateless);
        let headers = || headers::post(revision, session.as_ref());
        let response = self.post(&headers, body.into()).await?;
        if response.status().is_success() {
            return Ok(());
        }
        if is_momentary(response.status()) {
            return Err(refusal(&response));
        }
        match self.refused(response, 0).await? {
            Ok(_) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn post(
        &self,
        headers: &(dyn Fn() -> HeaderMap + Sync),
        body: Bytes,
    ) -> Result<Response<Incoming>> {
        self.inbox.tap(Direction::Sent, &body);
        self.connections
            .send(connect::Message {
                method: Method::POST,
                headers,
                body,
            })
            .await
    }

    /// Remembers the session that the answer to `initialize` opens.
    fn keep_session(&self, response: &Response<Incoming>) {
        let mut session = self.state();
        session.id = response.headers().get(headers::SESSION_ID).cloned();
        session.number += 1;
    }

    /// Reads why a request was refused. A protocol message in the body is the answer, whatever the
    /// status; credentials come first, as other layers than the protocol's ask for them.
    async fn refused(&self, response: Response<Incoming>, id: i64) -> Result<Reply> {
        let status = response.status();
        let in_session = self.session().is_some();
        let (head, body) = response.into_parts();
        let text = body::whole(body, EXCERPT).await.unwrap_or_default();
        if in_session && status == StatusCode::NOT_FOUND {
            return Err(ClientError::session_lost());
        }
        let answer = envelope::parse(&text)
            .ok()
            .into_iter()
            .flatten()
            .find_map(|message| {
                let Message::Response {
                    id: answered,
                    outcome: Err(error),
                } = message
                else {
                    return None;
                };
                // An error without an id answers the only request there is.
                answered
                    .is_none_or(|answered| own_id(&answered) == Some(id))
                    .then_some(error)
            });
        if wants_credentials(status) {
            // No other text than that of a protocol message: a page may show the request, and with
            // it the credentials.
            let said = answer.filter(|error| !repeats_credentials(&head, &error.message));
            let said = said.map_or_else(String::new, |error| excerpt(&error.message));
            let challenge = challenge(&head.headers);
            return Err(ClientError::unauthorized(status.as_u16(), challenge, said));
        }
        match answer {
            Some(error) => {
                self.inbox.tap(Direction::Received, &text);
                Ok(Err(error))
            }
            None => {
                let excerpt = String::from_utf8_lossy(&text).chars().take(200).collect();
                Err(ClientError::http_status(status.as_u16(), excerpt))
            }
        }
    }

    async fn read_json(self: &Arc<Self>, response: Response<Incoming>, id: i64) -> Result<Reply> {
        let text = body::whole(response.into_body(), self.connections.max_message()).await?;
        self.receive(&text, Some(id), None)?
            .ok_or_else(|| ClientError::protocol("a body without the answer"))
    }

    /// Takes in a frame: routes what belongs elsewhere, gives the answer to `id` if it is there.
    pub(super) fn receive(
        self: &Arc<Self>,
        frame: &[u8],
        id: Option<i64>,
        revision: Option<Revision>,
    ) -> Result<Option<Reply>> {
        self.inbox.tap(Direction::Received, frame);
        let mut answer = None;
        for message in envelope::parse(frame).map_err(ClientError::protocol)? {
            match message {
                Message::Response {
                    id: Some(answered),
                    outcome,
                } => {
                    // An answer to another request has no business on this stream.
                    if id.is_some() && own_id(&answered) == id {
                        answer = Some(outcome.map(|result| RawJson::from(result.to_owned())));
                    }
                }
                Message::Response { id: None, outcome } => {
                    if let Err(error) = outcome {
                        answer = answer.or(Some(Err(error)));
                    }
                }
                Message::Notification { method, params } => {
                    self.inbox.notified(&method, params, id);
                }
                Message::Request {
                    id: question,
                    method,
                    params,
                } => {
                    if self.inbox.takes_requests() {
                        self.answer(question, method.into_owned(), params, revision, id);
                    }
                }
            }
        }
        Ok(answer)
    }

    /// Answers a request of the server, beside the stream that it came on.
    fn answer(
        self: &Arc<Self>,
        id: RequestId,
        method: String,
        params: Option<&RawValue>,
        revision: Option<Revision>,
        stream: Option<i64>,
    ) {
        let (link, params) = (Arc::clone(self), params.map(RawValue::to_owned));
        self.tasks.spawn(async move {
            let outcome = link.inbox.serve(&method, params.as_deref(), stream).await;
            let answer = envelope::response(&id, &outcome);
            if let Err(error) = link.deliver(answer, revision).await {
                tracing::debug!(%error, "an answer could not be delivered");
            }
        });
    }

    /// Sends an answer, again if it may not have arrived: the server waits for it, perhaps for
    /// ever, and takes the first one alone.
    async fn deliver(&self, answer: Vec<u8>, revision: Option<Revision>) -> Result<()> {
        let mut wait = FIRST_REPEAT;
        for _ in 0..REPEATS {
            match self.notify(answer.clone(), revision).await {
                Err(error) if may_be_repeated(&error) => {
                    tracing::debug!(%error, "an answer is sent again");
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                }
                delivered => return delivered,
            }
        }
        self.notify(answer, revision).await
    }

    /// Ends what is in flight, and the session, if there is one. Servers need not support it.
    pub(crate) async fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.closing.notify_waiters();
        let Some(session) = self.state().id.take() else {
            return;
        };
        let headers = || headers::common(None, Some(&session));
        let ended = self
            .connections
            .send(connect::Message {
                method: Method::DELETE,
                headers: &headers,
                body: Bytes::new(),
            })
            .await;
        if let Err(error) = ended {
            tracing::debug!(%error, "the session could not be ended");
        }
    }
}

/// Whether the peer may not have seen what was sent, or could not deal with it at that moment.
fn may_be_repeated(error: &ClientError) -> bool {
    let status = error
        .status()
        .and_then(|status| StatusCode::from_u16(status).ok());
    error.kind() == ErrorKind::Transport || status.is_some_and(is_momentary)
}

/// Whether a status says that the same may succeed later.
fn is_momentary(status: StatusCode) -> bool {
    matches!(status.as_u16(), 429 | 502..=504)
}

fn challenge(headers: &HeaderMap) -> Option<String> {
    let challenge = headers.get(WWW_AUTHENTICATE)?;
    challenge.to_str().ok().map(str::to_owned)
}

/// A text of the server, fit for one line of an error: cut, and without control characters.
fn excerpt(text: &str) -> String {
    let visible = text.chars().filter(|character| !character.is_control());
    visible.take(200).collect()
}

/// The error for an answer whose status says all there is to know.
pub(super) fn refusal(response: &Response<Incoming>) -> ClientError {
    let status = response.status();
    match wants_credentials(status) {
        true => ClientError::unauthorized(
            status.as_u16(),
            challenge(response.headers()),
            String::new(),
        ),
        false => ClientError::http_status(status.as_u16(), String::new()),
    }
}

/// Tells the server, in the background, when a caller stops waiting.
struct Abandon<'a> {
    link: &'a Arc<HttpLink>,
    id: i64,
    revision: Option<Revision>,
    tell: bool,
}

impl Drop for Abandon<'_> {
    fn drop(&mut self) {
        // The end of a session ends all that is done in it.
        if !self.tell || self.link.closed.load(Ordering::Acquire) {
            return;
        }
        let (link, body, revision) = (Arc::clone(self.link), cancelled(self.id), self.revision);
        self.link.tasks.spawn(async move {
            // Nobody is left to be told that it failed.
            let _ = link.notify(body, revision).await;
        });
    }
}
