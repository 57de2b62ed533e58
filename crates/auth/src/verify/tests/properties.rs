//! What holds for every token.

use proptest::prelude::*;
use serde_json::json;

use super::forge::{Signer, claims};
use super::town::{At, Net, judge, jwt};
use crate::verify::keys::KeySet;
use crate::verify::{ClientAuthentication, Introspection, json};

fn decided<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(future)
}

#[test]
fn no_bit_flip_of_a_valid_token_verifies() {
    let jwt = jwt();
    let token = Signer::usual().token();
    decided(async {
        judge(&jwt, &token).await.unwrap();
        for place in 0..token.len() {
            for bit in 0..8 {
                let mut bytes = token.clone().into_bytes();
                bytes[place] ^= 1 << bit;
                // What is no text does not come out of a header.
                if let Ok(flipped) = String::from_utf8(bytes) {
                    judge(&jwt, &flipped).await.unwrap_err();
                }
            }
        }
    });
}

proptest! {
    #[test]
    fn no_text_makes_it_panic_or_gets_in(text in "\\PC{0,300}") {
        prop_assert!(decided(judge(&jwt(), &text)).is_err());
    }

    #[test]
    fn no_three_parts_make_it_panic_or_get_in(parts in prop::array::uniform3("[A-Za-z0-9_-]{0,120}")) {
        prop_assert!(decided(judge(&jwt(), &parts.join("."))).is_err());
    }

    #[test]
    fn no_signed_json_makes_it_panic(header in "\\{[ -~]{0,80}\\}", payload in "[ -~]{0,120}") {
        let token = Signer::usual().sign_text(&header, &payload);
        prop_assert!(decided(judge(&jwt(), &token)).is_err());
    }

    #[test]
    fn no_claim_of_any_type_makes_it_panic(
        name in prop::sample::select(vec![
            "iss", "aud", "sub", "client_id", "azp", "exp", "iat", "nbf", "scope", "scp", "cnf",
            "token_use",
        ]),
        value in values(),
    ) {
        let mut claims = claims();
        claims[name] = value;
        let signer = Signer::usual();
        let _ = decided(judge(&jwt(), &signer.sign(&signer.header(), &claims)));
    }

    #[test]
    fn two_mutations_of_a_valid_token_do_not_verify(
        places in prop::array::uniform2((0usize..400, 0u8..128)),
    ) {
        let token = Signer::usual().token();
        let mut bytes = token.clone().into_bytes();
        for (place, byte) in places {
            let place = place % bytes.len();
            bytes[place] = byte;
        }
        let mutated = String::from_utf8(bytes).unwrap();
        prop_assert!(mutated == token || decided(judge(&jwt(), &mutated)).is_err());
    }

    #[test]
    fn what_is_read_strictly_is_what_everybody_reads(text in "[\\[\\]{}\":,0-9a-c.eE \\\\-]{0,60}") {
        if let Some(read) = json::object(text.as_bytes()) {
            let theirs: serde_json::Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(serde_json::Value::Object(read), theirs);
        }
    }

    #[test]
    fn no_answer_about_a_token_makes_it_panic(
        name in prop::sample::select(vec![
            "active", "iss", "aud", "sub", "client_id", "exp", "iat", "nbf", "scope", "cnf",
        ]),
        value in values(),
        text in "\\PC{0,200}",
    ) {
        const URL: &str = "https://as.example.com/introspect";
        let us = ClientAuthentication::Bearer("us".into());
        let ask = |answer: &str| {
            let net = Net::default();
            net.answer(URL, http::StatusCode::OK, None, answer);
            let asking = Introspection::new(URL, us.clone()).fetch(net).clock(At::now());
            let asking = asking.cache(std::time::Duration::from_secs(60));
            decided(judge(&asking, "opaque"))
        };
        let mut answer = claims();
        answer["active"] = true.into();
        answer[name] = value.clone();
        let judged = ask(&answer.to_string());
        prop_assert!(judged.is_err() || answer["active"] == true);
        prop_assert!(ask(&value.to_string()).is_err());
        prop_assert!(ask(&text).is_err());
    }

    #[test]
    fn no_key_set_makes_it_panic(value in values(), text in "\\PC{0,200}") {
        let _ = KeySet::parse(json!({ "keys": [value.clone(), Signer::usual().jwk()] }).to_string().as_bytes());
        let _ = KeySet::parse(value.to_string().as_bytes());
        let _ = KeySet::parse(text.as_bytes());
    }
}

fn values() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        "\\PC{0,20}".prop_map(Into::into),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let names =
            prop::sample::select(vec!["kty", "kid", "n", "e", "x", "y", "crv", "alg", "jkt"]);
        let names = names.prop_map(str::to_owned);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::hash_map(names, inner, 0..4)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}
