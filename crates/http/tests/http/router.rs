use axum::body::Body;
use http::Request;
use serde_json::json;
use tower_service::Service;

use crate::fixture::{Fixture, MODERN, modern_body};

#[tokio::test]
async fn the_router_answers_where_the_endpoint_lives() {
    let mut app = purlin_http::router(Fixture::new().server);
    let body = modern_body("tools/call", json!({ "name": "echo", "arguments": {} }));
    let call = Request::post("/mcp")
        .header("host", "localhost")
        .header("content-type", "application/json")
        .header("mcp-protocol-version", MODERN)
        .header("mcp-method", "tools/call")
        .header("mcp-name", "echo");
    let answer = app
        .call(call.body(Body::from(body)).unwrap())
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    for (path, status) in [("/health", 200), ("/ready", 200), ("/other", 404)] {
        let answer = app
            .call(Request::get(path).body(Body::empty()).unwrap())
            .await
            .unwrap();
        assert_eq!(answer.status(), status, "{path}");
    }
}
