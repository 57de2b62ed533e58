//! The vectors of Project Wycheproof for signatures and keys of JOSE.
//!
//! Their payloads are no claims, so they are held against what judges form, key and signature.

use serde_json::{Value, json};

use super::jwt::{Compact, HmacAlgorithm};
use super::keys::{Key, KeySet, Keys, Lookup};
use crate::Secret;

const SIGNATURES: &str = include_str!("../../tests/server/wycheproof/json_web_signature_test.json");
/// The beginning of a token with the algorithm HS256.
const HS256: &str = "eyJhbGciOiJIUzI1NiI";
const KEYS: &str = include_str!("../../tests/server/wycheproof/json_web_key_test.json");

/// Whether a token is accepted with these keys.
fn accepts(keys: &KeySet, token: &str) -> bool {
    let Ok(token) = Compact::parse(token) else {
        return false;
    };
    let Ok(id) = token.key_id() else {
        return false;
    };
    match keys.find(id, token.algorithm) {
        Lookup::Found(key) => token.is_signed_by(key),
        Lookup::Unknown | Lookup::Refused(_) => false,
    }
}

/// A secret that an operator gives, out of a key of the vectors.
fn shared(jwk: &Value) -> Option<KeySet> {
    use base64::Engine as _;
    let algorithm = match jwk["alg"].as_str()? {
        "HS256" => HmacAlgorithm::Hs256,
        "HS384" => HmacAlgorithm::Hs384,
        "HS512" => HmacAlgorithm::Hs512,
        _ => return None,
    };
    let encoded = jwk["k"].as_str()?;
    let secret = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(encoded)
        .ok()?;
    // Those of the vectors are no text, which those of operators are; the length is what counts.
    let text = Secret::from("x".repeat(secret.len()));
    Keys::secret(algorithm, &text).ok()?;
    let key = Key::secret(super::jwt::Algorithm::Hmac(algorithm), &secret);
    Some(KeySet::one(key))
}

/// Keys as they come in a set, published by an issuer.
fn published(keys: &Value) -> Option<KeySet> {
    KeySet::parse(keys.to_string().as_bytes()).ok()
}

#[derive(Default)]
struct Tally {
    accepted: usize,
    refused: usize,
    surprises: Vec<String>,
}

impl Tally {
    fn hold(&mut self, expected: bool, found: bool, case: &Value) {
        match found {
            true => self.accepted += 1,
            false => self.refused += 1,
        }
        if found != expected {
            self.surprises
                .push(format!("{} {}", case["tcId"], case["comment"]));
        }
    }
}

fn groups(text: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(text).unwrap();
    file["testGroups"].as_array().unwrap().clone()
}

#[test]
fn every_signature_vector_is_judged_as_it_should_be() {
    let mut tally = Tally::default();
    for group in groups(SIGNATURES) {
        let keys = match group.get("public") {
            Some(public) => published(&json!({ "keys": [public] })),
            None => shared(&group["private"]),
        };
        for case in group["tests"].as_array().unwrap() {
            let token = case["jws"].as_str().unwrap();
            let found = keys.as_ref().is_some_and(|keys| accepts(keys, token));
            tally.hold(expected(&group, case), found, case);
        }
    }
    assert_eq!(tally.surprises, [""; 0]);
    assert_eq!((tally.accepted, tally.refused), (42, 359));
}

/// What is judged in another way here than the vectors say, for a reason.
fn expected(group: &Value, case: &Value) -> bool {
    let key = &group["public"];
    match case["tcId"].as_u64() {
        // The same text as that of 357, which is valid: the padding they speak of is not there.
        Some(367 | 370) => true,
        // A character that is not in the alphabet is skipped by whoever calls this valid.
        Some(372 | 373) => false,
        // Figure 20 of RFC 7520, PS384, with a key that says here that it is for PS256.
        Some(346 | 350) => false,
        // P-521 is not used.
        _ => case["result"] == "valid" && key["crv"] != "P-521",
    }
}

#[test]
fn every_key_vector_is_judged_as_it_should_be() {
    let mut tally = Tally::default();
    for group in groups(KEYS) {
        let keys = match group.get("public") {
            Some(public) => published(public),
            // A secret is never part of a published set; one is given alone.
            None => match group["private"]["keys"].as_array().unwrap().as_slice() {
                [one] => shared(one),
                _ => published(&group["private"]),
            },
        };
        for case in group["tests"].as_array().unwrap() {
            let token = case["jws"].as_str().unwrap();
            let found = keys.as_ref().is_some_and(|keys| accepts(keys, token));
            // Secrets in a published set are passed over, whatever else is in it.
            let is_shared_set = group["comment"] == "jws_keyset" && token.starts_with(HS256);
            let expected = case["result"] == "valid" && !is_shared_set;
            tally.hold(expected, found, case);
        }
    }
    assert_eq!(tally.surprises, [""; 0]);
    assert_eq!((tally.accepted, tally.refused), (4, 22));
}
