//! The form of a token: three parts, strictly written (RFC 7515, section 7.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::Algorithm;
use crate::verify::json;
use crate::verify::keys::Key;

/// The longest token, in bytes.
const LONGEST: usize = 8_192;

/// Members that would have a token say how it is verified, or change how it is read.
const REFUSED: [&str; 7] = ["jwk", "jku", "x5u", "x5c", "crit", "b64", "cty"];

/// A token whose form is right. Nothing in it is true yet.
pub(crate) struct Compact<'a> {
    /// What was signed.
    message: &'a str,
    payload: Vec<u8>,
    signature: &'a str,
    pub(crate) header: Map<String, Value>,
    pub(crate) algorithm: Algorithm,
}

impl<'a> Compact<'a> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// Which rule its form breaks.
    pub(crate) fn parse(token: &'a str) -> Result<Self, &'static str> {
        if token.len() > LONGEST {
            return Err("longer than 8,192 bytes");
        }
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err("not three parts");
        };
        if signature.is_empty() || URL_SAFE_NO_PAD.decode(signature).is_err() {
            return Err("the signature is missing, or not strictly base64url");
        }
        let message_length = header.len() + 1 + payload.len();
        let message = token.get(..message_length).ok_or("not three parts")?;
        let payload = URL_SAFE_NO_PAD.decode(payload);
        let payload = payload.map_err(|_| "the claims are not strictly base64url")?;
        let header = object(header).ok_or("the header is no strict JSON object in base64url")?;
        let algorithm = header.get("alg").and_then(Value::as_str);
        let algorithm = algorithm.and_then(Algorithm::named);
        Ok(Self {
            message,
            payload,
            signature,
            header,
            algorithm: algorithm.ok_or("`alg` is missing, or is not known here")?,
        })
    }

    /// Checks the header of an access token and names the key it asks for.
    ///
    /// # Errors
    /// Which rule it breaks.
    pub(crate) fn key_id(&self) -> Result<Option<&str>, &'static str> {
        self.key_id_of(&["jwt", "at+jwt"], true)
    }

    /// Checks the header of a token of one of these types and names the key it asks for.
    ///
    /// # Errors
    /// Which rule it breaks.
    pub(crate) fn key_id_of(
        &self,
        types: &[&str],
        optional: bool,
    ) -> Result<Option<&str>, &'static str> {
        self.refuse(&REFUSED)?;
        self.check_type(types, optional)?;
        match self.header.get("kid") {
            None => Ok(None),
            Some(Value::String(id)) => Ok(Some(id)),
            Some(_) => Err("`kid` is no text"),
        }
    }

    pub(crate) fn refuse(&self, members: &[&str]) -> Result<(), &'static str> {
        match members.iter().any(|name| self.header.contains_key(*name)) {
            true => Err("the header holds what would say how to read or verify it"),
            false => Ok(()),
        }
    }

    /// Checks `typ`, which is a media type and may go without its `application/`.
    pub(crate) fn check_type(&self, types: &[&str], optional: bool) -> Result<(), &'static str> {
        let found = match self.header.get("typ") {
            None if optional => return Ok(()),
            None => return Err("`typ` is missing"),
            Some(value) => value.as_str().ok_or("`typ` is no text")?,
        };
        let found = found.to_ascii_lowercase();
        let bare = found.strip_prefix("application/").unwrap_or(&found);
        match types.contains(&bare) {
            true => Ok(()),
            false => Err("`typ` is that of something else"),
        }
    }

    /// The claims. They are true only if [`is_signed_by`](Self::is_signed_by) says so.
    ///
    /// # Errors
    /// When they are no strict JSON object.
    pub(crate) fn claims(&self) -> Result<Map<String, Value>, &'static str> {
        json::object(&self.payload).ok_or("the claims are no strict JSON object")
    }

    /// Whether the token was signed with this key, which has to fit its algorithm.
    pub(crate) fn is_signed_by(&self, key: &Key) -> bool {
        if !key.fits(self.algorithm) {
            return false;
        }
        let algorithm = self.algorithm.theirs();
        let message = self.message.as_bytes();
        crate::verify::crypto::install();
        jsonwebtoken::crypto::verify(self.signature, message, &key.material, algorithm)
            .unwrap_or(false)
    }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    json::object(&URL_SAFE_NO_PAD.decode(part).ok()?)
}
