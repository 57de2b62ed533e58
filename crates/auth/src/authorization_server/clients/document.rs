//! Clients whose id is the URL of a document about them
//! (draft-ietf-oauth-client-id-metadata-document).
//!
//! Nobody registers: the document says who the client is, and its host vouches for it. The URL is a
//! stranger's, so it is asked through [`Fetch`], at public addresses alone, and one document is
//! asked for once by all who need it. Nothing that a document names is fetched for a page: no logo.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use tokio::{sync::OnceCell, time::Instant};

use super::{
    client::{Client, ClientKind},
    freshness::freshness,
    metadata::{Metadata, Method, invalid},
};
use crate::{
    authorization_server::{
        redirect::{ApplicationType, Parts, check},
        storage::{Limit, Limits},
        tokens::TokenError,
    },
    fetch::Fetch,
    verify::Clock,
};

/// The longest document, in bytes.
const LONGEST: usize = 5 * 1_024;
/// How many documents are kept.
const MANY: usize = 1_000;
/// How long nobody asks again where there was no document, or no answer.
const AGAIN: Duration = Duration::from_secs(30);
/// How long a document is good beyond its time while its host does not answer.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);

/// The documents, and the way to them.
#[derive(Debug)]
pub(super) struct Documents {
    fetch: Arc<dyn Fetch>,
    limits: Limits,
    clock: Arc<dyn Clock>,
    /// What is kept, and what is on its way.
    slots: Mutex<HashMap<String, Arc<Slot>>>,
}

/// A place for what is found at a URL.
#[derive(Debug, Default)]
struct Slot {
    /// The document that was there before.
    before: Option<Arc<Document>>,
    now: OnceCell<Found>,
}

/// What was found, or that there is nothing of use.
#[derive(Debug)]
struct Found {
    document: Result<Arc<Document>, TokenError>,
    /// Until when nobody looks again.
    until: Instant,
}

#[derive(Debug)]
struct Document {
    client: Client,
    /// What its host calls this version of it (RFC 9110, section 8.8.3).
    version: Option<HeaderValue>,
    /// When it is no longer good, whether its host answers or not.
    ends: Instant,
}

impl Slot {
    fn is_over(&self, now: Instant) -> bool {
        self.now.get().is_some_and(|found| found.until <= now)
    }

    /// The last document that was found here, as long as it is good.
    fn last(&self, now: Instant) -> Option<Arc<Document>> {
        let last = match self.now.get() {
            Some(found) => found.document.as_ref().ok(),
            None => self.before.as_ref(),
        };
        last.filter(|document| now < document.ends).cloned()
    }
}

/// Whether an id is the URL of a document: `https`, a public host on port 443, a path below the
/// root, no fragment, no user name, no dot segments.
pub(super) fn is_document_url(id: &str) -> bool {
    let Ok(parts) = Parts::of(id) else {
        return false;
    };
    // Letters in capitals would be another id with the same document.
    id.starts_with("https://")
        && check(id, ApplicationType::Web).is_ok()
        && matches!(parts.port, None | Some(443))
        && parts.path.len() > 1
}

impl Documents {
    pub(super) fn new(fetch: Arc<dyn Fetch>, limits: Limits, clock: Arc<dyn Clock>) -> Self {
        Self {
            fetch,
            limits,
            clock,
            slots: Mutex::default(),
        }
    }

    /// The client that a document is about, for somebody at this address.
    ///
    /// What its host said is kept as long as HTTP lets us; that it said nothing of use, for 30 s.
    /// While it does not answer, or may not be asked again yet, the last document is good for a day.
    ///
    /// # Errors
    /// `invalid_client_metadata` when there is no such document, or it breaks a rule;
    /// `slow_down` when this address, or all of them, have new documents of its host fetched too
    /// often.
    pub(super) async fn find(&self, url: &str, peer: Option<IpAddr>) -> Result<Client, TokenError> {
        if !is_document_url(url) {
            return Err(invalid(
                "the client id is not an `https` URL with a path at a public host",
            ));
        }
        let slot = self.slot(url);
        let before = slot.before.as_deref();
        let found = slot.now.get_or_try_init(|| self.load(url, before, peer));
        let document = match found.await {
            Ok(found) => found.document.clone(),
            Err(error) => {
                self.forget_if_empty(url, &slot);
                slot.last(Instant::now()).ok_or(error)
            }
        };
        document.map(|document| document.client.clone())
    }

    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        self.slots
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }

    /// The place of what is known of a URL, or one for what is to be asked for.
    fn slot(&self, url: &str) -> Arc<Slot> {
        let now = Instant::now();
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let mut before = None;
        if let Some(slot) = slots.get(url) {
            if !slot.is_over(now) {
                return Arc::clone(slot);
            }
            before = slot.last(now);
        } else {
            make_room(&mut slots, now);
        }
        let slot = Arc::new(Slot {
            before,
            now: OnceCell::new(),
        });
        slots.insert(url.to_owned(), Arc::clone(&slot));
        slot
    }

    /// That nobody was asked is not kept; a document that was there before is.
    fn forget_if_empty(&self, url: &str, failed: &Arc<Slot>) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let is_failed = |slot: &Arc<Slot>| Arc::ptr_eq(slot, failed) && !slot.now.initialized();
        if failed.before.is_none() && slots.get(url).is_some_and(is_failed) {
            slots.remove(url);
        }
    }

    /// Asks for a document.
    ///
    /// # Errors
    /// When it may not be asked for just now.
    async fn load(
        &self,
        url: &str,
        before: Option<&Document>,
        peer: Option<IpAddr>,
    ) -> Result<Found, TokenError> {
        let host = Parts::of(url)
            .ok()
            .and_then(|parts| parts.host)
            .unwrap_or_default();
        let asked = self.limits.admit_to_host(Limit::Document, host, peer).await;
        asked.map_err(TokenError::slow_down)?;
        let answer = match self.fetch.fetch(request(url, before)?, LONGEST).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::warn!(target: "purlin::auth", %error, "the document of a client is not to be had");
                return Ok(unanswered(before));
            }
        };
        Ok(match (answer.status(), before) {
            (StatusCode::NOT_MODIFIED, Some(before)) => {
                let version = before.version.clone();
                self.found(before.client.clone(), version, answer.headers())
            }
            (StatusCode::OK, _) if is_json(answer.headers()) => match read(url, answer.body()) {
                Ok(client) => {
                    let version = answer.headers().get(header::ETAG).cloned();
                    self.found(client, version, answer.headers())
                }
                Err(error) => nothing(error),
            },
            (status, _) if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                unanswered(before)
            }
            _ => nothing(invalid("at the client id there is no JSON document")),
        })
    }

    fn found(&self, client: Client, version: Option<HeaderValue>, headers: &HeaderMap) -> Found {
        let fresh = freshness(headers, self.clock.now());
        let until = Instant::now() + fresh.unwrap_or(Duration::ZERO);
        // What may not be kept is not used any longer than for this.
        let ends = fresh.map_or(until, |_| until + STALE);
        Found {
            document: Ok(Arc::new(Document {
                client,
                version,
                ends,
            })),
            until,
        }
    }
}

/// Takes out what is over, or else what would be over first. What is on its way goes last.
fn make_room(slots: &mut HashMap<String, Arc<Slot>>, now: Instant) {
    if slots.len() >= MANY {
        slots.retain(|_, slot| !slot.is_over(now) || slot.last(now).is_some());
    }
    if slots.len() >= MANY {
        let end = |slot: &Slot| slot.now.get().map(|found| found.until);
        let first = slots
            .iter()
            .min_by_key(|(_, slot)| (end(slot).is_none(), end(slot)));
        if let Some(first) = first.map(|(url, _)| url.clone()) {
            slots.remove(&first);
        }
    }
}

/// Asks for the document unless it is still the one that was there before.
fn request(url: &str, before: Option<&Document>) -> Result<Request<Vec<u8>>, TokenError> {
    let mut request = Request::get(url).header(header::ACCEPT, "application/json");
    if let Some(version) = before.and_then(|before| before.version.as_ref()) {
        request = request.header(header::IF_NONE_MATCH, version);
    }
    let request = request.body(Vec::new());
    request.map_err(|_| invalid("the client id is not a URL that can be asked"))
}

/// The last document for a while longer, if there is one.
fn unanswered(before: Option<&Document>) -> Found {
    let Some(before) = before else {
        let text = "the document of the client cannot be fetched, or has more than 5 KiB";
        return nothing(invalid(text));
    };
    let now = Instant::now();
    Found {
        document: Ok(Arc::new(Document {
            client: before.client.clone(),
            version: before.version.clone(),
            ends: before.ends,
        })),
        until: before.ends.min(now + AGAIN),
    }
}

fn nothing(error: TokenError) -> Found {
    Found {
        document: Err(error),
        until: Instant::now() + AGAIN,
    }
}

/// The client, if the document is about it and breaks no rule.
fn read(url: &str, json: &[u8]) -> Result<Client, TokenError> {
    if json.len() > LONGEST {
        return Err(invalid("the document of the client has more than 5 KiB"));
    }
    let metadata = Metadata::read(json)?;
    if metadata.client_id.as_deref() != Some(url) {
        return Err(invalid(
            "`client_id` of the document is not the URL it was found at, byte for byte",
        ));
    }
    if !metadata.has_name() {
        return Err(invalid("the document of the client has no `client_name`"));
    }
    let method = metadata.method(Method::None)?;
    if metadata.client_secret.is_some() || matches!(method, Method::Secret(_)) {
        return Err(invalid(
            "a document that everybody reads holds no shared secret: use `private_key_jwt`",
        ));
    }
    metadata.into_client(url.to_owned(), ClientKind::Url, method, None)
}

fn is_json(headers: &HeaderMap) -> bool {
    let text = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = text
        .and_then(|text| text.split(';').next())
        .unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}
