//! Tokens that their issuer is asked about (RFC 7662).

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use form_urlencoded::{Serializer, byte_serialize};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request, StatusCode};
use purlin_core::Principal;
use ring::digest::{SHA256, digest};
use serde_json::{Map, Value};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::binding::{Bindings, CertificateBinding, Judged};
use super::claims::{Path, Rules, number};
use super::dpop::Dpop;
use super::{Clock, Presented, Scheme, SystemClock, Verification, Verifier, VerifyError, json};
use crate::Secret;
use crate::fetch::{Fetch, Fetcher};

/// The longest answer, in bytes.
const LIMIT: usize = 64 << 10;
/// The most answers that are kept.
const MOST_KEPT: usize = 10_000;
/// The most questions at a time. Whoever comes beyond that is asked to come back.
const MOST_ASKED: usize = 256;
const COME_BACK: Duration = Duration::from_secs(5);

/// How we authenticate at the introspection endpoint (RFC 6749, section 2.3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientAuthentication {
    /// In the header `Authorization`.
    Basic {
        /// Our name there.
        id: String,
        /// Our secret there.
        secret: Secret,
    },
    /// In the form.
    Post {
        /// Our name there.
        id: String,
        /// Our secret there.
        secret: Secret,
    },
    /// With a token of our own.
    Bearer(Secret),
}

/// Accepts tokens that their issuer calls active.
///
/// The issuer is asked on every request, so a revoked token ends at once;
/// [`cache`](Self::cache) trades some of that for its time. When it cannot be asked, nobody is
/// let in and nobody's token is called bad: 503. At most 256 questions are under way at a time.
///
/// ```
/// use purlin_auth::verify::{ClientAuthentication, Introspection};
///
/// let us = ClientAuthentication::Basic { id: "mcp-server".into(), secret: "s3cret".into() };
/// let introspection = Introspection::new("https://login.example.com/introspect", us)
///     .issuer("https://login.example.com");
/// ```
pub struct Introspection {
    url: String,
    us: ClientAuthentication,
    issuer: Option<String>,
    rules: Rules,
    fetch: Arc<dyn Fetch>,
    clock: Arc<dyn Clock>,
    bindings: Bindings,
    kept_for: Option<Duration>,
    kept: Mutex<HashMap<[u8; 32], Kept>>,
    places: Semaphore,
}

#[derive(Clone)]
struct Kept {
    until: Instant,
    claims: Map<String, Value>,
}

impl fmt::Debug for Introspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Introspection")
            .field("url", &self.url)
            .field("us", &self.us)
            .field("issuer", &self.issuer)
            .field("cache", &self.kept_for)
            .finish_non_exhaustive()
    }
}

impl Introspection {
    /// Asks at this endpoint, as `us`.
    #[must_use]
    pub fn new(url: impl Into<String>, us: ClientAuthentication) -> Self {
        let url = url.into();
        let fetch = Arc::new(Fetcher::at([url.as_str()]));
        Self {
            url,
            us,
            issuer: None,
            rules: Rules {
                expires: false,
                ..Rules::default()
            },
            fetch,
            clock: Arc::new(SystemClock),
            bindings: Bindings::default(),
            kept_for: None,
            kept: Mutex::default(),
            places: Semaphore::new(MOST_ASKED),
        }
    }

    /// Whose tokens these are: named to clients, and to the handlers as the issuer of the caller
    /// (default: what the answer says, else the URL of the endpoint). An answer that names another
    /// one is refused.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// As [`JwtBuilder::audience`](super::JwtBuilder::audience).
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.rules.audiences.push(audience.into());
        self
    }

    /// As [`JwtBuilder::roles_claim`](super::JwtBuilder::roles_claim).
    #[must_use]
    pub fn roles_claim(mut self, path: &str) -> Self {
        self.rules.roles = Some(Path::from(path));
        self
    }

    /// As [`JwtBuilder::tenant_claim`](super::JwtBuilder::tenant_claim).
    #[must_use]
    pub fn tenant_claim(mut self, path: &str) -> Self {
        self.rules.tenant = Some(Path::from(path));
        self
    }

    /// Keeps answers for this long, and no longer than the token is good (default: not at all).
    /// A token that is revoked stays good for as long. 10,000 answers are kept at most, by the
    /// SHA-256 of their tokens; that a token is not active is never kept.
    #[must_use]
    pub fn cache(mut self, kept_for: Duration) -> Self {
        self.kept_for = (!kept_for.is_zero()).then_some(kept_for);
        self
    }

    /// As [`JwtBuilder::fetch`](super::JwtBuilder::fetch).
    #[must_use]
    pub fn fetch(mut self, fetch: impl Fetch) -> Self {
        self.fetch = Arc::new(fetch);
        self
    }

    /// As [`JwtBuilder::clock`](super::JwtBuilder::clock).
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// As [`JwtBuilder::dpop`](super::JwtBuilder::dpop).
    #[must_use]
    pub fn dpop(mut self, dpop: Dpop) -> Self {
        self.bindings.dpop = Some(dpop);
        self
    }

    /// As [`JwtBuilder::certificates`](super::JwtBuilder::certificates).
    #[must_use]
    pub fn certificates(mut self, certificates: CertificateBinding) -> Self {
        self.bindings.certificates = Some(certificates);
        self
    }

    fn kept(&self, token: &[u8; 32]) -> Option<Map<String, Value>> {
        self.kept_for?;
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.get(token)?;
        (Instant::now() < kept.until).then(|| kept.claims.clone())
    }

    /// Under what answers are kept.
    #[cfg(test)]
    pub(super) fn keys(&self) -> Vec<[u8; 32]> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.keys().copied().collect()
    }

    fn keep(&self, token: [u8; 32], claims: &Map<String, Value>) {
        let Some(kept_for) = self.kept_for else {
            return;
        };
        let now = Instant::now();
        let until = now + kept_for.min(self.left_of(claims));
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_KEPT {
            kept.retain(|_, kept| now < kept.until);
        }
        // When it is full, new ones are asked about until there is room.
        if kept.len() < MOST_KEPT {
            let claims = claims.clone();
            kept.insert(token, Kept { until, claims });
        }
    }

    /// How long a token is good for, as far as the answer says.
    #[allow(
        clippy::cast_precision_loss,
        reason = "until the year 285 million it loses nothing"
    )]
    fn left_of(&self, claims: &Map<String, Value>) -> Duration {
        match number(claims, "exp") {
            Ok(Some(end)) => {
                let left = end - self.clock.seconds() as f64;
                Duration::try_from_secs_f64(left).unwrap_or(Duration::ZERO)
            }
            _ => Duration::MAX / 4,
        }
    }

    async fn ask(&self, presented: Presented<'_>) -> Result<Principal, VerifyError> {
        let unavailable = |problem: &dyn fmt::Display| {
            let problem = problem.to_string();
            let problem = problem.escape_debug();
            tracing::warn!(target: "purlin::auth", %problem, "no token can be asked about");
            VerifyError::Unavailable {
                retry_after: COME_BACK,
            }
        };
        let place = self.places.try_acquire();
        let place = place.map_err(|_| unavailable(&"too many questions at a time"))?;
        let request = self
            .request(presented.token())
            .map_err(|error| unavailable(&error))?;
        let response = self.fetch.fetch(request, LIMIT).await;
        let response = response.map_err(|error| unavailable(&error))?;
        drop(place);
        if response.status() != StatusCode::OK {
            return Err(unavailable(&format!("HTTP status {}", response.status())));
        }
        let claims = json::object(response.body());
        let claims = claims.ok_or_else(|| unavailable(&"the answer is no strict JSON object"))?;
        match claims.get("active") {
            Some(Value::Bool(true)) => {}
            // Another issuer may know it.
            Some(Value::Bool(false)) => return Err(VerifyError::NotMine),
            _ => {
                return Err(unavailable(
                    &"the answer does not say whether the token is active",
                ));
            }
        }
        self.keep(hash(presented.token()), &claims);
        let judged = self.conclude(claims, &presented);
        self.bindings.settle(judged).decided().await
    }

    fn request(&self, token: &str) -> Result<Request<Vec<u8>>, http::Error> {
        let mut form = Serializer::new(String::new());
        form.append_pair("token", token)
            .append_pair("token_type_hint", "access_token");
        let mut authorization = None;
        match &self.us {
            ClientAuthentication::Basic { id, secret } => {
                let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
                let pair = format!("{}:{}", encoded(id), encoded(secret.reveal()));
                authorization = Some(format!("Basic {}", STANDARD.encode(pair)));
            }
            ClientAuthentication::Post { id, secret } => {
                form.append_pair("client_id", id);
                form.append_pair("client_secret", secret.reveal());
            }
            ClientAuthentication::Bearer(token) => {
                authorization = Some(format!("Bearer {}", token.reveal()));
            }
        }
        let mut request = Request::post(&self.url)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(text) = authorization {
            let mut value = HeaderValue::try_from(text)?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        request.body(form.finish().into_bytes())
    }

    fn conclude(
        &self,
        claims: Map<String, Value>,
        presented: &Presented<'_>,
    ) -> Result<Judged, VerifyError> {
        match (claims.get("iss"), &self.issuer) {
            (None, _) => {}
            (Some(Value::String(_)), None) => {}
            (Some(Value::String(named)), Some(issuer)) if named == issuer => {}
            _ => {
                return Err(VerifyError::Invalid(
                    "the token is that of another issuer (`iss`)",
                ));
            }
        }
        let named = claims.get("iss").and_then(Value::as_str).map(str::to_owned);
        // Where neither says so, it is whoever is asked: a caller of that name that another
        // verifier knows is somebody else.
        let issuer = self.issuer.clone().or(named);
        let issuer = issuer.or_else(|| Some(self.url.clone()));
        let binding = claims.get("cnf").cloned();
        let now = self.clock.seconds();
        let resource = presented.resource();
        let principal = self.rules.judge(claims, issuer.as_deref(), resource, now)?;
        let binding = binding.as_ref();
        self.bindings.judge(principal, binding, presented, now)
    }
}

impl Verifier for Introspection {
    fn verify<'a>(&'a self, presented: Presented<'a>) -> Verification<'a> {
        if presented.scheme() == Scheme::None {
            return Verification::Ready(Err(VerifyError::NotMine));
        }
        if self.kept_for.is_some()
            && let Some(claims) = self.kept(&hash(presented.token()))
        {
            return self.bindings.settle(self.conclude(claims, &presented));
        }
        Verification::Later(Box::pin(self.ask(presented)))
    }

    fn authorization_servers(&self) -> Vec<String> {
        self.issuer.iter().cloned().collect()
    }

    fn proof_algorithms(&self) -> &'static [&'static str] {
        self.bindings.proof_algorithms()
    }
}

fn hash(token: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    hash
}
