//! Protected servers on real sockets, in every era of the protocol.

#![allow(clippy::unwrap_used, reason = "a test fails where it panics")]

mod credentials;
mod events;
mod layer;
mod sse;

use http::{HeaderMap, Method, Request, Response};
use purlin_auth::protect::Protection;
use purlin_auth::verify::{AnyOf, ApiKeys, ClientCertificates};
use purlin_client::http::Web;
use purlin_core::access::Permissions;
use purlin_core::protocol::Tool;
use purlin_core::tool::ToolResult;
use purlin_core::{DynamicTool, Principal, Server};
use purlin_http::{HttpConfig, HttpServer, ServeError};
use serde_json::{Value, json};

const MODERN: &str = "2026-07-28";
const RESOURCE: &str = "http://127.0.0.1:8000/mcp";
const METADATA: &str = "http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp";

const READER: &str = "canary-reader";
const WRITER: &str = "canary-writer";
const STRANGER: &str = "canary-stranger";
const CLERK: &str = "canary-clerk";
const PARTNER: &str = "canary-partner";

/// A server with a tool for everybody and one that needs two scopes.
fn server() -> Server {
    let schema = json!({ "type": "object" });
    let who = DynamicTool::new(
        Tool::new("who", schema.clone().into()),
        |cx, _| async move { Ok(ToolResult::text(format!("{:?}", cx.principal()))) },
    );
    let write = DynamicTool::new(Tool::new("write", schema.into()), |_, _| async move {
        Ok(ToolResult::text("written"))
    });
    let server = Server::builder("orders", "1.0.0").permissions(permissions());
    server.add_tool(who).unwrap();
    server
        .add_tool(write.scopes(["orders:read", "orders:write"]))
        .unwrap();
    server
}

/// What the protection and the server both honour.
fn permissions() -> Permissions {
    Permissions::new()
        .role("staff", ["mcp"])
        .implies("orders:admin", ["orders:write"])
        .implies("orders:write", ["orders:read"])
        .implies("tools:mcp", ["mcp"])
        .wildcards()
}

fn protection() -> Protection {
    let caller = |name: &str, scopes: &[&str]| Principal::new(name).with_scopes(scopes.to_vec());
    let keys = ApiKeys::new()
        .key(READER, caller("reader", &["mcp", "orders:read"]))
        .and_then(|keys| keys.key(WRITER, caller("writer", &["mcp", "orders:admin"])))
        .and_then(|keys| keys.key(STRANGER, caller("stranger", &[])))
        .and_then(|keys| keys.key(CLERK, Principal::new("clerk").with_roles(["staff"])))
        .and_then(|keys| keys.key(PARTNER, caller("partner", &["tools:*"])))
        .unwrap();
    let proxied = ClientCertificates::new("127.0.0.0/8".parse().unwrap(), "x-subject")
        .principal(|subject| Some(Principal::new(subject).with_scopes(["mcp"])));
    Protection::new(RESOURCE, AnyOf::new().or(keys).or(proxied))
        .unwrap()
        .authorization_server("https://as.example.com")
        .scopes_supported(["mcp", "orders:read", "offline_access"])
        .required_scopes(["mcp"])
        .permissions(permissions())
}

/// A served server and one who asks it.
struct Town {
    origin: String,
    web: Web,
    _served: tokio::task::JoinSet<()>,
}

impl Town {
    async fn new() -> Self {
        Self::behind(protection()).await
    }

    async fn behind(protection: Protection) -> Self {
        let config = HttpConfig::new().authenticator(protection);
        let builder = HttpServer::builder(server())
            .bind("127.0.0.1:0")
            .config(config);
        let listening = builder.signals(false).listen().await.unwrap();
        let origin = format!("http://{}", listening.local_addr());
        let mut served = tokio::task::JoinSet::new();
        served.spawn(async move { listening.serve().await.unwrap() });
        Self {
            origin,
            web: Web::default(),
            _served: served,
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Response<Vec<u8>> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.origin))
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.to_string().into_bytes()).unwrap();
        self.web.send(request).await.unwrap()
    }

    /// Calls a tool in the stateless era.
    async fn call(&self, tool: &str, headers: &[(&str, &str)]) -> Response<Vec<u8>> {
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": MODERN,
            "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let params = json!({ "name": tool, "arguments": {}, "_meta": meta });
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        let mut all = vec![
            ("mcp-protocol-version", MODERN),
            ("mcp-method", "tools/call"),
            ("mcp-name", tool),
        ];
        all.extend_from_slice(headers);
        self.send(Method::POST, "/mcp", &all, &body).await
    }
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

fn challenge(headers: &HeaderMap) -> &str {
    headers["www-authenticate"].to_str().unwrap()
}

fn text(response: &Response<Vec<u8>>) -> String {
    String::from_utf8(response.body().clone()).unwrap()
}

#[tokio::test]
async fn no_credentials_are_answered_401_with_resource_metadata_and_no_error() {
    let town = Town::new().await;
    let answers = [
        town.call("who", &[]).await,
        town.call("who", &[("authorization", "Basic YTpi")]).await,
        town.call("who", &[("cookie", "access_token=canary-reader")])
            .await,
        town.send(Method::GET, "/mcp", &[], &json!({})).await,
        town.send(Method::DELETE, "/mcp", &[], &json!({})).await,
    ];
    for answer in answers {
        assert_eq!(answer.status(), 401);
        let expected = format!(r#"Bearer scope="mcp", resource_metadata="{METADATA}""#);
        assert_eq!(challenge(answer.headers()), expected);
        let body: Value = serde_json::from_slice(answer.body()).unwrap();
        assert_eq!(body["jsonrpc"], "2.0");
    }
}

#[tokio::test]
async fn bad_credentials_are_answered_401_invalid_token() {
    let town = Town::new().await;
    let answer = town
        .call("who", &[("authorization", &bearer("canary-unknown"))])
        .await;
    assert_eq!(answer.status(), 401);
    let said = challenge(answer.headers());
    assert!(
        said.starts_with(r#"Bearer error="invalid_token""#),
        "{said}"
    );
    assert!(said.contains(METADATA), "{said}");
    assert!(!text(&answer).contains("canary"));
}

#[tokio::test]
async fn a_token_in_the_url_or_a_second_header_is_refused() {
    let town = Town::new().await;
    let token = bearer(READER);
    let twice = [("authorization", &*token), ("authorization", &*token)];
    let query = format!("/mcp?access_token={READER}");
    let answers = [
        town.call("who", &twice).await,
        town.call("who", &[("authorization", "Bearer a b")]).await,
        town.send(Method::POST, &query, &[], &json!({})).await,
    ];
    for answer in answers {
        assert_eq!(answer.status(), 400);
        let said = challenge(answer.headers());
        assert!(said.contains("invalid_request"), "{said}");
        assert!(!said.contains("canary"), "{said}");
    }
}

#[tokio::test]
async fn scope_is_answered_403_with_all_scopes_of_the_operation() {
    let town = Town::new().await;
    let stranger = town
        .call("who", &[("authorization", &bearer(STRANGER))])
        .await;
    assert_eq!(stranger.status(), 403);
    let said = challenge(stranger.headers());
    assert!(
        said.starts_with(r#"Bearer error="insufficient_scope", "#),
        "{said}"
    );
    assert!(said.contains(r#"scope="mcp""#), "{said}");
    let reader = town
        .call("write", &[("authorization", &bearer(READER))])
        .await;
    assert_eq!(reader.status(), 403);
    let said = challenge(reader.headers());
    let all = r#"Bearer error="insufficient_scope", scope="orders:read orders:write", "#;
    assert!(said.starts_with(all), "{said}");
    assert!(said.contains(METADATA), "{said}");
}

#[tokio::test]
async fn a_scope_holds_those_below_it() {
    let town = Town::new().await;
    let answer = town
        .call("write", &[("authorization", &bearer(WRITER))])
        .await;
    assert_eq!(answer.status(), 200, "{}", text(&answer));
    assert!(text(&answer).contains("written"));
}

#[tokio::test]
async fn what_every_request_needs_may_come_by_a_role_or_a_wildcard_as_well() {
    let town = Town::new().await;
    for (token, name) in [(CLERK, "clerk"), (PARTNER, "partner")] {
        let answer = town.call("who", &[("authorization", &bearer(token))]).await;
        assert_eq!(answer.status(), 200, "{name}: {}", text(&answer));
        assert!(text(&answer).contains(name), "{}", text(&answer));
        let answer = town
            .call("write", &[("authorization", &bearer(token))])
            .await;
        assert_eq!(answer.status(), 403, "{name}: {}", text(&answer));
    }
}

#[tokio::test]
async fn the_token_never_reaches_a_handler() {
    let town = Town::new().await;
    let answer = town
        .call("who", &[("authorization", &bearer(READER))])
        .await;
    let said = text(&answer);
    assert!(
        said.contains("reader") && !said.contains("canary"),
        "{said}"
    );
}

#[tokio::test]
async fn metadata_is_below_the_path_and_at_the_root_for_everybody() {
    let town = Town::new().await;
    for path in ["", "/mcp"] {
        let path = format!("/.well-known/oauth-protected-resource{path}");
        let answer = town.send(Method::GET, &path, &[], &json!({})).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "application/json");
        let document: Value = serde_json::from_slice(answer.body()).unwrap();
        let expected = json!({
            "resource": RESOURCE,
            "authorization_servers": ["https://as.example.com"],
            "scopes_supported": ["mcp", "orders:read"],
            "bearer_methods_supported": ["header"],
        });
        assert_eq!(document, expected);
        let post = town.send(Method::POST, &path, &[], &json!({})).await;
        assert_eq!(post.status(), 405);
    }
    let health = town.send(Method::GET, "/health", &[], &json!({})).await;
    assert_eq!(health.status(), 200);
}

#[tokio::test]
async fn sessions_of_every_revision_are_protected_on_each_request_and_belong_to_their_opener() {
    let town = Town::new().await;
    let (reader, writer) = (bearer(READER), bearer(WRITER));
    for revision in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let params = json!({
            "protocolVersion": revision,
            "capabilities": {},
            "clientInfo": { "name": "test", "version": "1" },
        });
        let open = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params });
        let refused = town.send(Method::POST, "/mcp", &[], &open).await;
        assert_eq!(refused.status(), 401, "{revision}");
        let opened = town
            .send(Method::POST, "/mcp", &[("authorization", &reader)], &open)
            .await;
        assert_eq!(opened.status(), 200, "{revision}: {}", text(&opened));
        let session = opened.headers()["mcp-session-id"]
            .to_str()
            .unwrap()
            .to_owned();
        let call = |tool: &str| {
            let params = json!({ "name": tool, "arguments": {} });
            json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params })
        };
        let within = ("mcp-session-id", &*session);
        for (token, tool, status) in [
            (None, "who", 401),
            (Some(&writer), "who", 404),
            (Some(&reader), "who", 200),
            (Some(&reader), "write", 403),
        ] {
            let mut headers = vec![within];
            headers.extend(token.map(|token| ("authorization", &**token)));
            let answer = town.send(Method::POST, "/mcp", &headers, &call(tool)).await;
            assert_eq!(
                answer.status(),
                status,
                "{revision} {tool}: {}",
                text(&answer)
            );
            if status == 403 {
                let said = challenge(answer.headers());
                assert!(
                    said.contains(r#"scope="orders:read orders:write""#),
                    "{said}"
                );
            }
        }
        let ended = town
            .send(Method::DELETE, "/mcp", &[within], &json!({}))
            .await;
        assert_eq!(ended.status(), 401, "{revision}");
    }
}

#[tokio::test]
async fn a_proxy_tells_of_a_certificate() {
    let town = Town::new().await;
    let answer = town.call("who", &[("x-subject", "CN=billing")]).await;
    assert!(text(&answer).contains("CN=billing"), "{}", text(&answer));
}

#[tokio::test]
async fn a_public_address_needs_hosts_and_an_authenticator() {
    let listen = async |config: HttpConfig| {
        let builder = HttpServer::builder(server())
            .bind("0.0.0.0:0")
            .config(config);
        builder.signals(false).listen().await
    };
    let named = || HttpConfig::new().allowed_hosts(["mcp.example.com"]);
    drop(listen(named().authenticator(protection())).await.unwrap());
    for config in [HttpConfig::new().authenticator(protection()), named()] {
        let refused = listen(config).await.unwrap_err();
        assert!(matches!(refused, ServeError::Exposed { .. }), "{refused}");
    }
}
