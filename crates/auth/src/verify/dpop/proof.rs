//! The proof itself (RFC 9449, section 4).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use serde_json::{Map, Value};

use super::url;
use crate::verify::Presented;
use crate::verify::jwt::Compact;
use crate::verify::keys::{Key, thumbprint};

/// The longest `jti`, in bytes.
const LONGEST_ID: usize = 256;

/// A proof that was made for this request and this token, by whoever has the key with this
/// thumbprint.
pub(super) struct Proof {
    pub(super) thumbprint: String,
    pub(super) id: String,
    /// In seconds since 1970.
    pub(super) issued: u64,
    pub(super) nonce: Option<String>,
}

/// Reads the proof of a request.
///
/// # Errors
/// Which rule it breaks.
pub(super) fn read(presented: &Presented<'_>) -> Result<Proof, &'static str> {
    let proof = presented
        .header("dpop")
        .ok_or("there has to be one header `DPoP`")?;
    let proof = Compact::parse(proof)?;
    proof.check_type(&["dpop+jwt"], false)?;
    proof.refuse(&["jku", "x5u", "x5c", "crit", "b64", "cty"])?;
    if !proof.algorithm.is_signature() {
        return Err("signed with a shared secret");
    }
    let jwk = proof.header.get("jwk").and_then(Value::as_object);
    let jwk = jwk.ok_or("`jwk` is missing")?;
    let key = Key::from_jwk(jwk).ok_or("`jwk` is no public key of a kind that is used")?;
    if !proof.is_signed_by(&key) {
        return Err("the signature is wrong");
    }
    let claims = proof.claims()?;
    check_request(&claims, presented)?;
    let token = URL_SAFE_NO_PAD.encode(digest(&SHA256, presented.token().as_bytes()));
    if text(&claims, "ath") != Some(&token) {
        return Err("made for another token (`ath`)");
    }
    let id = text(&claims, "jti").filter(|id| !id.is_empty() && id.len() <= LONGEST_ID);
    let nonce = match claims.get("nonce") {
        None => None,
        Some(Value::String(nonce)) => Some(nonce.clone()),
        Some(_) => return Err("`nonce` is no text"),
    };
    Ok(Proof {
        thumbprint: thumbprint(jwk).ok_or("`jwk` is no public key")?,
        id: id
            .ok_or("`jti` is missing, or longer than 256 bytes")?
            .to_owned(),
        issued: time(&claims)?,
        nonce,
    })
}

fn check_request(
    claims: &Map<String, Value>,
    presented: &Presented<'_>,
) -> Result<(), &'static str> {
    if text(claims, "htm") != Some(presented.method().as_str()) {
        return Err("made for another method (`htm`)");
    }
    let proved = text(claims, "htu").ok_or("`htu` is missing")?;
    let targets = url::targets(presented.resource(), presented.uri().path());
    match targets.iter().any(|target| url::is_same(proved, target)) {
        true => Ok(()),
        false => Err("made for another URL (`htu`)"),
    }
}

/// The time of the proof, in whole seconds.
fn time(claims: &Map<String, Value>) -> Result<u64, &'static str> {
    const WRONG: &str = "`iat` is missing, or no time";
    let issued = claims.get("iat").ok_or(WRONG)?;
    if let Some(whole) = issued.as_u64() {
        return Ok(whole);
    }
    let issued = issued
        .as_f64()
        .filter(|issued| (0.0..1e15).contains(issued));
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range was checked, and fractions are of no interest"
    )]
    issued.map(|issued| issued as u64).ok_or(WRONG)
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name)?.as_str()
}
