//! Who is calling, once somebody has proved it.

use std::{
    collections::BTreeSet,
    fmt,
    sync::{Arc, OnceLock},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::{Map, Value};

use super::Context;
use crate::{Error, ErrorKind, FromContext, Result};

/// By how much clocks may differ, which those who verify tokens allow as well.
const LEEWAY: Duration = Duration::from_secs(60);

/// Whoever proved who they are: what a transport, or a layer that authenticates,
/// says of the caller of a request.
///
/// It is made of what was verified alone (a token's claims, a client
/// certificate), never of what a client says of itself. Take it as a parameter:
/// `Principal` fails where there is none, `Option<Principal>` is then `None`.
/// Neither shows in a schema.
///
/// ```
/// use purlin_core::Principal;
///
/// async fn my_orders(caller: &Principal) -> String {
///     format!("orders of {}", caller.subject())
/// }
///
/// let alice = Principal::new("alice").with_scopes(["orders:read"]).with_roles(["clerk"]);
/// assert!(alice.has_scope("orders:read"));
/// assert!(!alice.has_role("admin"));
/// ```
///
/// A clone is a handle on the same principal. `Debug` names the claims and
/// leaves their values out, for they may be secrets.
#[derive(Clone, PartialEq)]
pub struct Principal(Arc<Verified>);

#[derive(Clone, Default)]
struct Verified {
    /// Worked out when it is first asked for. Limits and caches ask on every
    /// request.
    identity: OnceLock<Arc<str>>,

    subject: String,
    issuer: Option<String>,
    client: Option<String>,
    tenant: Option<String>,
    scopes: BTreeSet<String>,
    roles: BTreeSet<String>,
    claims: Map<String, Value>,
}

impl PartialEq for Verified {
    fn eq(&self, other: &Self) -> bool {
        let Self {
            identity: _,
            subject,
            issuer,
            client,
            tenant,
            scopes,
            roles,
            claims,
        } = self;
        (subject, issuer, client, tenant)
            == (&other.subject, &other.issuer, &other.client, &other.tenant)
            && (scopes, roles, claims) == (&other.scopes, &other.roles, &other.claims)
    }
}

impl Principal {
    /// A principal with a name that is its own at its issuer: `sub` of a token.
    pub fn new(subject: impl Into<String>) -> Self {
        Self(Arc::new(Verified {
            subject: subject.into(),
            ..Verified::default()
        }))
    }

    /// Says who vouches for it: `iss`.
    #[must_use]
    pub fn with_issuer(mut self, issuer: impl Into<String>) -> Self {
        self.edit().issuer = Some(issuer.into());
        self
    }

    /// Says through which client it acts: `client_id`.
    #[must_use]
    pub fn with_client(mut self, client: impl Into<String>) -> Self {
        self.edit().client = Some(client.into());
        self
    }

    /// Says whose data it may see. It has to come from a verified claim.
    #[must_use]
    pub fn with_tenant(mut self, tenant: impl Into<String>) -> Self {
        self.edit().tenant = Some(tenant.into());
        self
    }

    /// Adds what it was granted (RFC 6749, section 3.3).
    #[must_use]
    pub fn with_scopes<T: Into<String>>(mut self, scopes: impl IntoIterator<Item = T>) -> Self {
        self.edit()
            .scopes
            .extend(scopes.into_iter().map(Into::into));
        self
    }

    /// Adds what it is.
    #[must_use]
    pub fn with_roles<T: Into<String>>(mut self, roles: impl IntoIterator<Item = T>) -> Self {
        self.edit().roles.extend(roles.into_iter().map(Into::into));
        self
    }

    /// Adds anything else that was verified.
    #[must_use]
    pub fn with_claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.edit().claims.insert(name.into(), value.into());
        self
    }

    fn edit(&mut self) -> &mut Verified {
        let verified = Arc::make_mut(&mut self.0);
        verified.identity.take();
        verified
    }

    /// Its name at its issuer.
    pub fn subject(&self) -> &str {
        &self.0.subject
    }

    /// Who vouches for it.
    pub fn issuer(&self) -> Option<&str> {
        self.0.issuer.as_deref()
    }

    /// The client it acts through.
    pub fn client(&self) -> Option<&str> {
        self.0.client.as_deref()
    }

    /// Whose data it may see.
    pub fn tenant(&self) -> Option<&str> {
        self.0.tenant.as_deref()
    }

    /// What it was granted, sorted.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.0.scopes.iter().map(String::as_str)
    }

    /// What it is, sorted.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.0.roles.iter().map(String::as_str)
    }

    /// Whether it was granted this scope, letter by letter.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.0.scopes.contains(scope)
    }

    /// Whether it has this role.
    pub fn has_role(&self, role: &str) -> bool {
        self.0.roles.contains(role)
    }

    /// A verified claim.
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.0.claims.get(name)
    }

    /// Until when its token is good: the claim `exp` (RFC 7519, section 4.1.4), in
    /// seconds since 1970. `None` where nobody has said so.
    ///
    /// ```
    /// use std::time::{Duration, UNIX_EPOCH};
    /// use purlin_core::Principal;
    ///
    /// let alice = Principal::new("alice").with_claim("exp", 1_900_000_000);
    /// assert_eq!(alice.expires(), Some(UNIX_EPOCH + Duration::from_secs(1_900_000_000)));
    /// assert_eq!(Principal::new("bob").expires(), None);
    /// ```
    pub fn expires(&self) -> Option<SystemTime> {
        let seconds = self.claim("exp")?.as_f64()?;
        let since_1970 = Duration::try_from_secs_f64(seconds).ok()?;
        UNIX_EPOCH.checked_add(since_1970)
    }

    /// Waits until its token is not good any more, and a minute longer, for clocks
    /// differ. For what lasts longer than a request; it waits for ever where the
    /// token does not expire.
    ///
    /// The time is that of a monotonic clock, from the start of the wait on.
    ///
    /// # Panics
    /// Outside of a tokio runtime with a clock.
    pub async fn expired(&self) {
        match self.expires() {
            Some(end) => {
                let left = (end + LEEWAY).duration_since(SystemTime::now());
                tokio::time::sleep(left.unwrap_or_default()).await;
            }
            None => std::future::pending().await,
        }
    }

    /// One text for all that tells callers apart: tenant, issuer, client and
    /// subject. Equal texts are equal callers, whatever they were granted, so it
    /// can be the key of what belongs to one.
    ///
    /// ```
    /// use purlin_core::Principal;
    ///
    /// let alice = Principal::new("alice").with_issuer("https://a.example");
    /// assert_eq!(alice.identity(), alice.clone().with_scopes(["more"]).identity());
    /// assert_ne!(alice.identity(), Principal::new("alice").identity());
    /// ```
    pub fn identity(&self) -> Arc<str> {
        Arc::clone(self.0.identity.get_or_init(|| self.work_out_identity()))
    }

    fn work_out_identity(&self) -> Arc<str> {
        let parts = [
            self.tenant(),
            self.issuer(),
            self.client(),
            Some(self.subject()),
        ];
        let room = parts.iter().flatten().map(|part| part.len() + 4).sum();
        let mut text = String::with_capacity(room);
        for part in parts {
            // With its length before each part no two principals are one text.
            match part {
                Some(part) => {
                    text.push_str(&part.len().to_string());
                    text.push(':');
                    text.push_str(part);
                }
                None => text.push('-'),
            }
        }
        text.into()
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let claims: Vec<&String> = self.0.claims.keys().collect();
        f.debug_struct("Principal")
            .field("subject", &self.0.subject)
            .field("issuer", &self.0.issuer)
            .field("client", &self.0.client)
            .field("tenant", &self.0.tenant)
            .field("scopes", &self.0.scopes)
            .field("roles", &self.0.roles)
            .field("claims", &claims)
            .finish()
    }
}

impl FromContext for Principal {
    async fn from_context(cx: &Context) -> Result<Self> {
        let caller = cx.principal().cloned();
        caller.ok_or_else(|| {
            let problem = "nobody has proved who is calling: authenticate";
            Error::new(ErrorKind::Unauthenticated, problem)
        })
    }
}

impl FromContext for Option<Principal> {
    async fn from_context(cx: &Context) -> Result<Self> {
        Ok(cx.principal().cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_of_different_parts_differ() {
        let bare = Principal::new("a");
        let callers = [
            bare.clone().with_client("b"),
            bare.clone().with_issuer("b"),
            bare.clone().with_tenant("b"),
            Principal::new("1:b").with_client(""),
            Principal::new("b").with_client("a"),
            bare,
        ];
        for (index, caller) in callers.iter().enumerate() {
            for other in &callers[index + 1..] {
                assert_ne!(caller.identity(), other.identity());
            }
        }
    }

    #[test]
    fn what_is_printed_names_claims_without_their_values() {
        let caller = Principal::new("alice").with_claim("session", "s3cret");
        let printed = format!("{caller:?}");
        assert!(printed.contains("session"), "{printed}");
        assert!(!printed.contains("s3cret"), "{printed}");
    }
}
