//! The identity provider's own tokens, for tools that call its services.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use purlin_core::{Context, Error, ErrorKind, Principal, Result};

use super::{Issuer, TokenError, TokenErrorCode, Tokens, family::Live};
use crate::{Secret, authorization_server::storage::Digest};

/// The claim that says which family a principal's token is of: a SHA-256, and our signature over it
/// and over who the principal is. Whatever another verifier writes there is not ours, and what we
/// wrote there for one caller is of no use to another.
pub(super) const GRANT: &str = "purlin_grant";
/// A token that ends within this time is renewed first.
const SOON: u64 = 60;

/// The upstream tokens of callers: what the identity provider gave us for them.
///
/// They lie sealed in the store and never leave the server by themselves. A tool that acts for its
/// caller at the provider asks here, in so many words, and is answered for its own caller alone.
/// A token that is about to end is renewed first, by one of all who ask, on any replica.
///
/// A clone is a handle on the same.
///
/// ```
/// use purlin_auth::authorization_server::Upstream;
/// use purlin_core::{Context, Result};
///
/// /// For a tool that asks the provider's services in the name of its caller.
/// async fn authorization(upstream: &Upstream, cx: &Context) -> Result<String> {
///     let token = upstream.access_token(cx).await?;
///     Ok(format!("Bearer {}", token.reveal()))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Upstream(Tokens);

impl Tokens {
    pub(crate) fn upstream(&self) -> Upstream {
        Upstream(self.clone())
    }
}

impl Upstream {
    /// The access token of the caller of this request, for the services of the provider.
    ///
    /// # Errors
    /// [`ErrorKind::Unauthenticated`] when nobody has proved who is calling, or not with a token
    /// of ours, or the login is over; [`ErrorKind::Unavailable`] when the store or the provider
    /// does not answer.
    ///
    /// # Cancellation
    /// Dropping the future loses nothing that was renewed and stored.
    pub async fn access_token(&self, cx: &Context) -> Result<Secret> {
        match cx.principal() {
            Some(principal) => self.access_token_of(principal).await,
            None => Err(unknown()),
        }
    }

    /// As [`access_token`](Self::access_token), for a verified principal.
    ///
    /// # Errors
    /// As [`access_token`](Self::access_token).
    pub async fn access_token_of(&self, principal: &Principal) -> Result<Secret> {
        let grant = principal.claim(GRANT).and_then(|claim| claim.as_str());
        let family = grant.and_then(|grant| self.0.0.granted(principal, grant));
        let family = family.ok_or_else(unknown)?;
        let found = self.0.fresh(family).await.map_err(told)?;
        let upstream = found.identity.upstream.ok_or_else(|| {
            let text = "the identity provider gave no token for its services";
            Error::new(ErrorKind::Unauthenticated, text)
        })?;
        Ok(upstream.access_token)
    }
}

impl Tokens {
    /// The family with an upstream token that does not end at once.
    async fn fresh(&self, family: Digest) -> std::result::Result<Live, TokenError> {
        let issuer = &self.0;
        let (_, live) = issuer.live(family).await?;
        let upstream = live.identity.upstream.as_ref();
        let ends = upstream.and_then(|upstream| upstream.expires_at);
        let is_over = ends.is_some_and(|end| end <= issuer.clock.seconds().saturating_add(SOON));
        if is_over && issuer.has_to_vouch(&live) {
            return self.vouch(family).await;
        }
        Ok(live)
    }
}

impl Issuer {
    /// The claim of a principal whose token is of this family.
    pub(super) fn grant(&self, principal: &Principal, family: Digest) -> String {
        let tag = self.grants.sign(&signed(principal, family));
        format!("{family}.{}", URL_SAFE_NO_PAD.encode(tag))
    }

    /// The family that we wrote into the claim of this very principal.
    fn granted(&self, principal: &Principal, grant: &str) -> Option<Digest> {
        let (family, tag) = grant.split_once('.')?;
        let family = Digest::parse(family)?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        let ours = self.grants.verify(&signed(principal, family), &tag);
        ours.then_some(family)
    }
}

fn signed(principal: &Principal, family: Digest) -> Vec<u8> {
    format!("{family} {}", principal.identity()).into_bytes()
}

fn unknown() -> Error {
    let text = "nobody has logged in here for this request: authenticate";
    Error::new(ErrorKind::Unauthenticated, text)
}

fn told(error: TokenError) -> Error {
    match error.code() {
        TokenErrorCode::InvalidGrant => unknown(),
        TokenErrorCode::TemporarilyUnavailable => {
            let text = "the identity provider is not available: try again later";
            Error::new(ErrorKind::Unavailable, text).with_source(error)
        }
        _ => Error::internal(error),
    }
}
