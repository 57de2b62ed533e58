//! What is known of a provider: its document and its keys, fetched once in a while.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::header::ACCEPT;
use http::{Request, StatusCode};
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::claims::Claims;
use super::document::Document;
use super::failure::Failure;
use super::web::Web;
use crate::verify::Statements;

/// How long a document is good for.
const KEPT: Duration = Duration::from_secs(3_600);
/// How long a provider is left alone that did not give it.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the last one serves while no newer one can be had.
const LAST: Duration = Duration::from_secs(24 * 3_600);

/// A provider, found out about when it is first asked for.
#[derive(Debug)]
pub(super) struct Discovery {
    place: String,
    issuer: String,
    web: Web,
    attempt: Mutex<Arc<Attempt>>,
}

/// One fetch of the document, that everybody waits for who needs it.
#[derive(Debug)]
struct Attempt {
    outcome: OnceCell<Outcome>,
    /// What was known before.
    last: Option<Found>,
}

#[derive(Clone, Debug)]
struct Outcome {
    at: Instant,
    found: Result<Arc<Known>, &'static str>,
}

#[derive(Clone, Debug)]
struct Found {
    at: Instant,
    known: Arc<Known>,
}

/// A provider that was found out about.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) document: Document,
    /// What it signs, where it says where its keys are.
    statements: Option<Arc<Statements>>,
}

impl Known {
    /// Keys that are known from an earlier document go on, if they are at the same place.
    fn new(document: Document, web: &Web, earlier: Option<&Self>) -> Self {
        let place = document.jwks_uri.as_deref();
        let same = earlier.filter(|earlier| earlier.document.jwks_uri.as_deref() == place);
        let statements = match same {
            Some(earlier) => earlier.statements.clone(),
            None => place.map(|place| {
                let fetch = Arc::clone(&web.0);
                Arc::new(Statements::new(&document.issuer, place, fetch))
            }),
        };
        Self {
            document,
            statements,
        }
    }

    /// The claims of what the provider has signed.
    ///
    /// # Errors
    /// When it has not, when that is not valid now, or its keys cannot be had.
    pub(super) async fn read(&self, statement: &str) -> Result<Claims, Failure> {
        let why = "the provider's document says nowhere where its keys are";
        let statements = self.statements.as_ref();
        let statements = statements.ok_or(Failure::misconfigured(why))?;
        Ok(statements.read(statement).await?)
    }
}

impl Discovery {
    /// A provider whose document is at `place` and has to be that of `issuer`; or is given.
    pub(super) fn new(place: String, issuer: String, given: Option<Document>, web: Web) -> Self {
        let given = given.map(|document| Outcome {
            // It does not get old.
            at: far_off(),
            found: Ok(Arc::new(Known::new(document, &web, None))),
        });
        let attempt = Attempt {
            outcome: OnceCell::new_with(given),
            last: None,
        };
        Self {
            place,
            issuer,
            web,
            attempt: Mutex::new(Arc::new(attempt)),
        }
    }

    /// The provider, as it is known now.
    ///
    /// # Errors
    /// When its document cannot be had, or is that of another issuer.
    ///
    /// # Cancellation
    /// Whoever else waits goes on with the fetch.
    pub(super) async fn known(&self) -> Result<Arc<Known>, Failure> {
        let attempt = self.current();
        let outcome = attempt
            .outcome
            .get_or_init(|| async {
                let earlier = attempt.last.as_ref().map(|found| &*found.known);
                let found = self.fetch(earlier).await;
                let found = found.map_err(|failure| {
                    let source = std::error::Error::source(&failure);
                    tracing::warn!(place = self.place, why = failure.why, source, "no document");
                    failure.why
                });
                Outcome {
                    at: Instant::now(),
                    found: found.map(Arc::new),
                }
            })
            .await;
        match (&outcome.found, &attempt.last) {
            (Ok(known), _) => Ok(Arc::clone(known)),
            (Err(_), Some(last)) if last.at.elapsed() < LAST => Ok(Arc::clone(&last.known)),
            (Err(why), _) => Err(Failure::unavailable(why)),
        }
    }

    /// The fetch that counts now: a new one when the last is over and has got old.
    fn current(&self) -> Arc<Attempt> {
        let mut attempt = self.attempt.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(outcome) = attempt.outcome.get() {
            let (kept, last) = match &outcome.found {
                Ok(known) => {
                    let (at, known) = (outcome.at, Arc::clone(known));
                    (KEPT, Some(Found { at, known }))
                }
                Err(_) => (PATIENCE, attempt.last.clone()),
            };
            if outcome.at.elapsed() >= kept {
                *attempt = Arc::new(Attempt {
                    outcome: OnceCell::new(),
                    last,
                });
            }
        }
        Arc::clone(&attempt)
    }

    async fn fetch(&self, earlier: Option<&Known>) -> Result<Known, Failure> {
        let request = Request::get(&self.place).header(ACCEPT, "application/json");
        let response = self.web.send_built(request.body(Vec::new())).await?;
        if response.status() != StatusCode::OK {
            return Err(Failure::unavailable(
                "the provider does not give its document",
            ));
        }
        let document = serde_json::from_slice::<Document>(response.body());
        let document = document
            .map_err(|_| Failure::misconfigured("the provider's document is not understood"))?;
        if document.issuer != self.issuer {
            let why = "the provider's document is that of another issuer";
            return Err(Failure::misconfigured(why));
        }
        Ok(Known::new(document, &self.web, earlier))
    }
}

/// A time that does not come, and that can be counted with.
fn far_off() -> Instant {
    const YEARS: Duration = Duration::from_secs(30 * 365 * 24 * 3_600);
    Instant::now() + YEARS
}
