//! The servers to be mounted, through the real client, in both eras.
#![allow(
    clippy::unwrap_used,
    clippy::field_reassign_with_default,
    reason = "these are tests, and `Limits` is non-exhaustive"
)]

#[cfg(all(feature = "code", target_os = "linux"))]
mod code;
mod fetch;
mod files;
#[allow(dead_code, reason = "other tests need more of it")]
#[path = "../fetch/net.rs"]
mod net;
mod tenants;

use purlin_core::{Principal, Server};
use purlin_testing::{Era, TestClient, client};
use serde_json::Value;

/// Both of them.
const ERAS: [Era; 2] = [Era::Session, Era::Stateless];

/// A client of a server, as a member of a tenant.
async fn member(era: Era, server: &Server, tenant: &str) -> TestClient {
    let principal = Principal::new("somebody").with_tenant(tenant);
    let client = client(server.clone()).principal(principal);
    client.era(era).connect().await
}

/// A client that has started the server.
async fn owner(era: Era, server: &Server) -> TestClient {
    client(server.clone()).era(era).connect().await
}

/// What came back: structured content, or the text of a failure.
async fn call(client: &TestClient, tool: &str, arguments: Value) -> Result<Value, String> {
    let answer = client.call::<()>(tool, arguments).raw().await.unwrap();
    if answer.is_error {
        return Err(answer.text().clone());
    }
    let content = answer.structured_content;
    Ok(content.map_or(Value::Null, |json| json.decode().unwrap()))
}

/// The hints of a tool: reads only, destroys, may be repeated, reaches out.
async fn hints(client: &TestClient, tool: &str) -> [Option<bool>; 4] {
    let catalogue = client.catalogue().await;
    let hints = catalogue
        .tool(tool)
        .unwrap()
        .annotations
        .clone()
        .unwrap_or_default();
    [
        hints.read_only_hint,
        hints.destructive_hint,
        hints.idempotent_hint,
        hints.open_world_hint,
    ]
}
