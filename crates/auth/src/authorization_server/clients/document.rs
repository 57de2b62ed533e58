//! Clients whose id is the URL of a document about them
//! (draft-ietf-oauth-client-id-metadata-document).
//!
//! Nobody registers: the document says who the client is, and its host vouches for it. The URL is a
//! stranger's, so it is asked through [`Fetch`], at public addresses alone, and one document is
//! asked for once by all who need it. Nothing that a document names is fetched for a page: no logo.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use http::{HeaderMap, Request, StatusCode, header};
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

/// The documents, and the way to them.
#[derive(Debug)]
pub(super) struct Documents {
    fetch: Arc<dyn Fetch>,
    limits: Limits,
    clock: Arc<dyn Clock>,
    /// Those that are kept, and those on their way.
    slots: Mutex<HashMap<String, Slot>>,
}

type Slot = Arc<OnceCell<Document>>;

#[derive(Debug)]
struct Document {
    client: Client,
    fresh_until: Instant,
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

    /// The client that a document is about.
    ///
    /// # Errors
    /// `invalid_client_metadata` when there is no such document, or it breaks a rule;
    /// `temporarily_unavailable` when its host does not answer.
    pub(super) async fn find(&self, url: &str) -> Result<Client, TokenError> {
        if !is_document_url(url) {
            return Err(invalid(
                "the client id is not an `https` URL with a path at a public host",
            ));
        }
        let slot = self.slot(url);
        let document = slot.get_or_try_init(|| self.load(url)).await;
        let client = document.map(|document| document.client.clone());
        if client.is_err() {
            self.forget_if_empty(url, &slot);
        }
        client
    }

    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        self.slots
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }

    /// The document if it is fresh, else a place for it.
    fn slot(&self, url: &str) -> Slot {
        let now = Instant::now();
        let is_over = |slot: &Slot| slot.get().is_some_and(|found| found.fresh_until <= now);
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get(url)
            && !is_over(slot)
        {
            return Arc::clone(slot);
        }
        if slots.len() >= MANY {
            slots.retain(|_, slot| !is_over(slot));
        }
        if slots.len() >= MANY {
            // Those on their way have no time yet, and go last.
            let end = |slot: &Slot| slot.get().map(|found| found.fresh_until);
            let first = slots
                .iter()
                .min_by_key(|(_, slot)| (end(slot).is_none(), end(slot)));
            if let Some(first) = first.map(|(url, _)| url.clone()) {
                slots.remove(&first);
            }
        }
        let slot = Slot::default();
        slots.insert(url.to_owned(), Arc::clone(&slot));
        slot
    }

    /// Errors are not kept.
    fn forget_if_empty(&self, url: &str, failed: &Slot) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let is_failed = |slot: &Slot| Arc::ptr_eq(slot, failed) && !slot.initialized();
        if slots.get(url).is_some_and(is_failed) {
            slots.remove(url);
        }
    }

    async fn load(&self, url: &str) -> Result<Document, TokenError> {
        let host = Parts::of(url)
            .ok()
            .and_then(|parts| parts.host)
            .unwrap_or_default();
        let asked = self.limits.admit_host(Limit::Document, host).await;
        asked.map_err(TokenError::slow_down)?;
        let request = Request::get(url)
            .header(header::ACCEPT, "application/json")
            .body(Vec::new())
            .map_err(|_| invalid("the client id is not a URL that can be asked"))?;
        let answer = self.fetch.fetch(request, LONGEST).await.map_err(|error| {
            tracing::warn!(target: "purlin::auth", %error, "the document of a client is not to be had");
            invalid("the document of the client cannot be fetched, or has more than 5 KiB")
        })?;
        if answer.status() != StatusCode::OK || !is_json(answer.headers()) {
            return Err(invalid("at the client id there is no JSON document"));
        }
        let fresh = freshness(answer.headers(), self.clock.now());
        Ok(Document {
            client: read(url, answer.body())?,
            fresh_until: Instant::now() + fresh.unwrap_or(Duration::ZERO),
        })
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
