//! What a verifier of JWTs accepts.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::verifier::{Held, Issuer, Jwt};
use super::{Algorithm, SignatureAlgorithm};
use crate::fetch::{Fetch, Fetcher};
use crate::verify::binding::{Bindings, CertificateBinding};
use crate::verify::claims::{Path, Rules};
use crate::verify::dpop::Dpop;
use crate::verify::keys::{Keys, RemoteKeys, Source};
use crate::verify::{Clock, SystemClock, crypto};

/// The most that clocks may differ.
const MOST_LEEWAY: Duration = Duration::from_secs(300);

/// Configures a [`Jwt`]; made by [`Jwt::builder`].
#[derive(Debug)]
#[must_use = "a builder does nothing until it builds"]
pub struct JwtBuilder {
    issuers: Vec<(String, Keys)>,
    algorithms: Vec<SignatureAlgorithm>,
    rules: Rules,
    leeway: Duration,
    fetch: Option<Arc<dyn Fetch>>,
    clock: Arc<dyn Clock>,
    bindings: Bindings,
}

impl JwtBuilder {
    pub(super) fn new() -> Self {
        Self {
            issuers: Vec::new(),
            algorithms: SignatureAlgorithm::ALL.to_vec(),
            rules: Rules::default(),
            leeway: Duration::from_secs(60),
            fetch: None,
            clock: Arc::new(SystemClock),
            bindings: Bindings::default(),
        }
    }

    /// Accepts tokens of this issuer, signed with these keys. `iss` has to be the same, letter by
    /// letter. A second issuer has keys of its own.
    pub fn issuer(mut self, issuer: impl Into<String>, keys: Keys) -> Self {
        self.issuers.push((issuer.into(), keys));
        self
    }

    /// The signatures that are accepted (default: all of them). What a single key is for is
    /// checked besides.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = SignatureAlgorithm>) -> Self {
        self.algorithms = algorithms.into_iter().collect();
        self
    }

    /// Another name that issuers have for this server, in `aud`. Without one, tokens have to be
    /// meant for its URL (RFC 8707), which is what to have whenever the issuer knows how.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.rules.audiences.push(audience.into());
        self
    }

    /// The claim that names the roles of the caller, as a list or as one text: a name, or a JSON
    /// pointer such as `/realm_access/roles`.
    pub fn roles_claim(mut self, path: &str) -> Self {
        self.rules.roles = Some(Path::from(path));
        self
    }

    /// The claim that names the tenant of the caller, likewise. A token without it is refused.
    pub fn tenant_claim(mut self, path: &str) -> Self {
        self.rules.tenant = Some(Path::from(path));
        self
    }

    /// How much the clocks of the issuer and ours may differ (default 60 s, at most 5 min).
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// Fetches keys in another way than over the public internet.
    pub fn fetch(mut self, fetch: impl Fetch) -> Self {
        self.fetch = Some(Arc::new(fetch));
        self
    }

    /// Takes the time from somewhere else.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Accepts tokens that are bound to a key (RFC 9449) as well. Without this they are refused.
    pub fn dpop(mut self, dpop: Dpop) -> Self {
        self.bindings.dpop = Some(dpop);
        self
    }

    /// Accepts tokens that are bound to a certificate (RFC 8705) as well, of callers that show it to
    /// a proxy in front of this server. Without this they are refused.
    pub fn certificates(mut self, certificates: CertificateBinding) -> Self {
        self.bindings.certificates = Some(certificates);
        self
    }

    /// The verifier. Nothing is fetched yet.
    ///
    /// # Errors
    /// When there is no issuer, one of them twice, one without a name, no algorithm, or a leeway
    /// that would keep expired tokens alive.
    pub fn build(self) -> Result<Jwt, JwtError> {
        crypto::install();
        if self.leeway > MOST_LEEWAY {
            return Err(JwtError(
                "a leeway of more than 5 minutes keeps expired tokens alive",
            ));
        }
        if self.algorithms.is_empty() {
            return Err(JwtError(
                "without an algorithm no token is accepted: name one",
            ));
        }
        let fetch = self.fetch.unwrap_or_else(|| {
            let issuers = self.issuers.iter();
            Arc::new(Fetcher::at(issuers.map(|(name, keys)| keys.url(name))))
        });
        let mut issuers = BTreeMap::new();
        for (name, keys) in self.issuers {
            if name.is_empty() {
                return Err(JwtError("an issuer has a name: the `iss` of its tokens"));
            }
            let keys = match keys.0 {
                Source::Given(set) => Held::Given(set),
                Source::Fetched(place) => {
                    Held::Fetched(RemoteKeys::new(&name, place, Arc::clone(&fetch)))
                }
            };
            if issuers.insert(name, Issuer { keys }).is_some() {
                return Err(JwtError(
                    "an issuer is named twice: give it one set of keys",
                ));
            }
        }
        if issuers.is_empty() {
            return Err(JwtError("nobody's tokens are accepted: name an issuer"));
        }
        Ok(Jwt {
            issuers,
            algorithms: self.algorithms,
            rules: Rules {
                leeway: self.leeway.as_secs(),
                ..self.rules
            },
            clock: self.clock,
            bindings: self.bindings,
        })
    }
}

impl Jwt {
    /// Whether signatures of this algorithm are accepted. Codes are accepted where a shared
    /// secret was given, and only from whom it is shared with: no key of another kind fits them.
    pub(super) fn accepts(&self, algorithm: Algorithm) -> bool {
        match algorithm {
            Algorithm::Signature(one) => self.algorithms.contains(&one),
            Algorithm::Hmac(_) => true,
        }
    }
}

/// Settings with which no verifier can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JwtError(&'static str);

impl fmt::Display for JwtError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tokens cannot be verified so: {}", self.0)
    }
}

impl Error for JwtError {}
