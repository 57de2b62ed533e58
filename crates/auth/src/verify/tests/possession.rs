//! Tokens that are bound to a key.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use purlin_core::store::MemoryStore;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::forge::{NOW, Signer, change, claims_with, encode};
use super::town::{At, builder, judge, judge_as};
use crate::verify::keys::thumbprint;
use crate::verify::{CertificateBinding, Dpop, Jwt, Presented, Scheme, Verifier as _, VerifyError};

const URL: &str = "https://mcp.example.com/mcp";

struct Town {
    jwt: Jwt,
    key: Signer,
    token: String,
}

impl Town {
    fn new(dpop: Dpop) -> Self {
        let key = Signer::new("ours");
        let bound = thumbprint(key.bare_jwk().as_object().unwrap()).unwrap();
        let usual = Signer::usual();
        let token = usual.sign(
            &usual.header(),
            &claims_with(json!({ "cnf": { "jkt": bound } })),
        );
        Self {
            jwt: builder().dpop(dpop).clock(At::now()).build().unwrap(),
            key,
            token,
        }
    }

    fn proof(&self, header: Value, claims: Value) -> String {
        let good = json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": self.key.bare_jwk() });
        let token = encode(digest(&SHA256, self.token.as_bytes()));
        let proved = json!({ "jti": "1", "htm": "POST", "htu": URL, "iat": NOW, "ath": token });
        self.key
            .sign(&change(good, header), &change(proved, claims))
    }

    async fn show(&self, proofs: &[&str]) -> Result<String, VerifyError> {
        let headers: Vec<_> = proofs.iter().map(|proof| ("dpop", *proof)).collect();
        let judged = judge_as(&self.jwt, Scheme::Dpop, &self.token, &headers).await;
        judged.map(|caller| caller.subject().to_owned())
    }
}

#[tokio::test]
async fn whoever_has_the_key_is_let_in() {
    let town = Town::new(Dpop::new());
    assert_eq!(
        town.show(&[&town.proof(json!({}), json!({}))]).await,
        Ok("alice".to_owned())
    );
}

#[tokio::test]
async fn a_bound_token_is_not_shown_as_if_it_were_not() {
    let town = Town::new(Dpop::new());
    let judged = judge(&town.jwt, &town.token).await;
    assert!(matches!(judged, Err(VerifyError::Invalid(_))), "{judged:?}");
    let proof = town.proof(json!({}), json!({}));
    let unbound = Signer::usual().token();
    let judged = judge_as(&town.jwt, Scheme::Dpop, &unbound, &[("dpop", &proof)]).await;
    assert!(matches!(judged, Err(VerifyError::Invalid(_))), "{judged:?}");
    let usual = Signer::usual();
    for binding in [
        json!({ "x5t#S256": "x" }),
        json!({ "jkt": 1 }),
        json!("x"),
        json!({ "jkt": "x", "y": 1 }),
    ] {
        let other = usual.sign(&usual.header(), &claims_with(json!({ "cnf": binding })));
        let judged = judge_as(&town.jwt, Scheme::Dpop, &other, &[("dpop", &proof)]).await;
        assert!(matches!(judged, Err(VerifyError::Invalid(_))), "{judged:?}");
    }
}

#[tokio::test]
async fn a_proof_is_for_this_request_and_this_token() {
    let town = Town::new(Dpop::new());
    let mallory = Signer::new("mallory");
    let wrong = [
        town.proof(json!({ "typ": "JWT" }), json!({})),
        town.proof(json!({ "typ": null }), json!({})),
        town.proof(json!({ "alg": "none" }), json!({})),
        town.proof(json!({ "alg": "HS256" }), json!({})),
        town.proof(json!({ "jwk": null }), json!({})),
        town.proof(json!({ "jwk": mallory.bare_jwk() }), json!({})),
        town.proof(
            json!({ "jwk": change(town.key.bare_jwk(), json!({ "d": "AA" })) }),
            json!({}),
        ),
        town.proof(json!({ "crit": ["x"] }), json!({})),
        town.proof(json!({}), json!({ "htm": "GET" })),
        town.proof(json!({}), json!({ "htm": "post" })),
        town.proof(json!({}), json!({ "htu": "https://evil.example/mcp" })),
        town.proof(json!({}), json!({ "htu": "https://mcp.example.com/other" })),
        town.proof(json!({}), json!({ "htu": null })),
        town.proof(json!({}), json!({ "ath": null })),
        town.proof(
            json!({}),
            json!({ "ath": encode(digest(&SHA256, b"other")) }),
        ),
        town.proof(json!({}), json!({ "jti": null })),
        town.proof(json!({}), json!({ "jti": "" })),
        town.proof(json!({}), json!({ "jti": "x".repeat(257) })),
        town.proof(json!({}), json!({ "iat": null })),
        town.proof(json!({}), json!({ "iat": "now" })),
        town.proof(json!({}), json!({ "iat": NOW - 61 })),
        town.proof(json!({}), json!({ "iat": NOW + 61 })),
        town.proof(json!({}), json!({ "nonce": 1 })),
    ];
    for proof in &wrong {
        let judged = town.show(&[proof]).await;
        assert!(
            matches!(judged, Err(VerifyError::InvalidProof(_))),
            "{judged:?}"
        );
    }
    let good = town.proof(json!({}), json!({ "jti": "2" }));
    for proofs in [&[][..], &[&*good, &*good]] {
        let judged = town.show(proofs).await;
        assert!(
            matches!(judged, Err(VerifyError::InvalidProof(_))),
            "{judged:?}"
        );
    }
    // Somebody else's key, with a proof of theirs that is good in itself.
    let theirs = Town {
        key: mallory,
        ..Town::new(Dpop::new())
    };
    let other = Town {
        token: town.token.clone(),
        ..theirs
    };
    let judged = town.show(&[&other.proof(json!({}), json!({}))]).await;
    assert_eq!(
        judged,
        Err(VerifyError::InvalidProof("made with another key"))
    );
}

#[tokio::test]
async fn a_proof_is_good_once() {
    let town = Town::new(Dpop::new());
    let proof = town.proof(json!({}), json!({}));
    town.show(&[&proof]).await.unwrap();
    let again = town.show(&[&proof]).await;
    assert!(
        matches!(again, Err(VerifyError::InvalidProof(_))),
        "{again:?}"
    );
    // The same name in another proof is the same.
    let renamed = town.proof(json!({}), json!({ "iat": NOW - 1 }));
    assert!(town.show(&[&renamed]).await.is_err());
    town.show(&[&town.proof(json!({}), json!({ "jti": "2" }))])
        .await
        .unwrap();
}

#[tokio::test]
async fn a_proof_is_good_once_at_all_processes_that_share_a_store() {
    let store = Arc::new(MemoryStore::new());
    let town = Town::new(Dpop::new().store(store.clone()));
    // Another process: the same keys, and a memory of its own.
    let other = builder().dpop(Dpop::new().store(store)).clock(At::now());
    let other = Town {
        jwt: other.build().unwrap(),
        key: Signer::new("unused"),
        token: town.token.clone(),
    };
    let proof = town.proof(json!({}), json!({}));
    town.show(&[&proof]).await.unwrap();
    let again = other.show(&[&proof]).await;
    assert!(
        matches!(again, Err(VerifyError::InvalidProof(_))),
        "{again:?}"
    );
    let next = town.proof(json!({}), json!({ "jti": "2" }));
    other.show(&[&next]).await.unwrap();
    assert!(town.show(&[&next]).await.is_err());
}

/// A token bound to a certificate, shown with these headers through a proxy or not.
async fn show_bound(
    certificates: CertificateBinding,
    binding: Value,
    peer: [u8; 4],
    header: (&'static str, &str),
) -> Result<String, VerifyError> {
    let jwt = builder().certificates(certificates).clock(At::now());
    let jwt = jwt.build().unwrap();
    let usual = Signer::usual();
    let token = usual.sign(&usual.header(), &claims_with(json!({ "cnf": binding })));
    let request = http::Request::post(URL).header(header.0, header.1);
    let (head, ()) = request.body(()).unwrap().into_parts();
    let presented = Presented::new(URL, &head)
        .with_token(Scheme::Bearer, &token)
        .with_peer(peer.into());
    let judged = jwt.verify(presented).decided().await;
    judged.map(|caller| caller.subject().to_owned())
}

#[tokio::test]
async fn a_token_bound_to_a_certificate_is_good_for_whoever_shows_it_to_our_proxy() {
    const PROXY: [u8; 4] = [10, 0, 0, 1];
    let hash = digest(&SHA256, b"a certificate");
    let hex: String = hash
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let envoy = format!("By=spiffe://a/b;Hash={hex};URI=spiffe://a/c");
    let certificate = STANDARD.encode("a certificate");
    let bound = json!({ "x5t#S256": encode(hash) });
    let forwarded = || CertificateBinding::forwarded("10.0.0.0/8".parse().unwrap());
    let client_cert = || CertificateBinding::client_cert("10.0.0.0/8".parse().unwrap());
    let xfcc = "x-forwarded-client-cert";
    let field = format!(":{certificate}:");
    for (form, header) in [
        (forwarded(), (xfcc, &*envoy)),
        (client_cert(), ("client-cert", &*field)),
    ] {
        let shown = show_bound(form, bound.clone(), PROXY, header).await;
        assert_eq!(shown, Ok("alice".to_owned()));
    }
    let twice = format!("{envoy},{envoy}");
    let two = format!("Hash={hex};Hash={hex}");
    for (form, binding, peer, header) in [
        (forwarded(), bound.clone(), [192, 0, 2, 1], (xfcc, &*envoy)),
        (forwarded(), bound.clone(), PROXY, ("client-cert", &*field)),
        (forwarded(), bound.clone(), PROXY, (xfcc, &*twice)),
        (forwarded(), bound.clone(), PROXY, (xfcc, &*two)),
        (forwarded(), bound.clone(), PROXY, (xfcc, "Hash=00")),
        (
            forwarded(),
            json!({ "x5t#S256": "AA" }),
            PROXY,
            (xfcc, &*envoy),
        ),
        (
            forwarded(),
            json!({ "x5t#S256": 1 }),
            PROXY,
            (xfcc, &*envoy),
        ),
        (
            forwarded(),
            json!({ "x5t#S256": encode(hash), "jkt": "x" }),
            PROXY,
            (xfcc, &*envoy),
        ),
        (
            client_cert(),
            bound.clone(),
            PROXY,
            ("client-cert", &*certificate),
        ),
        (
            client_cert(),
            bound.clone(),
            PROXY,
            ("client-cert", ":AAAA:"),
        ),
        (client_cert(), bound.clone(), PROXY, (xfcc, &*envoy)),
    ] {
        let refused = show_bound(form, binding.clone(), peer, header).await;
        assert!(
            matches!(refused, Err(VerifyError::Invalid(_))),
            "{binding} {header:?}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn a_nonce_is_asked_for_and_then_good() {
    let town = Town::new(Dpop::new().nonces());
    let asked = town.show(&[&town.proof(json!({}), json!({}))]).await;
    let Err(VerifyError::UseNonce(nonce)) = asked else {
        panic!("{asked:?}");
    };
    let wrong = town.proof(json!({}), json!({ "nonce": "wrong" }));
    assert!(matches!(
        town.show(&[&wrong]).await,
        Err(VerifyError::UseNonce(_))
    ));
    town.show(&[&town.proof(json!({}), json!({ "nonce": nonce }))])
        .await
        .unwrap();
    assert!(Dpop::new().nonces_with(&[0; 31]).is_err());
}
