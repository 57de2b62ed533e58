//! A test for every sentence about JWTs.

use ring::hmac;
use serde_json::{Value, json};

use super::forge::{ISSUER, NOW, RESOURCE, Signer, change, claims, claims_with, encode};
use super::town::{At, accepts, builder, judge, jwt, refuses};
use crate::Secret;
use crate::verify::{
    AnyOf, HmacAlgorithm, Jwt, Keys, SignatureAlgorithm, StaticTokens, VerifyError,
};

const RSA_PUBLIC: &str = include_str!("../../../tests/client/keys/rsa.public.pem");
const P256_PUBLIC: &str = include_str!("../../../tests/client/keys/p256.public.pem");

fn with_header(changes: Value) -> String {
    let signer = Signer::usual();
    signer.sign(&change(signer.header(), changes), &claims())
}

fn with_claims(changes: Value) -> String {
    let signer = Signer::usual();
    signer.sign(&signer.header(), &claims_with(changes))
}

#[tokio::test]
async fn a_good_token_says_who_calls() {
    let caller = accepts(&jwt(), &Signer::usual().token()).await;
    assert_eq!(caller.subject(), "alice");
    assert_eq!(caller.issuer(), Some(ISSUER));
    assert_eq!(caller.client(), Some("app"));
    assert_eq!(
        caller.scopes().collect::<Vec<_>>(),
        ["orders:read", "orders:write"]
    );
    assert_eq!(caller.claim("jti"), Some(&"1".into()));
    assert_eq!(caller.tenant(), None);
}

#[tokio::test]
async fn compact_form_only() {
    let token = Signer::usual().token();
    for other in [
        token.replacen('.', "", 1),
        format!("{token}."),
        format!("{token}.x"),
    ] {
        let refused = judge(&jwt(), &other).await;
        assert_eq!(refused, Err(VerifyError::NotMine), "{other}");
    }
    let serialised = json!({ "payload": token }).to_string();
    judge(&jwt(), &serialised).await.unwrap_err();
    let (message, _) = token.rsplit_once('.').unwrap();
    refuses(&jwt(), &format!("{message}."), "signature").await;
}

#[tokio::test]
async fn at_most_8192_bytes() {
    let filled = |length| {
        let token = |filler: usize| with_claims(json!({ "x": "x".repeat(filler) }));
        let least = token(0).len();
        (0..)
            .map(|more| token((length - least) / 4 * 3 + more))
            .find(|it| it.len() >= length)
            .unwrap()
    };
    let longest = filled(8_190);
    assert!(longest.len() <= 8_192);
    accepts(&jwt(), &longest).await;
    refuses(&jwt(), &filled(8_193), "8,192").await;
}

#[tokio::test]
async fn strict_base64url_without_padding_and_with_canonical_last_bits() {
    let token = Signer::usual().token();
    let parts: Vec<&str> = token.split('.').collect();
    // 64 bytes leave four bits of the last character unused.
    let (start, _) = parts[2].split_at(85);
    let loose = ['B', 'R', 'h', 'x'].map(|last| format!("{}.{}.{start}{last}", parts[0], parts[1]));
    for wrong in loose {
        refuses(&jwt(), &wrong, "base64url").await;
    }
    for wrong in [
        format!("{token}=="),
        format!("{token}+"),
        format!("{token} "),
    ] {
        refuses(&jwt(), &wrong, "base64url").await;
    }
    let padded = format!("{}=.{}.{}", parts[0], parts[1], parts[2]);
    refuses(&jwt(), &padded, "header").await;
}

#[tokio::test]
async fn header_and_payload_are_json_objects_without_duplicate_members() {
    let signer = Signer::usual();
    let (header, claims) = (signer.header().to_string(), claims().to_string());
    for wrong in [
        r#"{"alg":"ES256","alg":"none","kid":"usual"}"#.to_owned(),
        r#"{"alg":"none","alg":"ES256","kid":"usual"}"#.to_owned(),
        r#"["ES256"]"#.to_owned(),
        format!("{header} x"),
        String::new(),
    ] {
        refuses(&jwt(), &signer.sign_text(&wrong, &claims), "header").await;
    }
    for wrong in [
        claims.replacen('{', r#"{"sub":"mallory","#, 1),
        claims.replacen('{', r#"{"x":{"a":1,"a":2},"#, 1),
        "[]".to_owned(),
        "1".to_owned(),
        String::new(),
    ] {
        refuses(&jwt(), &signer.sign_text(&header, &wrong), "claims").await;
    }
}

#[tokio::test]
async fn depth_at_most_32_and_finite_numbers() {
    let signer = Signer::usual();
    let nested = |depth: usize| {
        let deep = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        let claims = claims()
            .to_string()
            .replacen('{', &format!(r#"{{"x":{deep},"#), 1);
        signer.sign_text(&signer.header().to_string(), &claims)
    };
    accepts(&jwt(), &nested(31)).await;
    refuses(&jwt(), &nested(32), "claims").await;
    refuses(&jwt(), &nested(2_000), "claims").await;
    let huge = claims().to_string().replacen('{', r#"{"x":1e999,"#, 1);
    refuses(
        &jwt(),
        &signer.sign_text(&signer.header().to_string(), &huge),
        "claims",
    )
    .await;
}

#[tokio::test]
async fn algorithms_are_configured_and_none_is_none_of_them() {
    for name in [
        "none", "None", "NONE", "nOnE", "", "ES521", "es256", "ES512", "RSA1_5",
    ] {
        refuses(&jwt(), &with_header(json!({ "alg": name })), "`alg`").await;
    }
    refuses(&jwt(), &with_header(json!({ "alg": null })), "`alg`").await;
    refuses(&jwt(), &with_header(json!({ "alg": ["ES256"] })), "`alg`").await;
    let unsigned = format!(
        "{}.{}.",
        encode(r#"{"alg":"none"}"#),
        encode(claims().to_string())
    );
    refuses(&jwt(), &unsigned, "signature").await;
    let rsa_only = builder()
        .algorithms([SignatureAlgorithm::Rs256])
        .build()
        .unwrap();
    refuses(&rsa_only, &Signer::usual().token(), "`alg`").await;
    let nothing = builder().algorithms([]).build().unwrap_err();
    assert!(nothing.to_string().contains("algorithm"), "{nothing}");
}

#[tokio::test]
async fn a_public_key_is_no_secret() {
    // Algorithm confusion: a code made with what everybody knows.
    let signer = Signer::usual();
    let public = json!({ "keys": [signer.jwk()] });
    for secret in [
        P256_PUBLIC,
        &signer.jwk().to_string(),
        signer.jwk()["x"].as_str().unwrap(),
    ] {
        let header = json!({ "alg": "HS256", "kid": "usual" });
        let message = format!(
            "{}.{}",
            encode(header.to_string()),
            encode(claims().to_string())
        );
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let token = format!("{message}.{}", encode(hmac::sign(&key, message.as_bytes())));
        refuses(&jwt(), &token, "not for that algorithm").await;
    }
    let kept = Keys::jwk(&public.to_string()).unwrap();
    let pem = Keys::public_key(P256_PUBLIC).unwrap();
    for keys in [kept, pem] {
        let jwt = Jwt::builder()
            .issuer(ISSUER, keys)
            .clock(At::now())
            .build()
            .unwrap();
        refuses(
            &jwt,
            &with_header(json!({ "alg": "RS256" })),
            "not for that algorithm",
        )
        .await;
    }
}

#[tokio::test]
async fn hmac_needs_32_bytes_and_refuses_the_text_of_keys() {
    let secret = |text: &str| Keys::secret(HmacAlgorithm::Hs256, &Secret::from(text));
    for (text, part) in [
        ("", "32"),
        ("0123456789012345678901234567890", "32"),
        (RSA_PUBLIC, "public_key"),
        (&Signer::usual().jwk().to_string(), "public_key"),
    ] {
        let error = secret(text).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
        assert!(text.is_empty() || !error.contains(text), "{error}");
    }
    let shared = "01234567890123456789012345678901";
    let jwt = Jwt::builder()
        .issuer(ISSUER, secret(shared).unwrap())
        .clock(At::now());
    let jwt = jwt.build().unwrap();
    let code = |name: &str, algorithm| {
        let header = json!({ "alg": name }).to_string();
        let message = format!("{}.{}", encode(header), encode(claims().to_string()));
        let key = hmac::Key::new(algorithm, shared.as_bytes());
        format!("{message}.{}", encode(hmac::sign(&key, message.as_bytes())))
    };
    accepts(&jwt, &code("HS256", hmac::HMAC_SHA256)).await;
    refuses(
        &jwt,
        &code("HS512", hmac::HMAC_SHA512),
        "not for that algorithm",
    )
    .await;
    refuses(&jwt, &with_header(json!({})), "not for that algorithm").await;
}

#[tokio::test]
async fn the_header_may_not_say_how_it_is_verified() {
    let mallory = Signer::new("usual");
    for name in ["jwk", "jku", "x5u", "x5c", "crit", "b64", "cty"] {
        for value in [
            mallory.bare_jwk(),
            json!("https://evil.example"),
            json!([]),
            json!(true),
        ] {
            let token = with_header(json!({ name: value }));
            refuses(&jwt(), &token, "header holds").await;
        }
    }
}

#[tokio::test]
async fn typ_is_absent_or_that_of_a_token() {
    for good in [
        "JWT",
        "jwt",
        "at+jwt",
        "AT+JWT",
        "application/at+jwt",
        "Application/JWT",
    ] {
        accepts(&jwt(), &with_header(json!({ "typ": good }))).await;
    }
    accepts(&jwt(), &with_header(json!({ "typ": null }))).await;
    for wrong in [
        "dpop+jwt",
        "oauth-id-jag+jwt",
        "logout+jwt",
        "",
        "text/jwt",
        "JWT ",
    ] {
        refuses(&jwt(), &with_header(json!({ "typ": wrong })), "`typ`").await;
    }
    refuses(&jwt(), &with_header(json!({ "typ": 1 })), "`typ`").await;
}

#[tokio::test]
async fn kid_is_a_text_compared_for_equality() {
    for wrong in [
        "USUAL",
        "usual ",
        "usua",
        "../usual",
        "usual\u{0}",
        "' OR 1=1 --",
        "/dev/null",
        "",
    ] {
        refuses(&jwt(), &with_header(json!({ "kid": wrong })), "no such key").await;
    }
    for wrong in [json!(1), json!(["usual"]), json!({ "usual": 1 })] {
        refuses(&jwt(), &with_header(json!({ "kid": wrong })), "`kid`").await;
    }
}

#[tokio::test]
async fn kid_is_required_when_there_are_several_keys() {
    let other = Signer::new("other");
    let keys = json!({ "keys": [Signer::usual().jwk(), other.jwk()] });
    let two = Jwt::builder().issuer(ISSUER, Keys::jwk(&keys.to_string()).unwrap());
    let two = two.clock(At::now()).build().unwrap();
    accepts(&two, &Signer::usual().token()).await;
    accepts(&two, &other.token()).await;
    refuses(&two, &with_header(json!({ "kid": null })), "`kid`").await;
    accepts(&jwt(), &with_header(json!({ "kid": null }))).await;
    // The one key by the name of the other.
    refuses(&two, &with_header(json!({ "kid": "other" })), "signature").await;
}

#[tokio::test]
async fn what_a_key_is_for_has_to_fit() {
    let rsa = json!({ "kty": "RSA", "n": encode([0xff; 256]), "e": "AQAB" });
    for (changes, base) in [
        (json!({ "alg": "ES384" }), None),
        (json!({ "alg": "RS256" }), None),
        (json!({ "alg": "HS256" }), None),
        (json!({ "alg": 1 }), None),
        (json!({ "use": "enc" }), None),
        (json!({ "use": 1 }), None),
        (json!({ "key_ops": ["sign"] }), None),
        (json!({ "key_ops": "verify" }), None),
        (json!({ "kty": "RSA" }), None),
        (json!({ "kty": "oct", "k": encode([7; 32]) }), None),
        (json!({ "crv": "P-384" }), None),
        (json!({ "crv": "P-521" }), None),
        (json!({ "crv": "secp256k1" }), None),
        (json!({ "x": encode([1; 31]) }), None),
        (json!({ "x": format!("{}=", encode([1; 32])) }), None),
        (json!({ "d": encode([1; 32]) }), None),
        (json!({ "kid": 1 }), None),
        (json!({ "n": encode([0xff; 255]) }), Some(&rsa)),
        (json!({ "n": encode([0xff; 1025]) }), Some(&rsa)),
        (json!({ "n": encode([0xfe; 256]) }), Some(&rsa)),
        (json!({ "e": "AQ" }), Some(&rsa)),
        (json!({ "e": "Aw" }), Some(&rsa)),
        (json!({ "e": encode([1, 0, 0]) }), Some(&rsa)),
        (json!({ "e": encode([1; 6]) }), Some(&rsa)),
    ] {
        let base = base.cloned().unwrap_or_else(|| Signer::usual().jwk());
        let jwk = change(base, changes);
        let error = Keys::jwk(&jwk.to_string()).unwrap_err();
        assert!(
            error.to_string().contains("no public key"),
            "{jwk}: {error}"
        );
    }
    Keys::jwk(&rsa.to_string()).unwrap();
    let both = change(Signer::usual().jwk(), json!({ "key_ops": ["verify"] }));
    Keys::jwk(&both.to_string()).unwrap();
}

#[test]
fn keys_in_pem_are_read() {
    for pem in [
        RSA_PUBLIC,
        P256_PUBLIC,
        include_str!("../../../tests/client/keys/p384.public.pem"),
        include_str!("../../../tests/client/keys/ed25519.public.pem"),
    ] {
        Keys::public_key(pem).unwrap();
    }
    for wrong in [
        "",
        "x",
        include_str!("../../../tests/client/keys/p256.pem"),
        &RSA_PUBLIC[..300],
    ] {
        Keys::public_key(wrong).unwrap_err();
    }
}

#[tokio::test]
async fn two_keys_under_one_name_are_both_refused() {
    let keys = json!({ "keys": [Signer::usual().jwk(), Signer::new("usual").jwk(), Signer::new("b").jwk()] });
    let jwt = Jwt::builder().issuer(ISSUER, Keys::jwk(&keys.to_string()).unwrap());
    let jwt = jwt.clock(At::now()).build().unwrap();
    refuses(&jwt, &Signer::usual().token(), "no such key").await;
}

#[tokio::test]
async fn exp_is_required_and_a_finite_positive_number() {
    refuses(&jwt(), &with_claims(json!({ "exp": null })), "`exp`").await;
    for wrong in [json!(0), json!(-1), json!(-1.5)] {
        refuses(&jwt(), &with_claims(json!({ "exp": wrong })), "`exp`").await;
    }
    for late in [NOW - 61, NOW - 60, 1] {
        refuses(&jwt(), &with_claims(json!({ "exp": late })), "expired").await;
    }
    for good in [json!(NOW - 59), json!(1.8e9 + 0.5), json!(u64::MAX)] {
        accepts(&jwt(), &with_claims(json!({ "exp": good }))).await;
    }
}

#[tokio::test]
async fn nbf_and_iat_are_not_beyond_now_and_the_leeway() {
    for name in ["nbf", "iat"] {
        accepts(&jwt(), &with_claims(json!({ name: null }))).await;
        accepts(&jwt(), &with_claims(json!({ name: NOW + 60 }))).await;
        refuses(&jwt(), &with_claims(json!({ name: NOW + 61 })), name).await;
        refuses(&jwt(), &with_claims(json!({ name: 1e300 })), name).await;
    }
}

#[tokio::test]
async fn the_leeway_is_a_minute_and_bounded() {
    let exact = builder().leeway(std::time::Duration::ZERO).build().unwrap();
    refuses(&exact, &with_claims(json!({ "exp": NOW })), "expired").await;
    accepts(&exact, &with_claims(json!({ "exp": NOW + 1 }))).await;
    let error = builder()
        .leeway(std::time::Duration::from_secs(301))
        .build()
        .unwrap_err();
    assert!(error.to_string().contains("leeway"), "{error}");
}

#[tokio::test]
async fn a_wrong_type_is_a_failure_and_not_absence() {
    for name in ["exp", "nbf", "iat"] {
        for wrong in [json!("1800000600"), json!([]), json!({}), json!(true)] {
            refuses(&jwt(), &with_claims(json!({ name: wrong })), "no number").await;
        }
    }
    let signer = Signer::usual();
    for name in [
        "exp",
        "nbf",
        "iat",
        "aud",
        "iss",
        "sub",
        "client_id",
        "scope",
        "scp",
        "azp",
        "token_use",
    ] {
        let null = claims_with(json!({ name: "x" })).to_string();
        let null = null.replace(&format!("\"{name}\":\"x\""), &format!("\"{name}\":null"));
        let token = signer.sign_text(&signer.header().to_string(), &null);
        let judged = judge(&jwt(), &token).await;
        assert!(judged.is_err(), "{name}: {judged:?}");
    }
}

#[tokio::test]
async fn iss_is_the_exact_text() {
    for wrong in [
        "https://AS.example.com",
        "https://as.example.com/",
        "as.example.com",
        "",
    ] {
        let judged = judge(&jwt(), &with_claims(json!({ "iss": wrong }))).await;
        assert_eq!(judged, Err(VerifyError::NotMine), "{wrong}");
    }
    refuses(&jwt(), &with_claims(json!({ "iss": [ISSUER] })), "`iss`").await;
    refuses(&jwt(), &with_claims(json!({ "iss": null })), "`iss`").await;
}

#[tokio::test]
async fn an_issuer_does_not_vouch_for_another() {
    let other = Signer::new("usual");
    let keys = json!({ "keys": [other.jwk()] });
    let both = builder().issuer("https://b.example", Keys::jwk(&keys.to_string()).unwrap());
    let both = both.build().unwrap();
    accepts(&both, &Signer::usual().token()).await;
    let theirs = other.sign(
        &other.header(),
        &claims_with(json!({ "iss": "https://b.example" })),
    );
    assert_eq!(
        accepts(&both, &theirs).await.issuer(),
        Some("https://b.example")
    );
    refuses(&both, &other.token(), "signature").await;
    let swapped = with_claims(json!({ "iss": "https://b.example" }));
    refuses(&both, &swapped, "signature").await;
    let twice = builder()
        .issuer(ISSUER, Keys::public_key(P256_PUBLIC).unwrap())
        .build();
    assert!(twice.unwrap_err().to_string().contains("twice"));
}

#[tokio::test]
async fn aud_holds_our_resource_exactly() {
    for good in [json!(RESOURCE), json!(["https://other.example", RESOURCE])] {
        accepts(&jwt(), &with_claims(json!({ "aud": good }))).await;
    }
    for wrong in [
        json!("https://other.example/mcp"),
        json!("https://mcp.example.com"),
        json!("https://mcp.example.com/mcp/"),
        json!("https://MCP.example.com/mcp"),
        json!([]),
        json!([RESOURCE, 1]),
        json!([[RESOURCE]]),
        json!({ RESOURCE: true }),
        json!(true),
    ] {
        refuses(&jwt(), &with_claims(json!({ "aud": wrong })), "`aud`").await;
    }
    refuses(&jwt(), &with_claims(json!({ "aud": null })), "`aud`").await;
    let known = builder().audience("api://orders").build().unwrap();
    accepts(&known, &with_claims(json!({ "aud": "api://orders" }))).await;
    refuses(
        &jwt(),
        &with_claims(json!({ "aud": "api://orders" })),
        "another server",
    )
    .await;
}

#[tokio::test]
async fn sub_or_client_id_names_somebody() {
    let caller = accepts(&jwt(), &with_claims(json!({ "sub": null }))).await;
    assert_eq!((caller.subject(), caller.client()), ("app", Some("app")));
    let caller = accepts(&jwt(), &with_claims(json!({ "client_id": null }))).await;
    assert_eq!((caller.subject(), caller.client()), ("alice", None));
    refuses(
        &jwt(),
        &with_claims(json!({ "sub": null, "client_id": null })),
        "neither",
    )
    .await;
    for name in ["sub", "client_id"] {
        for wrong in [json!(""), json!(1), json!(["alice"])] {
            refuses(&jwt(), &with_claims(json!({ name: wrong })), name).await;
        }
    }
}

#[tokio::test]
async fn token_use_is_absent_or_access() {
    accepts(&jwt(), &with_claims(json!({ "token_use": "access" }))).await;
    for wrong in [json!("id"), json!("refresh"), json!(1)] {
        refuses(
            &jwt(),
            &with_claims(json!({ "token_use": wrong })),
            "`token_use`",
        )
        .await;
    }
}

#[tokio::test]
async fn cnf_is_refused_unless_possession_is_checked() {
    for binding in [
        json!({ "jkt": "x" }),
        json!({ "x5t#S256": "x" }),
        json!({}),
        json!("x"),
    ] {
        refuses(&jwt(), &with_claims(json!({ "cnf": binding })), "`cnf`").await;
    }
}

#[tokio::test]
async fn scopes_come_from_scope_or_scp_and_a_malformed_claim_is_refused() {
    for (changes, expected) in [
        (json!({ "scope": "a b" }), &["a", "b"][..]),
        (json!({ "scope": " a  b " }), &["a", "b"]),
        (json!({ "scope": "A a" }), &["A", "a"]),
        (json!({ "scope": "" }), &[]),
        (json!({ "scope": null, "scp": ["a", "b"] }), &["a", "b"]),
        (json!({ "scope": null, "scp": "a b" }), &["a", "b"]),
        (json!({ "scope": "a", "scp": ["b"] }), &["a"]),
        (json!({ "scope": null }), &[]),
    ] {
        let caller = accepts(&jwt(), &with_claims(changes)).await;
        assert_eq!(caller.scopes().collect::<Vec<_>>(), expected);
    }
    for wrong in [
        json!({ "scope": ["a"] }),
        json!({ "scope": 1 }),
        json!({ "scope": "a\tb" }),
        json!({ "scope": "a\"b" }),
        json!({ "scope": "\u{e4}" }),
        json!({ "scope": null, "scp": ["a", 1] }),
        json!({ "scope": null, "scp": ["a b"] }),
        json!({ "scope": null, "scp": {} }),
        json!({ "scope": "a", "scp": {} }),
        json!({ "scope": "a", "scp": ["b", 1] }),
        json!({ "scope": "a", "scp": ["b c"] }),
        json!({ "scope": ["a"], "scp": ["b"] }),
    ] {
        refuses(&jwt(), &with_claims(wrong), "scope").await;
    }
}

#[tokio::test]
async fn roles_and_tenant_come_from_verified_claims() {
    let jwt = builder()
        .roles_claim("/realm_access/roles")
        .tenant_claim("tid")
        .build()
        .unwrap();
    let roles = json!({ "roles": ["clerk", "admin"] });
    let token = with_claims(json!({ "realm_access": roles, "tid": "acme" }));
    let caller = accepts(&jwt, &token).await;
    assert_eq!(caller.roles().collect::<Vec<_>>(), ["admin", "clerk"]);
    assert_eq!(caller.tenant(), Some("acme"));
    for wrong in [json!({}), json!({ "tid": "" }), json!({ "tid": 1 })] {
        refuses(&jwt, &with_claims(wrong), "tenant").await;
    }
    let wrong = with_claims(json!({ "tid": "acme", "realm_access": { "roles": [1] } }));
    refuses(&jwt, &wrong, "roles").await;
    let named = builder()
        .roles_claim("https://acme.example/roles")
        .build()
        .unwrap();
    let token = with_claims(json!({ "https://acme.example/roles": "admin" }));
    assert!(accepts(&named, &token).await.has_role("admin"));
}

#[tokio::test]
async fn jumps_of_the_clock_neither_panic_nor_let_tokens_live_for_ever() {
    let clock = At::now();
    let jwt = builder().clock(clock.clone()).build().unwrap();
    let token = Signer::usual().token();
    let years = 10 * 365 * 24 * 3_600;
    for (time, good) in [
        (0, false),
        (NOW - years, false),
        (NOW - 3_600, false),
        (NOW, true),
        (NOW + 3_600, false),
        (NOW + years, false),
    ] {
        clock.set(time);
        assert_eq!(judge(&jwt, &token).await.is_ok(), good, "{time}");
    }
}

#[tokio::test]
async fn several_verifiers_stand_side_by_side() {
    let tokens = StaticTokens::new()
        .token("a-key", purlin_core::Principal::new("report"))
        .unwrap();
    let any = AnyOf::new().or(jwt()).or(tokens);
    assert_eq!(
        accepts(&any, &Signer::usual().token()).await.subject(),
        "alice"
    );
    assert_eq!(accepts(&any, "a-key").await.subject(), "report");
    assert_eq!(judge(&any, "another").await, Err(VerifyError::NotMine));
    // A bad token of a known issuer is bad, whoever else there is.
    refuses(&any, &with_claims(json!({ "exp": 1 })), "expired").await;
}
