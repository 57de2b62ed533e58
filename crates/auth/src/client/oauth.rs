//! The authorizer: where requests and OAuth meet.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use http::StatusCode;
use http::header::{AUTHORIZATION, HeaderMap};
use purlin_client::BoxFuture;
use purlin_client::http::{Authorize, HttpRequest, Refusal, Verdict};
use tokio::sync::Mutex;

use super::Result;
use super::builder::OAuthBuilder;
use super::challenge::Challenge;
use super::flow::Flow;
use super::header::header;
use super::session::{Refused, Session};
use super::token::{DPOP, Nonces, USE_NONCE};

/// How often one request may ask for more scopes.
const MOST_STEPS: u32 = 3;

/// Lets requests to one MCP server in, by OAuth; see the [module](super) for how.
///
/// One value belongs to one server. Share a [store](OAuthBuilder::store) between several.
///
/// Source: MCP 2026-07-28, basic/authorization.
pub struct OAuth {
    /// Held for as long as a login takes: whoever else is refused waits for the same one.
    session: Mutex<Session>,
    nonces: Nonces,
    /// The endpoint, as it was given.
    server: OnceLock<String>,
    /// Whether the server took a request since tokens were last obtained.
    accepted: AtomicBool,
}

impl OAuth {
    /// Users log in: in the browser, unless the builder is told otherwise.
    pub fn login() -> OAuthBuilder {
        OAuthBuilder::login()
    }

    /// A machine obtains tokens for itself: [`ClientCredentials`](super::ClientCredentials),
    /// [`Enterprise`](super::Enterprise) or [`Workload`](super::Workload).
    pub fn machine(flow: impl Into<Machine>) -> OAuthBuilder {
        OAuthBuilder::machine(flow.into())
    }

    pub(super) fn new(session: Session) -> Self {
        Self {
            session: Mutex::new(session),
            nonces: Nonces::default(),
            server: OnceLock::new(),
            accepted: AtomicBool::new(false),
        }
    }

    /// # Errors
    /// When tokens cannot be recalled or refreshed.
    async fn credentials(&self, request: HttpRequest<'_>) -> Result<HeaderMap> {
        let server = self.server.get_or_init(|| request.url.to_owned());
        let mut session = self.session.lock().await;
        session.prepare(server, &self.nonces).await?;
        let mut headers = HeaderMap::new();
        let Some((tokens, key)) = session.tokens() else {
            return Ok(headers);
        };
        let token = tokens.access.reveal();
        let Some(key) = key else {
            headers.insert(AUTHORIZATION, header(&format!("Bearer {token}"))?);
            return Ok(headers);
        };
        let (method, access) = (request.method.as_str(), Some(&tokens.access));
        let proof = key.prove(method, request.url, &self.nonces, access)?;
        headers.insert(AUTHORIZATION, header(&format!("DPoP {token}"))?);
        headers.insert(DPOP, header(&proof)?);
        Ok(headers)
    }

    /// # Errors
    /// When no other tokens can be obtained.
    async fn remedy(&self, refusal: Refusal<'_>) -> Result<Verdict> {
        let challenge = Challenge::of(refusal.headers);
        if challenge.error() == Some(USE_NONCE) {
            // It came with the refusal, and is remembered by now.
            return Ok(Verdict::Retry);
        }
        let mut session = self.session.lock().await;
        if is_outdated(&session, &refusal) {
            return Ok(Verdict::Retry);
        }
        let refused = Refused {
            server: self
                .server
                .get()
                .map_or(refusal.request.url, String::as_str),
            challenge: &challenge,
            accepted: self.accepted.load(Ordering::Relaxed),
            nonces: &self.nonces,
            peer: refusal.peer,
        };
        let scopes_are_missing = challenge.error() == Some("insufficient_scope");
        let remedied = match refusal.status {
            StatusCode::UNAUTHORIZED => session.unauthorized(refused).await?,
            _ if scopes_are_missing && refusal.earlier <= MOST_STEPS => {
                session.forbidden(refused).await?
            }
            _ => false,
        };
        if !remedied {
            return Ok(Verdict::GiveUp);
        }
        self.accepted.store(false, Ordering::Relaxed);
        Ok(Verdict::Retry)
    }
}

/// Whether somebody else obtained other tokens while the refused request was on its way.
fn is_outdated(session: &Session, refusal: &Refusal<'_>) -> bool {
    let sent = refusal.credentials.get(AUTHORIZATION);
    let sent = sent.and_then(|value| value.as_bytes().splitn(2, |byte| *byte == b' ').nth(1));
    session
        .tokens()
        .is_some_and(|(tokens, _)| sent != Some(tokens.access.reveal().as_bytes()))
}

impl Authorize for OAuth {
    fn authorize<'a>(
        &'a self,
        request: HttpRequest<'a>,
    ) -> BoxFuture<'a, purlin_client::Result<HeaderMap>> {
        Box::pin(async move { Ok(self.credentials(request).await?) })
    }

    fn refused<'a>(
        &'a self,
        refusal: Refusal<'a>,
    ) -> BoxFuture<'a, purlin_client::Result<Verdict>> {
        Box::pin(async move { Ok(self.remedy(refusal).await?) })
    }

    fn answered(&self, status: StatusCode, headers: &HeaderMap) {
        if let Some(server) = self.server.get() {
            self.nonces.remember(server, headers);
        }
        if status.is_success() {
            self.accepted.store(true, Ordering::Relaxed);
        }
    }
}

impl fmt::Debug for OAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuth")
            .field("server", &self.server.get())
            .finish_non_exhaustive()
    }
}

/// A way to tokens that needs no user.
#[derive(Debug)]
pub struct Machine(pub(super) Flow);
