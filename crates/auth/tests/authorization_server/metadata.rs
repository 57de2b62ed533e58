//! What clients learn before they ask.

use crate::scene::{IDP, Page, Scene};

async fn get(scene: &Scene, path: &str) -> Page {
    scene.browser.another().get(&scene.url(path)).await
}

#[tokio::test]
async fn the_metadata_is_where_clients_look_and_says_what_is_so() {
    let scene = Scene::production().await;
    for path in [
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
    ] {
        let page = get(&scene, path).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.header("content-type"), Some("application/json"));
        let document = page.json();
        assert_eq!(document["issuer"], "https://mcp.test");
        assert_eq!(
            document["authorization_endpoint"],
            "https://mcp.test/authorize"
        );
        assert_eq!(document["token_endpoint"], "https://mcp.test/token");
        assert_eq!(
            document["registration_endpoint"],
            "https://mcp.test/register"
        );
        assert_eq!(document["revocation_endpoint"], "https://mcp.test/revoke");
        assert_eq!(
            document["response_types_supported"],
            serde_json::json!(["code"])
        );
        assert_eq!(
            document["code_challenge_methods_supported"],
            serde_json::json!(["S256"])
        );
        assert_eq!(
            document["authorization_response_iss_parameter_supported"],
            true
        );
        assert_eq!(document["client_id_metadata_document_supported"], true);
        let methods = document["token_endpoint_auth_methods_supported"]
            .as_array()
            .unwrap();
        for method in ["none", "client_secret_post", "client_secret_basic"] {
            assert!(methods.iter().any(|known| known == method), "{document}");
        }
        let scopes = serde_json::json!(["orders:read", "orders:write"]);
        assert_eq!(document["scopes_supported"], scopes);
        assert!(
            !page.body.contains(IDP),
            "who logs users in is nobody's business"
        );
    }
}

#[tokio::test]
async fn the_protected_resource_names_the_issuer() {
    let scene = Scene::production().await;
    let document = get(&scene, "/.well-known/oauth-protected-resource/mcp")
        .await
        .json();
    assert_eq!(document["resource"], "https://mcp.test/mcp");
    assert_eq!(
        document["authorization_servers"],
        serde_json::json!(["https://mcp.test"])
    );
    let refused = get(&scene, "/mcp").await;
    assert_eq!(refused.status, 401);
    let challenge = refused.header("www-authenticate").unwrap();
    assert!(challenge.contains("resource_metadata="), "{challenge}");
}

#[tokio::test]
async fn registration_can_be_off() {
    let scene = Scene::production_with(|builder| builder.registration(false)).await;
    let document = get(&scene, "/.well-known/oauth-authorization-server")
        .await
        .json();
    assert!(document["registration_endpoint"].is_null());
    assert_eq!(scene.post("/register", &[]).await.status, 404);
}
