//! Statements that clients sign, judged by a crate that we neither wrote nor build on.

use std::collections::BTreeSet;

use jsonwebtoken::{Algorithm as Judged, DecodingKey, Validation, decode, jwk::Jwk};
use purlin_auth::client::{
    Algorithm, AuthErrorKind, ClientCredentials, OAuth, Registered, SigningKey,
};
use serde_json::{Value, json};

use crate::statement;
use crate::town::Town;

type Read = fn(&[u8]) -> jsonwebtoken::errors::Result<DecodingKey>;

/// A client that proves itself with this key, and what an authorization server makes of it.
async fn check(algorithm: Algorithm, key: &str, judged: Judged, public: &str, read: Read) {
    let town = Town::start().await;
    let key = SigningKey::from_pem(algorithm, key).unwrap().with_id("k-1");
    let client = ClientCredentials::new(Registered::new("nightly").key(key));
    let client = town.connect(OAuth::machine(client).build()).await.unwrap();
    town.revoke();
    client.call::<String>("t", ()).await.unwrap();

    let mut validation = Validation::new(judged);
    validation.set_audience(&[town.issuer("as")]);
    validation.set_issuer(&["nightly"]);
    validation.set_required_spec_claims(&["aud", "exp", "iss", "sub"]);
    let public = read(public.as_bytes()).unwrap();
    let mut once = BTreeSet::new();
    for (_, form) in &town.world().token_requests {
        assert_eq!(form["client_id"], "nightly");
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        assert_eq!(form["client_assertion_type"], kind);
        let assertion = &form["client_assertion"];
        let read = decode::<Value>(assertion, &public, &validation).unwrap();
        assert_eq!(read.claims["sub"], "nightly");
        let (issued, ends) = (&read.claims["iat"], &read.claims["exp"]);
        assert_eq!(ends.as_u64().unwrap() - issued.as_u64().unwrap(), 60);
        assert!(once.insert(read.claims["jti"].to_string()));
        let expected = json!({"alg": algorithm.as_str(), "kid": "k-1", "typ": "JWT"});
        assert_eq!(statement::header(assertion), expected);
        // It is about these very words.
        let (signed, signature) = assertion.rsplit_once('.').unwrap();
        let forged = format!("{signed}A.{signature}");
        assert!(decode::<Value>(&forged, &public, &validation).is_err());
    }
    assert_eq!(once.len(), 2);
}

#[tokio::test]
async fn assertions_are_believed_whatever_the_key() {
    let rsa = include_str!("keys/rsa.pem");
    let public = include_str!("keys/rsa.public.pem");
    let read = DecodingKey::from_rsa_pem;
    check(Algorithm::Rs256, rsa, Judged::RS256, public, read).await;
    check(Algorithm::Ps256, rsa, Judged::PS256, public, read).await;
    let (key, public) = (
        include_str!("keys/p256.pem"),
        include_str!("keys/p256.public.pem"),
    );
    let read = DecodingKey::from_ec_pem;
    check(Algorithm::Es256, key, Judged::ES256, public, read).await;
    let (key, public) = (
        include_str!("keys/p384.pem"),
        include_str!("keys/p384.public.pem"),
    );
    check(Algorithm::Es384, key, Judged::ES384, public, read).await;
    let (key, public) = (
        include_str!("keys/ed25519.pem"),
        include_str!("keys/ed25519.public.pem"),
    );
    let read = DecodingKey::from_ed_pem;
    check(Algorithm::EdDsa, key, Judged::EdDSA, public, read).await;
}

#[tokio::test]
async fn proofs_of_possession_are_believed() {
    let town = Town::start().await;
    town.want_proofs();
    town.connect(town.login().build()).await.unwrap();
    let world = town.world();
    let at_issuer = world.token_headers[0]["dpop"].to_str().unwrap();
    let at_server = world.proofs[0].as_str();
    let mut validation = Validation::new(Judged::ES256);
    validation.required_spec_claims.clear();
    for (proof, url) in [
        (at_issuer, format!("{}/token", town.issuer("as"))),
        (at_server, town.url()),
    ] {
        let header = statement::header(proof);
        assert_eq!(header["typ"], "dpop+jwt");
        let key: Jwk = serde_json::from_value(header["jwk"].clone()).unwrap();
        let key = DecodingKey::from_jwk(&key).unwrap();
        let read = decode::<Value>(proof, &key, &validation).unwrap();
        assert_eq!(
            (&read.claims["htm"], &read.claims["htu"]),
            (&json!("POST"), &json!(url))
        );
    }
}

#[test]
fn keys_that_cannot_be_used_are_refused_with_what_to_do() {
    use Algorithm::{EdDsa, Es256, Es384, Ps256, Rs256};
    for (algorithm, pem, expected) in [
        (
            Rs256,
            include_str!("keys/refused/pkcs1.pem"),
            "is in the form of PKCS #1: convert it with `openssl pkcs8 -topk8 -nodes -in KEY.pem`",
        ),
        (
            Es256,
            include_str!("keys/refused/sec1.pem"),
            "is in the form of SEC 1: convert it with `openssl pkcs8 -topk8 -nodes -in KEY.pem`",
        ),
        (
            Es256,
            include_str!("keys/refused/encrypted.pem"),
            "is encrypted: decrypt it with `openssl pkcs8 -in KEY.pem`",
        ),
        (
            EdDsa,
            include_str!("keys/refused/openssh.pem"),
            "is in the form of OpenSSH: convert it with `ssh-keygen -p -m PKCS8 -f KEY`",
        ),
        (
            Es384,
            include_str!("keys/refused/p521.pem"),
            "is for P-521, and ES384 takes one for P-384",
        ),
        (
            EdDsa,
            include_str!("keys/refused/ed448.pem"),
            "is for Ed448, and EdDSA takes one for Ed25519",
        ),
        (
            Ps256,
            include_str!("keys/refused/pss.pem"),
            "is for RSA-PSS, and PS256 takes one for RSA",
        ),
        (
            Rs256,
            include_str!("keys/refused/rsa1024.pem"),
            "cannot be used: RS256 takes intact RSA keys of 2,048 to 4,096 bits",
        ),
        (
            Es256,
            include_str!("keys/rsa.pem"),
            "is for RSA, and ES256 takes one for P-256",
        ),
        (
            Rs256,
            include_str!("keys/p256.pem"),
            "is for P-256, and RS256 takes one for RSA",
        ),
        (
            Es256,
            include_str!("keys/p256.public.pem"),
            "is missing: this is the public one",
        ),
        (
            Es256,
            "canary",
            "is missing: PEM text with `BEGIN PRIVATE KEY` is expected",
        ),
    ] {
        let error = SigningKey::from_pem(algorithm, pem).unwrap_err();
        assert_eq!(error.kind(), AuthErrorKind::Configuration);
        assert_eq!(error.to_string(), format!("the private key {expected}"));
    }
    let error = SigningKey::from_pkcs8(Es256, b"canary").unwrap_err();
    let expected = "the private key is of no known kind, and ES256 takes one for P-256";
    assert_eq!(error.to_string(), expected);
}
