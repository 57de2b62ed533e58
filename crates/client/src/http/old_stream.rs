//! HTTP+SSE of revision 2024-11-05: one stream for all that the server says, and an address that
//! it names there for all that the client says.
//!
//! That is a message pair, so everything above treats it as one.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use hyper::{Method, Uri};
use tokio::sync::{Mutex, mpsc};

use super::body::Events;
use super::connect::{Connections, Media, Message, media, same_origin};
use super::headers;
use super::link::refusal;
use super::sse::Event;
use crate::error::ClientError;
use crate::tasks::Tasks;
use crate::transport::Transport;
use crate::transport::queue::{Queue, Queued, queue};
use crate::{BoxFuture, Result};

pub(crate) struct OldStream {
    outgoing: Queue,
    incoming: Mutex<Incoming>,
}

struct Incoming {
    events: Events,
    /// Why a message could not be delivered.
    undelivered: mpsc::Receiver<ClientError>,
}

impl OldStream {
    /// Asks for the stream and waits for the address it names.
    ///
    /// # Errors
    /// When there is no such stream, or it names an address elsewhere.
    pub(super) async fn open(connections: &Arc<Connections>, tasks: &Tasks) -> Result<Self> {
        let response = connections
            .send(Message {
                method: Method::GET,
                headers: &headers::stream,
                body: Bytes::new(),
            })
            .await?;
        if !response.status().is_success() {
            return Err(refusal(&response));
        }
        if media(response.headers()) != Media::Events {
            return Err(ClientError::protocol(
                "an answer that is no stream of events",
            ));
        }
        let mut events = Events::new(response.into_body(), connections.max_message());
        let address = address(&mut events, connections.url()).await?;
        let (outgoing, to_post) = queue();
        let (failed, undelivered) = mpsc::channel(1);
        let connections = Arc::clone(connections);
        tasks.spawn(async move {
            if let Err(error) = post_all(&connections, &address, to_post.messages).await {
                // If nobody reads any more, nobody has to know.
                let _ = failed.send(error).await;
            }
        });
        Ok(Self {
            outgoing,
            incoming: Mutex::new(Incoming {
                events,
                undelivered,
            }),
        })
    }
}

/// Where to post: what the first event says, if that is at the same origin.
async fn address(events: &mut Events, from: &Uri) -> Result<Uri> {
    while let Some(event) = events.next().await? {
        if let Event::Endpoint(address) = event {
            return same_origin(from, &address).ok_or_else(|| {
                let problem =
                    format!("the server wants messages at `{address}`, which is elsewhere");
                ClientError::from_transport(problem)
            });
        }
    }
    Err(ClientError::protocol(
        "a stream that does not say where to send messages",
    ))
}

/// Posts message after message, as order matters, until one fails or there will be no more.
async fn post_all(
    connections: &Connections,
    address: &Uri,
    mut to_post: mpsc::UnboundedReceiver<Queued>,
) -> Result<()> {
    while let Some(Queued { message, place }) = to_post.recv().await {
        let message = Message {
            method: Method::POST,
            headers: &|| headers::post(None, None),
            body: message.into(),
        };
        let response = connections.send_to(address, message).await?;
        if !response.status().is_success() {
            return Err(refusal(&response));
        }
        drop(place);
    }
    Ok(())
}

impl Transport for OldStream {
    fn send(&self, message: Vec<u8>) {
        self.outgoing.push(message);
    }

    fn enqueue(&self, message: Vec<u8>) -> BoxFuture<'_, ()> {
        self.outgoing.enqueue(message)
    }

    fn recv(&self) -> BoxFuture<'_, Result<Option<Vec<u8>>>> {
        Box::pin(async { self.incoming.lock().await.next().await })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.outgoing.close();
        Box::pin(async {})
    }
}

impl Incoming {
    async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        loop {
            let event = tokio::select! {
                event = self.events.next() => event?,
                Some(error) = self.undelivered.recv() => return Err(error),
            };
            match event {
                Some(Event::Message { data, .. }) if !data.is_empty() => {
                    return Ok(Some(data.into_bytes()));
                }
                Some(_) => {}
                None => return Ok(None),
            }
        }
    }
}

impl fmt::Debug for OldStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OldStream").finish_non_exhaustive()
    }
}
