//! A program whose environment names an identity provider, and nothing else does.

use serde_json::{Value, json};

use crate::program::{Program, Request, command};

const RESOURCE: (&str, &str) = ("AUTH_RESOURCE", "http://localhost/mcp");

#[tokio::test]
async fn a_provider_in_the_environment_protects_the_server() {
    let issuer = "http://127.0.0.1:9/realms/shop";
    let program = Program::start(&[
        RESOURCE,
        ("AUTH_PROVIDER", "keycloak"),
        ("AUTH_ISSUER", issuer),
        ("AUTH_REQUIRED_SCOPES", "shop:read"),
    ])
    .await;
    let call = || Request::call("pay", &json!({ "card": "1234" }));
    let (head, _) = program.exchange(&call().text()).await;
    assert!(head.starts_with("HTTP/1.1 401"), "{head}");
    let place = "http://localhost/.well-known/oauth-protected-resource/mcp";
    assert!(
        head.contains(&format!("resource_metadata=\"{place}\"")),
        "{head}"
    );
    assert!(head.contains("scope=\"shop:read\""), "{head}");

    let get = "GET /.well-known/oauth-protected-resource/mcp HTTP/1.1\r\nHost: localhost\r\n\
               Connection: close\r\n\r\n";
    let (_, document) = program.exchange(get).await;
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document["resource"], RESOURCE.1);
    assert_eq!(document["authorization_servers"], json!([issuer]));

    // Nobody is at the provider: that is no verdict on a token.
    let token = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwOi8vMTI3LjAuMC4xOjkvcmVhbG1zL3Nob3AifQ.YQ";
    let call = call().header("Authorization", &format!("Bearer {token}"));
    let (head, _) = program.exchange(&call.text()).await;
    assert!(
        head.starts_with("HTTP/1.1 503") && head.contains("retry-after"),
        "{head}"
    );
    program.end().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_provider_is_told_at_once_with_78() {
    for (variables, expected) in [
        (
            vec![("AUTH_PROVIDER", "github"), ("PORT", "many")],
            vec![
                "server.port",
                "auth.resource",
                "auth.client_id",
                "auth.client_secret",
            ],
        ),
        (
            vec![RESOURCE, ("AUTH_PROVIDER", "gogle")],
            vec!["auth.provider", "`google`"],
        ),
        (
            vec![
                RESOURCE,
                ("AUTH_PROVIDER", "auth0"),
                ("AUTH_MODE", "tokens"),
                ("AUTH_ISSUER", "no domain"),
                ("AUTH_ALLOWED_DOMAINS", "ann@shop.example"),
                ("AUTH_CLIENT_SECRET", "canary"),
                ("AUTH_ORGANIZATIONS", "shop"),
            ],
            vec![
                "`domain` has to be",
                "`allowed_domains` are domains",
                "`organizations` are",
            ],
        ),
    ] {
        let output = command(&variables).output().await.unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(78), "{said}");
        for part in expected {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(!said.contains("canary"), "{said}");
    }
}
