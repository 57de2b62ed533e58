//! The guard in front of a server.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;
use http::{HeaderName, HeaderValue, StatusCode};
use purlin_core::Principal;
use purlin_core::access::Permissions;
use purlin_http::{Authenticated, Authentication, Authenticator, ClientAddress, Route};

use super::challenge::{self, Challenge};
use super::metadata::{Document, Page};
use super::refusal::Refusal;
use super::refusals::Refusals;
use super::resource::{Resource, ResourceError};
use super::{ProtectionLayer, credentials};
use crate::audit::{AuthEvents, AuthOutcome, TracingEvents};
use crate::verify::{Presented, Scheme, Verification, Verifier, VerifyError};

/// Lets nobody in whom its verifier does not know; see the [module](super).
///
/// A clone is a handle on the same verifier.
#[derive(Clone)]
pub struct Protection {
    resource: Resource,
    verifier: Arc<dyn Verifier>,
    /// Where credentials stand besides `Authorization`.
    headers: Arc<[HeaderName]>,
    servers: Vec<String>,
    supported: Vec<String>,
    required: Vec<String>,
    permissions: Arc<Permissions>,
    name: Option<String>,
    documentation: Option<String>,
    routes: Vec<Route>,
    refusals: Arc<Refusals>,
}

impl fmt::Debug for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Protection")
            .field("resource", &self.resource.text)
            .field("verifier", &self.verifier)
            .field("authorization_servers", &self.servers)
            .field("required_scopes", &self.required)
            .finish_non_exhaustive()
    }
}

impl Protection {
    /// Protects the server at this URL, which is its endpoint as clients know it. Tokens have to
    /// be meant for it, letter by letter.
    ///
    /// # Errors
    /// When the URL is not absolute, not `https` (`http` is for this machine alone), or has a
    /// query, a fragment or a user.
    pub fn new(resource: &str, verifier: impl Verifier) -> Result<Self, ResourceError> {
        let servers = verifier.authorization_servers();
        Ok(Self {
            resource: Resource::parse(resource)?,
            headers: verifier.credential_headers().into(),
            verifier: Arc::new(verifier),
            servers,
            supported: Vec::new(),
            required: Vec::new(),
            permissions: Arc::default(),
            name: None,
            documentation: None,
            routes: Vec::new(),
            refusals: Arc::new(Refusals::new(Arc::new(TracingEvents))),
        })
    }

    /// Names an authorization server that issues tokens for this server, by its issuer, besides
    /// those that the verifier names. Clients go to the first.
    #[must_use]
    pub fn authorization_server(mut self, issuer: impl Into<String>) -> Self {
        add(&mut self.servers, [issuer]);
        self
    }

    /// The scopes that clients may ask for, in the metadata. `offline_access` is left out: it is
    /// a matter between client and authorization server.
    #[must_use]
    pub fn scopes_supported<T: Into<String>>(
        mut self,
        scopes: impl IntoIterator<Item = T>,
    ) -> Self {
        add(&mut self.supported, scopes);
        self.supported.retain(|scope| scope != "offline_access");
        self
    }

    /// The scopes that every request needs. Single operations may need more
    /// (`#[mcp_tool(scopes(…))]`).
    #[must_use]
    pub fn required_scopes<T: Into<String>>(mut self, scopes: impl IntoIterator<Item = T>) -> Self {
        add(&mut self.required, scopes);
        self
    }

    /// What roles and scopes bring with them where [`required_scopes`](Self::required_scopes) are
    /// demanded.
    ///
    /// Give the same to [`Server::permissions`](purlin_core::Server::permissions),
    /// which decides about components. The [`Principal`] stays as it was verified.
    ///
    /// ```
    /// use purlin_auth::{protect::Protection, verify::StaticTokens};
    /// use purlin_core::{Server, access::Permissions};
    ///
    /// let permissions = Permissions::new()
    ///     .implies("orders:admin", ["orders:write"])
    ///     .implies("orders:write", ["orders:read"]);
    /// let protection = Protection::new("https://mcp.example.com/mcp", StaticTokens::new())?
    ///     .required_scopes(["orders:read"])
    ///     .permissions(permissions.clone());
    /// let server = Server::builder("orders", "1.0.0").permissions(permissions);
    /// # Ok::<(), purlin_auth::protect::ResourceError>(())
    /// ```
    #[must_use]
    pub fn permissions(mut self, permissions: Permissions) -> Self {
        self.permissions = Arc::new(permissions);
        self
    }

    /// What the server is called where a user decides about access.
    #[must_use]
    pub fn resource_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Where developers of clients find help.
    #[must_use]
    pub fn documentation(mut self, url: impl Into<String>) -> Self {
        self.documentation = Some(url.into());
        self
    }

    /// Answers at these paths as well, unprotected: what an authorization server needs.
    #[must_use]
    pub fn with_routes(mut self, routes: impl IntoIterator<Item = Route>) -> Self {
        self.routes.extend(routes);
        self
    }

    /// Who is told of callers that are not let in (default: [`TracingEvents`]): of those that show
    /// bad credentials, lack [required scopes](Self::required_scopes), or cannot be judged just
    /// now. That somebody shows nothing is how every login begins, and no event.
    ///
    /// Callers cannot fill a log: at most 10 events a minute are caused by one address (of IPv6
    /// one network of 64 bits) and 100 by all, and the next one says
    /// [how many were left out](crate::audit::AuthEvent::left_out).
    ///
    /// ```
    /// use purlin_auth::{audit::AuthEvent, protect::Protection, verify::StaticTokens};
    ///
    /// let protection = Protection::new("https://mcp.example.com/mcp", StaticTokens::new())?
    ///     .events(|event: &AuthEvent| println!("{:?} {:?}", event.address(), event.reason()));
    /// # Ok::<(), purlin_auth::protect::ResourceError>(())
    /// ```
    #[must_use]
    pub fn events(mut self, events: impl AuthEvents) -> Self {
        self.refusals = Arc::new(Refusals::new(Arc::new(events)));
        self
    }

    /// As [`events`](Self::events), with somebody who is told of other things too.
    #[cfg(feature = "authorization-server")]
    pub(crate) fn shared_events(mut self, events: Arc<dyn AuthEvents>) -> Self {
        self.refusals = Arc::new(Refusals::new(events));
        self
    }

    /// The URL of the server, as it was given.
    pub fn resource(&self) -> &str {
        &self.resource.text
    }

    /// The same protection for a service of one's own, as a tower layer. It answers for the
    /// metadata, hands the [`Principal`] on in the extensions of the request, and takes the
    /// credentials out.
    ///
    /// What the service refuses for want of scopes it has to challenge for itself, with
    /// [`Authenticator::challenge`].
    pub fn layer(&self) -> ProtectionLayer {
        ProtectionLayer::new(self)
    }

    pub(super) fn page(&self) -> Page {
        let document = Document {
            resource: &self.resource.text,
            authorization_servers: &self.servers,
            scopes_supported: &self.supported,
            bearer_methods_supported: ["header"],
            resource_name: self.name.as_deref(),
            resource_documentation: self.documentation.as_deref(),
            dpop_signing_alg_values_supported: self.verifier.proof_algorithms(),
        };
        Page(document.text())
    }

    /// Where credentials stand besides `Authorization`.
    pub(super) fn credential_headers(&self) -> &[HeaderName] {
        &self.headers
    }

    /// The paths of the metadata; none where there is nobody to send clients to.
    pub(super) fn metadata_paths(&self) -> Vec<String> {
        match self.servers.is_empty() {
            true => Vec::new(),
            false => self.resource.metadata_paths(),
        }
    }

    /// Starts to find out who sent a request.
    pub(super) fn judge<'a>(&'a self, head: &'a Parts, peer: Option<IpAddr>) -> Judgement<'a> {
        let client = ClientAddress::of(&head.extensions).or(peer);
        let (scheme, token) = match credentials::read(head) {
            Ok(shown) => shown,
            Err(reason) => {
                let told = AuthOutcome::Refused;
                self.refusals.tell(told, "invalid_request", client);
                return Judgement::Ready(Err(self.malformed(reason)));
            }
        };
        let is_shown = |name: &HeaderName| head.headers.contains_key(name);
        if scheme != Scheme::None && self.headers.iter().any(is_shown) {
            let told = AuthOutcome::Refused;
            self.refusals.tell(told, "invalid_request", client);
            let reason = "a token and other credentials: show one sort of them";
            return Judgement::Ready(Err(self.malformed(reason)));
        }
        let mut presented = Presented::new(&self.resource.text, head).with_token(scheme, token);
        if let Some(peer) = peer {
            presented = presented.with_peer(peer);
        }
        match self.verifier.verify(presented) {
            Verification::Ready(verdict) => {
                Judgement::Ready(self.conclude(scheme, verdict, client))
            }
            Verification::Later(later) => Judgement::Later(Box::pin(async move {
                let verdict = later.await;
                self.conclude(scheme, verdict, client)
            })),
        }
    }

    fn conclude(
        &self,
        scheme: Scheme,
        verdict: Result<Principal, VerifyError>,
        client: Option<IpAddr>,
    ) -> Result<Principal, Box<Refusal>> {
        let principal = verdict.map_err(|error| {
            self.tell(scheme, &error, client);
            self.refuse(scheme, &error)
        })?;
        let has = |scope: &String| self.permissions.grants(&principal, scope);
        if self.required.iter().all(has) {
            return Ok(principal);
        }
        self.refusals
            .tell_of(&principal, "insufficient_scope", client);
        Err(self.insufficient(&self.required))
    }

    fn tell(&self, scheme: Scheme, error: &VerifyError, client: Option<IpAddr>) {
        let (outcome, reason) = match error {
            // Both are how a client begins.
            VerifyError::NotMine if scheme == Scheme::None => return,
            VerifyError::UseNonce(_) => return,
            VerifyError::NotMine | VerifyError::Invalid(_) => {
                (AuthOutcome::Refused, "invalid_token")
            }
            VerifyError::InvalidProof(_) => (AuthOutcome::Refused, "invalid_dpop_proof"),
            VerifyError::Unavailable { .. } => (AuthOutcome::Failed, "unavailable"),
        };
        self.refusals.tell(outcome, reason, client);
    }

    fn refuse(&self, scheme: Scheme, error: &VerifyError) -> Box<Refusal> {
        let message = error.to_string();
        tracing::debug!(target: "purlin::auth", %error, "a caller is not let in");
        let (code, reason, nonce) = match error {
            // Nothing was shown: the caller has done nothing wrong so far.
            VerifyError::NotMine if scheme == Scheme::None => return self.unauthenticated(),
            VerifyError::NotMine => ("invalid_token", None, None),
            VerifyError::Invalid(reason) => ("invalid_token", Some(*reason), None),
            VerifyError::InvalidProof(reason) => ("invalid_dpop_proof", Some(*reason), None),
            VerifyError::UseNonce(nonce) => ("use_dpop_nonce", None, Some(nonce.clone())),
            VerifyError::Unavailable { retry_after } => return unavailable(message, *retry_after),
        };
        let challenge = Challenge {
            error: Some(code),
            description: reason,
            scopes: &self.required,
            metadata: None,
        };
        let scheme = match error {
            VerifyError::InvalidProof(_) | VerifyError::UseNonce(_) => Scheme::Dpop,
            _ => scheme,
        };
        Box::new(Refusal {
            nonce,
            ..self.refusal(StatusCode::UNAUTHORIZED, message, scheme, challenge)
        })
    }

    fn unauthenticated(&self) -> Box<Refusal> {
        let challenge = Challenge {
            scopes: &self.required,
            ..Challenge::default()
        };
        let message = "authentication is required: send a token in the header `Authorization`";
        Box::new(self.refusal(StatusCode::UNAUTHORIZED, message, Scheme::None, challenge))
    }

    fn malformed(&self, reason: &'static str) -> Box<Refusal> {
        let challenge = Challenge {
            error: Some("invalid_request"),
            description: Some(reason),
            ..Challenge::default()
        };
        Box::new(self.refusal(StatusCode::BAD_REQUEST, reason, Scheme::None, challenge))
    }

    fn insufficient(&self, scopes: &[String]) -> Box<Refusal> {
        let challenge = insufficient_scope(scopes);
        let message = format!(
            "not permitted: this needs the scopes `{}`",
            scopes.join("`, `")
        );
        Box::new(Refusal {
            scopes: scopes.to_vec(),
            ..self.refusal(StatusCode::FORBIDDEN, message, Scheme::None, challenge)
        })
    }

    fn refusal(
        &self,
        status: StatusCode,
        message: impl Into<Cow<'static, str>>,
        scheme: Scheme,
        challenge: Challenge<'_>,
    ) -> Refusal {
        Refusal {
            status,
            message: message.into(),
            challenge: self.challenges(scheme, challenge),
            nonce: None,
            retry_after: None,
            scopes: Vec::new(),
        }
    }

    /// The challenge in the scheme that the caller uses, and without an error in the other one,
    /// where there is a choice.
    fn challenges(&self, scheme: Scheme, challenge: Challenge<'_>) -> Option<HeaderValue> {
        let metadata = (!self.servers.is_empty()).then(|| self.resource.metadata_url());
        let challenge = Challenge {
            metadata: metadata.as_deref(),
            ..challenge
        };
        let bare = Challenge {
            metadata: metadata.as_deref(),
            ..Challenge::default()
        };
        let algorithms = self.verifier.proof_algorithms();
        let challenges = match (algorithms.is_empty(), scheme) {
            (true, _) => vec![challenge.bearer()],
            (false, Scheme::Dpop) => vec![challenge.dpop(algorithms), bare.bearer()],
            (false, _) => vec![challenge.bearer(), bare.dpop(algorithms)],
        };
        challenge::header(&challenges)
    }
}

fn insufficient_scope(scopes: &[String]) -> Challenge<'_> {
    Challenge {
        error: Some("insufficient_scope"),
        scopes,
        ..Challenge::default()
    }
}

fn unavailable(message: String, retry_after: Duration) -> Box<Refusal> {
    Box::new(Refusal {
        status: StatusCode::SERVICE_UNAVAILABLE,
        message: message.into(),
        challenge: None,
        nonce: None,
        retry_after: Some(retry_after.as_secs().max(1)),
        scopes: Vec::new(),
    })
}

/// Adds what is not there yet.
fn add<T: Into<String>>(to: &mut Vec<String>, more: impl IntoIterator<Item = T>) {
    for text in more.into_iter().map(Into::into) {
        if !to.contains(&text) {
            to.push(text);
        }
    }
}

/// Who sent a request, or why it goes no further.
pub(super) enum Judgement<'a> {
    Ready(Result<Principal, Box<Refusal>>),
    Later(purlin_core::BoxFuture<'a, Result<Principal, Box<Refusal>>>),
}

impl Authenticator for Protection {
    fn authenticate<'a>(&'a self, head: &'a Parts, peer: Option<IpAddr>) -> Authentication<'a> {
        let answered = |judged: Result<Principal, Box<Refusal>>| -> Authenticated {
            judged.map_err(|refusal| Box::new(refusal.response()))
        };
        match self.judge(head, peer) {
            Judgement::Ready(judged) => Authentication::Ready(answered(judged)),
            Judgement::Later(later) => {
                Authentication::Later(Box::pin(async move { answered(later.await) }))
            }
        }
    }

    fn challenge(&self, status: StatusCode, scopes: &[String]) -> Option<HeaderValue> {
        if status == StatusCode::FORBIDDEN && scopes.is_empty() {
            // No scope would help.
            return None;
        }
        let challenge = match status {
            StatusCode::FORBIDDEN => insufficient_scope(scopes),
            _ => Challenge {
                scopes,
                ..Challenge::default()
            },
        };
        self.challenges(Scheme::None, challenge)
    }

    fn routes(&self) -> Vec<Route> {
        let page = self.page();
        let metadata = self.metadata_paths().into_iter();
        let metadata = metadata.map(|path| Route::new(path, page.clone()));
        metadata.chain(self.routes.iter().cloned()).collect()
    }
}
