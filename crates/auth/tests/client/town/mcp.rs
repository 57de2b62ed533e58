//! The MCP server.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::{Town, World};

const NONCE: &str = "nonce-of-the-server";

pub(super) async fn answer(
    State(town): State<Town>,
    headers: HeaderMap,
    Json(message): Json<Value>,
) -> Response {
    let sent = headers.get(header::AUTHORIZATION);
    let sent = sent.map(|value| value.to_str().unwrap().to_owned());
    let mut world = town.world();
    world.calls.push(sent.clone());
    let proof = headers.get("dpop").and_then(|value| value.to_str().ok());
    world.proofs.extend(proof.map(str::to_owned));
    if !lets_in(&world, sent.as_deref()) {
        let challenge = format!("{} scope=\"basic\"{}", world.scheme, world.challenge);
        return refuse(StatusCode::UNAUTHORIZED, challenge);
    }
    if !world.accepts(proof, NONCE) {
        let challenge = "DPoP error=\"use_dpop_nonce\"".to_owned();
        let nonce = [("dpop-nonce", NONCE)];
        return (nonce, refuse(StatusCode::UNAUTHORIZED, challenge)).into_response();
    }
    let calls_tool = message["method"] == "tools/call";
    if let Some(scope) = missing_scope(&world).filter(|_| calls_tool) {
        let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
        let text = format!("not permitted: this needs\n the scopes `{scope}`");
        let error = json!({"code": -32003, "message": text});
        let body = Json(json!({"jsonrpc": "2.0", "id": message["id"], "error": error}));
        let header = [(header::WWW_AUTHENTICATE, challenge)];
        return (StatusCode::FORBIDDEN, header, body).into_response();
    }
    let result = match calls_tool {
        true => json!({"content": [{"type": "text", "text": "hi"}]}),
        false => json!({"supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}}}),
    };
    Json(json!({"jsonrpc": "2.0", "id": message["id"], "result": result})).into_response()
}

fn lets_in(world: &World, sent: Option<&str>) -> bool {
    let token = sent.and_then(|sent| sent.strip_prefix(world.scheme)?.strip_prefix(' '));
    token.is_some_and(|token| world.valid.iter().any(|valid| valid == token))
}

/// The scope that the user was not asked for.
fn missing_scope(world: &World) -> Option<String> {
    if world.wants_more {
        return Some(format!("more-{}", world.authorizations.len()));
    }
    let asked = world.authorizations.last();
    let asked = asked.map_or("", |(_, query)| query["scope"].as_str());
    let wanted = world.wants_scope.clone()?;
    let has = asked.split(' ').any(|asked| asked == wanted);
    (!has).then_some(wanted)
}

fn refuse(status: StatusCode, challenge: String) -> Response {
    (status, [(header::WWW_AUTHENTICATE, challenge)]).into_response()
}
