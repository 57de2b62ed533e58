//! An MCP endpoint that lets in who has a token of one issuer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::Failure;
use crate::signature::Keys;

#[derive(Clone)]
pub(crate) struct Protected(Arc<Inner>);

struct Inner {
    url: String,
    keys: Keys,
    /// Whether the next request is refused, whatever it brings: this provider issues the same
    /// token again within a second.
    refuses: AtomicBool,
}

impl Protected {
    pub(crate) async fn start(issuer: &str) -> Result<Self, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let server = Self(Arc::new(Inner {
            url: format!("http://{}/mcp", listener.local_addr()?),
            keys: Keys::of(issuer).await?,
            refuses: AtomicBool::new(false),
        }));
        let router = Router::new()
            .route("/mcp", post(answer))
            .route("/.well-known/oauth-protected-resource/mcp", get(metadata))
            .with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(server)
    }

    pub(crate) fn url(&self) -> &str {
        &self.0.url
    }

    /// Refuses the next request.
    pub(crate) fn refuse_once(&self) {
        self.0.refuses.store(true, Ordering::Relaxed);
    }

    fn lets_in(&self, token: &str) -> bool {
        !self.0.refuses.swap(false, Ordering::Relaxed) && self.0.keys.signed(token)
    }
}

async fn metadata(State(server): State<Protected>) -> Json<Value> {
    Json(json!({
        "resource": server.0.url,
        "authorization_servers": [server.0.keys.issuer],
        "scopes_supported": ["openid"],
    }))
}

async fn answer(
    State(server): State<Protected>,
    headers: HeaderMap,
    Json(request): Json<Value>,
) -> Response {
    let sent = headers.get(header::AUTHORIZATION);
    let sent = sent.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    if !sent.is_some_and(|token| server.lets_in(token)) {
        return (
            StatusCode::UNAUTHORIZED,
            [(header::WWW_AUTHENTICATE, "Bearer")],
        )
            .into_response();
    }
    let result = match request["method"].as_str() {
        Some("tools/call") => json!({"content": [{"type": "text", "text": "hello"}]}),
        _ => json!({"supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}}}),
    };
    Json(json!({"jsonrpc": "2.0", "id": request["id"], "result": result})).into_response()
}
