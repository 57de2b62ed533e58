//! Tokens: who is let in holds what was signed, and says what it has to say.
//!
//! The first byte of the input chooses what the rest is: a token, changes of a valid token, or a
//! header and claims that we sign.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::FutureExt as _;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use purlin_auth::Secret;
use purlin_auth::verify::{
    Clock, HmacAlgorithm, Jwt, Keys, Presented, Scheme, SignatureAlgorithm, Verification, Verifier,
};
use serde_json::{Map, Value, json};

const ISSUER: &str = "https://login.example";
const RESOURCE: &str = "https://mcp.example/mcp";
const NOW: u64 = 1_900_000_000;
const LEEWAY: f64 = 60.0;
const SHARED: &[u8; 32] = b"an invariant's secret, 32 bytes.";
/// Keys of the tests of the crate; they open nothing.
const PRIVATE: &str = include_str!("../../../crates/auth/tests/client/keys/p256.pem");
const PUBLIC: &str = include_str!("../../../crates/auth/tests/client/keys/p256.public.pem");

/// It is always the same second.
#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(NOW)
    }
}

/// Whoever judges, and a token that passes.
struct World {
    public: Jwt,
    shared: Jwt,
    token: String,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let keys = Keys::public_key(PUBLIC).unwrap();
    let public = Jwt::builder().issuer(ISSUER, keys).clock(Still);
    let secret = Secret::from(String::from_utf8(SHARED.to_vec()).unwrap());
    let keys = Keys::secret(HmacAlgorithm::Hs256, &secret).unwrap();
    let shared = Jwt::builder().issuer(ISSUER, keys).clock(Still);
    let public = public
        .algorithms([SignatureAlgorithm::Es256])
        .build()
        .unwrap();
    let claims = json!({ "iss": ISSUER, "aud": RESOURCE, "sub": "alice", "exp": NOW + 60 });
    let key = EncodingKey::from_ec_pem(PRIVATE.as_bytes()).unwrap();
    let token = encode(&Header::new(Algorithm::ES256), &claims, &key).unwrap();
    assert!(is_let_in(&public, &token), "the valid token is valid");
    World {
        public,
        shared: shared.build().unwrap(),
        token,
    }
});

/// Presents a token.
pub fn check(input: &[u8]) {
    let Some((choice, rest)) = input.split_first() else {
        return;
    };
    match choice % 3 {
        0 => let_in_is_what_was_signed(&String::from_utf8_lossy(rest)),
        1 => let_in_is_what_was_signed(&changed(rest)),
        _ => signed(&String::from_utf8_lossy(rest)),
    }
}

/// The valid token with some of its bits turned: a place and a mask, over and over.
fn changed(changes: &[u8]) -> String {
    let mut token = WORLD.token.clone().into_bytes();
    for change in changes.chunks_exact(3) {
        let place = usize::from(u16::from_le_bytes([change[0], change[1]])) % token.len();
        token[place] ^= change[2] & 0x7f;
    }
    String::from_utf8(token).unwrap()
}

fn let_in_is_what_was_signed(token: &str) {
    if is_let_in(&WORLD.public, token) {
        let signed = |token: &str| token.rsplit_once('.').map(|it| it.0.to_owned());
        assert_eq!(signed(token), signed(&WORLD.token));
    }
}

fn is_let_in(jwt: &Jwt, token: &str) -> bool {
    let (head, ()) = http::Request::new(()).into_parts();
    let presented = Presented::new(RESOURCE, &head).with_token(Scheme::Bearer, token);
    match jwt.verify(presented) {
        Verification::Ready(verdict) => verdict.is_ok(),
        Verification::Later(later) => later.now_or_never().unwrap().is_ok(),
    }
}

/// A header and claims on two lines, whoever wrote them, under a signature that is right.
fn signed(text: &str) {
    let (header, claims) = text.split_once('\n').unwrap_or((text, ""));
    let signed = [header, claims]
        .map(|part| URL_SAFE_NO_PAD.encode(part))
        .join(".");
    LazyLock::force(&WORLD);
    let key = EncodingKey::from_secret(SHARED);
    let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &key, Algorithm::HS256);
    let token = format!("{signed}.{}", signature.unwrap());
    if is_let_in(&WORLD.shared, &token) {
        assert!(header_is_ours(&object(header)), "{header}");
        assert!(claims_are_ours(&object(claims)), "{claims}");
    }
}

fn object(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap()
}

fn header_is_ours(header: &Map<String, Value>) -> bool {
    let foreign = ["jwk", "jku", "x5u", "x5c", "crit", "b64", "cty"];
    let typed = header.get("typ").is_none_or(|typ| {
        let typ = typ.as_str().unwrap_or_default().to_ascii_lowercase();
        let typ = typ.strip_prefix("application/").unwrap_or(&typ);
        ["jwt", "at+jwt"].contains(&typ)
    });
    header["alg"] == "HS256" && typed && !foreign.iter().any(|name| header.contains_key(*name))
}

fn claims_are_ours(claims: &Map<String, Value>) -> bool {
    let now = NOW as f64;
    let not_later = |name: &str| match claims.get(name) {
        None => true,
        Some(time) => time.as_f64().is_some_and(|time| time <= now + LEEWAY),
    };
    let meant_for_us = match &claims["aud"] {
        Value::String(one) => one == RESOURCE,
        Value::Array(several) => {
            several.iter().all(Value::is_string) && several.iter().any(|it| it == RESOURCE)
        }
        _ => false,
    };
    let named = |name: &str| {
        claims
            .get(name)
            .map(|it| it.as_str().is_some_and(|it| !it.is_empty()))
    };
    let names = [named("sub"), named("client_id")];
    claims["iss"] == ISSUER
        && meant_for_us
        && claims["exp"]
            .as_f64()
            .is_some_and(|exp| exp > 0.0 && exp + LEEWAY >= now)
        && not_later("nbf")
        && not_later("iat")
        && names.contains(&Some(true))
        && !names.contains(&Some(false))
        && claims.get("token_use").is_none_or(|it| it == "access")
        && !claims.contains_key("cnf")
}
