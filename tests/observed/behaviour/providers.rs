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

#[tokio::test]
async fn a_secret_in_the_environment_verifies_tokens_once_auth_is_enabled() {
    let secret = "0123456789abcdef0123456789abcdef";
    let program = Program::start(&[
        RESOURCE,
        ("ENABLE_AUTH", "true"),
        ("AUTH_SECRET", secret),
        ("AUTH_ISSUER", "https://id.example.com"),
    ])
    .await;
    let call = || Request::call("pay", &json!({ "card": "1234" }));
    let (head, _) = program.exchange(&call().text()).await;
    assert!(head.starts_with("HTTP/1.1 401"), "{head}");
    // {"iss":"https://id.example.com","aud":"http://localhost/mcp","sub":"ann","exp":4102444800}
    let claims = "eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUuY29tIiwiYXVkIjoiaHR0cDovL2xvY2FsaG9zdC9tY3AiLCJzdWIiOiJhbm4iLCJleHAiOjQxMDI0NDQ4MDB9";
    let signed = "nFjHKqjoeFHl_MnW5u2prvfeDrHqRFuW9K1tINNPWD0";
    let token = format!("eyJhbGciOiJIUzI1NiJ9.{claims}.{signed}");
    let good = call().header("Authorization", &format!("Bearer {token}"));
    let (head, body) = program.exchange(&good.text()).await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head} {body}");
    let forged = format!("eyJhbGciOiJIUzI1NiJ9.{claims}.{}", signed.replace('H', "K"));
    let bad = call().header("Authorization", &format!("Bearer {forged}"));
    let (head, _) = program.exchange(&bad.text()).await;
    assert!(head.starts_with("HTTP/1.1 401"), "{head}");
    let said = program.end().await;
    assert!(!said.contains(secret), "{said}");
}

#[tokio::test]
async fn auth_that_nothing_can_verify_is_refused_with_78() {
    for (variables, expected) in [
        (
            vec![("ENABLE_AUTH", "true")],
            vec!["`AUTH_PROVIDER`", "`AUTH_SECRET`"],
        ),
        (
            vec![("ENABLE_AUTH", "true"), ("AUTH_SECRET", "canary")],
            vec!["32 bytes", "auth.resource", "auth.issuer"],
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

#[tokio::test]
async fn the_environment_names_the_server() {
    let program = Program::start(&[
        ("MCP_SERVER_NAME", "corner-shop"),
        ("MCP_VERSION", "7.7.7"),
        ("MCP_LOG_LEVEL", "WARNING"),
    ])
    .await;
    let answer = program
        .ask(Request::call("pay", &json!({ "card": "1234" })))
        .await;
    let info = &answer["result"]["_meta"]["io.modelcontextprotocol/serverInfo"];
    assert_eq!(info["name"], "corner-shop", "{answer}");
    assert_eq!(info["version"], "7.7.7");
    program.end().await;
    let output = command(&[("MCP_LOG_LEVEL", "laud")])
        .output()
        .await
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(78), "{said}");
    assert!(said.contains("MCP_LOG_LEVEL"), "{said}");
}

#[tokio::test]
async fn help_lists_every_setting_and_ends_well() {
    for flag in ["--help", "-h"] {
        let output = command(&[]).arg(flag).output().await.unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{said}");
        for part in [
            "Usage: observed",
            "--port, --server.port <a whole number from 0 to 65535>",
            "variables: MCP_LOG_LEVEL, LOG_LEVEL, MCP_SERVER__LOG_LEVEL",
            "default: warn",
            "Whose tokens callers bring.",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
}
