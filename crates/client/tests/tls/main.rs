//! The client over TLS, against a server whose certificate this machine does not know.
//!
//! The certificate is for 127.0.0.1, signs itself, and was made with
//! `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500`.

#![allow(clippy::unwrap_used)]

use std::net::SocketAddr;
use std::sync::Arc;

use purlin_client::http::HttpEndpoint;
use purlin_client::{Client, Era, ErrorKind};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

const CERTIFICATE: &str = include_str!("certificate.pem");
const KEY: &str = include_str!("key.pem");

fn acceptor() -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// Answers one request with a discovery result. False if the client did not want to talk.
async fn serve_one(listener: TcpListener) -> bool {
    let (stream, _) = listener.accept().await.unwrap();
    let Ok(stream) = acceptor().accept(stream).await else {
        return false;
    };
    let mut stream = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    loop {
        line.clear();
        let read = stream.read_line(&mut line).await;
        if !matches!(read, Ok(1..)) {
            return false;
        }
        match line.trim_end().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.parse().unwrap();
            }
            Some(_) => {}
            None if line.trim_end().is_empty() => break,
            None => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    let request: Value = serde_json::from_slice(&body).unwrap();
    let result = json!({"supportedVersions": ["2026-07-28"], "capabilities": {}});
    let answer = json!({"jsonrpc": "2.0", "id": request["id"], "result": result}).to_string();
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ";
    let answer = format!("{head}{}\r\n\r\n{answer}", answer.len());
    stream.write_all(answer.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    true
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

#[tokio::test]
async fn a_server_with_a_trusted_certificate_is_talked_to() {
    let (listener, address) = listen().await;
    let endpoint = HttpEndpoint::new(&format!("https://{address}/mcp")).unwrap();
    let endpoint = endpoint.trust(CERTIFICATE).unwrap();
    let (client, served) = tokio::join!(Client::connect(endpoint), serve_one(listener));
    client.unwrap();
    assert!(served);
}

#[tokio::test]
async fn a_server_with_an_unknown_certificate_gets_no_request() {
    let (listener, address) = listen().await;
    let endpoint = HttpEndpoint::new(&format!("https://{address}/mcp")).unwrap();
    // Some authority has to be trusted; it is not this one.
    let other = include_str!("other.pem");
    let client = Client::builder().era(Era::Stateless);
    let client = client.connect(endpoint.trust(other).unwrap());
    let (client, served) = tokio::join!(client, serve_one(listener));
    assert_eq!(client.unwrap_err().kind(), ErrorKind::Transport);
    assert!(!served);
}

#[test]
fn text_without_a_certificate_is_no_authority() {
    let endpoint = HttpEndpoint::new("https://example.com/mcp").unwrap();
    let failure = endpoint.trust("no certificate").unwrap_err();
    assert_eq!(failure.to_string(), "no certificate in the PEM text");
}
