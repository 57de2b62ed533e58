//! Tokens that are bound to a key.

use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::forge::{NOW, Signer, change, claims_with, encode};
use super::town::{At, builder, judge, judge_as};
use crate::verify::keys::thumbprint;
use crate::verify::{Dpop, Jwt, Scheme, VerifyError};

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
