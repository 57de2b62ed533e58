//! Consents that a browser remembers.
//!
//! The user is not known yet when the question comes, so the memory is the browser's: one sealed
//! cookie. An answer holds for a client and a redirect URI together, for no more scopes than it was
//! given for, and for 30 days.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue};
use purlin_core::KeyRing;
use serde::{Deserialize, Serialize};

use super::{
    super::{cookie::Cookies, storage::Digest},
    request::AuthorizationRequest,
};

const COOKIE: &str = "consents";
const BINDING: &[u8] = b"remembered consents";
const LIFE: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// The most consents of one browser; the oldest are forgotten first.
const MANY: usize = 20;
/// The longest value of the cookie. Browsers take 4,096 bytes with name and attributes.
const MAX_VALUE: usize = 3_500;

#[derive(Serialize, Deserialize)]
struct Consent {
    /// Of client and redirect URI.
    to: String,
    scopes: Vec<String>,
    until: u64,
}

/// Whether this browser has allowed all that is asked for.
pub(in super::super) fn covers(
    cookies: &Cookies,
    ring: &KeyRing,
    headers: &HeaderMap,
    request: &AuthorizationRequest,
    now: u64,
) -> bool {
    let to = key(request);
    let known = read(cookies, ring, headers, now);
    let mut matching = known.iter().filter(|consent| consent.to == to);
    matching.any(|consent| {
        request
            .scopes
            .iter()
            .all(|scope| consent.scopes.contains(scope))
    })
}

/// The cookie with one more consent.
pub(in super::super) fn with(
    cookies: &Cookies,
    ring: &KeyRing,
    headers: &HeaderMap,
    request: &AuthorizationRequest,
    now: u64,
) -> HeaderValue {
    let to = key(request);
    let mut consents = read(cookies, ring, headers, now);
    consents.retain(|consent| consent.to != to);
    consents.insert(
        0,
        Consent {
            to,
            scopes: request.scopes.clone(),
            until: now.saturating_add(LIFE.as_secs()),
        },
    );
    consents.truncate(MANY);
    let mut value = seal(ring, &consents);
    while value.len() > MAX_VALUE && consents.pop().is_some() {
        value = seal(ring, &consents);
    }
    cookies.set(COOKIE, &value, Some(LIFE))
}

fn seal(ring: &KeyRing, consents: &[Consent]) -> String {
    let plain = serde_json::to_vec(consents).expect("texts have JSON");
    URL_SAFE_NO_PAD.encode(ring.seal_value(&plain, BINDING))
}

/// What still holds; nothing, whatever is wrong with the cookie.
fn read(cookies: &Cookies, ring: &KeyRing, headers: &HeaderMap, now: u64) -> Vec<Consent> {
    let opened = || {
        let sealed = URL_SAFE_NO_PAD.decode(cookies.get(headers, COOKIE)?).ok()?;
        let plain = ring.open_value(&sealed, BINDING)?;
        serde_json::from_slice::<Vec<Consent>>(&plain).ok()
    };
    let mut consents = opened().unwrap_or_default();
    let longest = now.saturating_add(LIFE.as_secs() + 60);
    consents.retain(|consent| (now..longest).contains(&consent.until));
    consents
}

/// The lengths keep the end of one apart from the start of the other.
fn key(request: &AuthorizationRequest) -> String {
    let (client, uri) = (&request.client, &request.back.redirect_uri);
    Digest::of(format!("{}:{client}{uri}", client.len()).as_bytes()).to_string()
}
