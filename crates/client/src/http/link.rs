//! Requests over HTTP: each is an exchange of its own.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{HeaderValue, WWW_AUTHENTICATE};
use hyper::{Method, Response, StatusCode};
use purlin_core::protocol::{RawJson, RequestId};
use purlin_core::wire::Revision;
use serde_json::value::RawValue;

use super::connect::{Connections, Media, media};
use super::{HttpEndpoint, body, headers};
use crate::Result;
use crate::envelope::{self, Message, own_id};
use crate::error::ClientError;
use crate::inbox::{Direction, Inbox};
use crate::link::{Outgoing, Reply, cancelled};
use crate::tasks::Tasks;

/// How much of an answer that is no protocol message is read, to be shown in the error.
const EXCERPT: usize = 64 << 10;

pub(crate) struct HttpLink {
    pub(super) connections: Connections,
    pub(super) inbox: Arc<Inbox>,
    pub(super) tasks: Arc<Tasks>,
    session: Mutex<Option<HeaderValue>>,
}

impl HttpLink {
    pub(crate) fn new(endpoint: HttpEndpoint, inbox: &Arc<Inbox>, tasks: &Arc<Tasks>) -> Arc<Self> {
        Arc::new(Self {
            connections: Connections::new(endpoint),
            inbox: Arc::clone(inbox),
            tasks: Arc::clone(tasks),
            session: Mutex::default(),
        })
    }

    pub(super) fn session(&self) -> Option<HeaderValue> {
        self.session
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) async fn exchange(self: &Arc<Self>, request: Outgoing<'_>) -> Result<Reply> {
        let (id, revision) = (request.id, request.revision);
        let stateless = revision.is_some_and(Revision::is_modern);
        let mut headers = headers::post(revision, self.session().filter(|_| !stateless).as_ref());
        if stateless {
            headers::route(&mut headers, &request);
        }
        // In the stateless era the end of the stream says it; in the session era it says nothing.
        let tell = request.cancellable && !stateless;
        let mut abandon = Abandon {
            link: self,
            id,
            revision,
            tell,
        };
        let response = self.post(headers, request.body).await?;
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
        let response = self
            .post(headers::post(revision, session.as_ref()), body)
            .await?;
        if response.status().is_success() {
            return Ok(());
        }
        match self.refused(response, 0).await? {
            Ok(_) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn post(&self, headers: hyper::HeaderMap, body: Vec<u8>) -> Result<Response<Incoming>> {
        self.inbox.tap(Direction::Sent, &body);
        self.connections
            .send(Method::POST, headers, Bytes::from(body))
            .await
    }

    /// Remembers the session that the answer to `initialize` opens.
    fn keep_session(&self, response: &Response<Incoming>) {
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) =
            response.headers().get(headers::SESSION_ID).cloned();
    }

    /// Reads why a request was refused. A protocol message in the body is the answer, whatever the
    /// status; credentials come first, as other layers than the protocol's ask for them.
    async fn refused(&self, response: Response<Incoming>, id: i64) -> Result<Reply> {
        let status = response.status();
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            let challenge = response.headers().get(WWW_AUTHENTICATE);
            let challenge = challenge
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned);
            return Err(ClientError::unauthorized(status.as_u16(), challenge));
        }
        let in_session = self.session().is_some();
        let text = body::whole(response.into_body(), EXCERPT)
            .await
            .unwrap_or_default();
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
                Message::Request { id, method, params } => {
                    if self.inbox.takes_requests() {
                        self.answer(id, method.into_owned(), params, revision);
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
    ) {
        let (link, params) = (Arc::clone(self), params.map(RawValue::to_owned));
        self.tasks.spawn(async move {
            let outcome = link.inbox.serve(&method, params.as_deref()).await;
            let answer = envelope::response(&id, &outcome);
            if let Err(error) = link.notify(answer, revision).await {
                tracing::debug!(%error, "an answer could not be delivered");
            }
        });
    }

    /// Ends the session, if there is one. Servers need not support it.
    pub(crate) async fn close(&self) {
        let session = self
            .session
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(session) = session else { return };
        let headers = headers::common(None, Some(&session));
        let ended = self
            .connections
            .send(Method::DELETE, headers, Bytes::new())
            .await;
        if let Err(error) = ended {
            tracing::debug!(%error, "the session could not be ended");
        }
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
        if !self.tell {
            return;
        }
        let (link, body, revision) = (Arc::clone(self.link), cancelled(self.id), self.revision);
        self.link.tasks.spawn(async move {
            // Nobody is left to be told that it failed.
            let _ = link.notify(body, revision).await;
        });
    }
}
