use bytes::Bytes;
use http::{Request, Response, header::HeaderName};
use hyper::{body::Incoming, client::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use purlin_http::Body;
use serde_json::json;
use tokio::net::TcpStream;

use crate::fixture::{Fixture, Hosted, MODERN, modern_body, modern_call};

async fn host() -> Hosted {
    let fixture = Fixture::new();
    fixture.host_with(fixture.builder().http2(true)).await
}

async fn call(hosted: &Hosted, uri: &str, host: Option<&str>) -> Response<Incoming> {
    let stream = TcpStream::connect(hosted.address).await.unwrap();
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let mut request = Request::post(uri)
        .header("content-type", "application/json")
        .header("mcp-protocol-version", MODERN)
        .header("mcp-method", "tools/call")
        .header("mcp-name", "echo");
    if let Some(host) = host {
        request = request.header(HeaderName::from_static("host"), host);
    }
    let body = modern_body("tools/call", json!({ "name": "echo", "arguments": {} }));
    sender
        .send_request(request.body(Body::from(Bytes::from(body))).unwrap())
        .await
        .unwrap()
}

#[tokio::test]
async fn both_versions_are_answered_on_one_port() {
    let hosted = host().await;
    assert_eq!(
        call(&hosted, "http://localhost/mcp", None).await.status(),
        200
    );
    assert_eq!(hosted.status(modern_call("echo")).await, 200);
}

#[tokio::test]
async fn the_authority_is_the_host() {
    let hosted = host().await;
    assert_eq!(
        call(&hosted, "http://evil.example.com/mcp", None)
            .await
            .status(),
        403
    );
    let contradicted = call(&hosted, "http://localhost/mcp", Some("evil.example.com")).await;
    assert_eq!(contradicted.status(), 403);
}

#[tokio::test]
async fn the_end_of_the_server_ends_connections_of_both_versions() {
    let hosted = host().await;
    call(&hosted, "http://localhost/mcp", None).await;
    assert_eq!(hosted.status(modern_call("echo")).await, 200);
    hosted.fixture.server.shutdown();
    hosted.task.await.unwrap();
}
