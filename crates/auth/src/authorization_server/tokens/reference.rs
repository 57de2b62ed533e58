//! Our access tokens: signed references to a family.
//!
//! They are JWTs (RFC 9068) so that what looks at tokens understands them, and references, so that
//! they can be revoked and say nothing of the user. Only we verify them, so they are signed with a
//! key that only we have, and their header is compared as text: there is nothing in it to choose.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{family::Family, lifetimes::LEEWAY};
use crate::{
    Secret,
    authorization_server::storage::{Keys, Mac},
    random,
    verify::VerifyError,
};

/// The longest token that is looked at, in bytes.
const LONGEST: usize = 8_192;

/// What a token says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) aud: String,
    pub(super) client_id: String,
    pub(super) scope: String,
    pub(super) iat: u64,
    pub(super) exp: u64,
    /// The handle of the family, and what tells this token from the others of it.
    pub(super) jti: Secret,
}

impl Claims {
    /// An identifier for one more token of a family (RFC 7519, section 4.1.7).
    pub(super) fn id(family: &Family) -> Secret {
        format!("{}.{}", family.handle(), random::text()).into()
    }

    pub(super) fn family(&self) -> Family {
        let id = self.jti.reveal();
        Family::named(id.split_once('.').map_or(id, |(handle, _)| handle))
    }

    /// Whether the token is valid at this moment.
    pub(super) fn check_time(&self, now: u64) -> Result<(), VerifyError> {
        if self.exp <= now {
            return Err(VerifyError::Invalid("it has expired"));
        }
        // A clock that was set back makes no token live longer than this.
        if self.iat > now.saturating_add(LEEWAY) {
            return Err(VerifyError::Invalid("it is not valid yet"));
        }
        Ok(())
    }
}

/// Signs access tokens and reads its own.
#[derive(Clone, Debug)]
pub(super) struct References {
    mac: Mac,
    /// The encoded header of each key, in their order.
    headers: Vec<String>,
}

impl References {
    pub(super) fn new(keys: &Keys) -> Self {
        let mac = keys.mac("access tokens");
        let header = |kid| json!({"typ": "at+jwt", "alg": "HS256", "kid": kid}).to_string();
        let headers = mac
            .ids()
            .map(|kid| URL_SAFE_NO_PAD.encode(header(kid)))
            .collect();
        Self { mac, headers }
    }

    pub(super) fn sign(&self, claims: &Claims) -> Secret {
        let claims = serde_json::to_vec(claims).expect("texts and numbers have a JSON");
        let mut token = format!("{}.{}", self.headers[0], URL_SAFE_NO_PAD.encode(claims));
        let signature = URL_SAFE_NO_PAD.encode(self.mac.sign(token.as_bytes()));
        token.push('.');
        token.push_str(&signature);
        token.into()
    }

    /// The claims of a token that we signed, whatever time it is.
    ///
    /// # Errors
    /// [`VerifyError::NotMine`] for a token that does not start like one of ours.
    pub(super) fn read(&self, token: &str) -> Result<Claims, VerifyError> {
        let header = token.split('.').next().unwrap_or_default();
        let known = self.headers.iter().position(|known| known == header);
        let key = known
            .filter(|_| token.len() <= LONGEST)
            .ok_or(VerifyError::NotMine)?;
        let forged = VerifyError::Invalid("its signature is wrong");
        let (signed, signature) = token.rsplit_once('.').ok_or(forged.clone())?;
        let signature = URL_SAFE_NO_PAD
            .decode(signature)
            .map_err(|_| forged.clone())?;
        if !self.mac.verify_by(key, signed.as_bytes(), &signature) {
            return Err(forged);
        }
        let claims = signed
            .split_once('.')
            .map(|(_, claims)| URL_SAFE_NO_PAD.decode(claims));
        let claims = claims.and_then(Result::ok);
        let claims = claims.and_then(|claims| serde_json::from_slice(&claims).ok());
        claims.ok_or(VerifyError::Invalid("it cannot be read"))
    }
}
