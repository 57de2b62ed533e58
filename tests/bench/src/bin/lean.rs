//! The hand-written server over HTTP (on hyper) and on stdio.

use std::convert::Infallible;
use std::io::{Read, Write};
use std::sync::Arc;

use bench::Arguments;
use bench::lean::Lean;
use bytes::Bytes;
use clap::Parser;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    let lean = Lean::new(arguments.tools);
    match arguments.http {
        Some(address) => {
            let runtime = tokio::runtime::Runtime::new()?;
            runtime.block_on(http(address, Arc::new(lean)))
        }
        None => stdio(&lean),
    }
}

async fn http(address: std::net::SocketAddr, lean: Arc<Lean>) -> std::io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let lean = lean.clone();
        let service = service_fn(move |request| answer(lean.clone(), request));
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection);
    }
}

async fn answer(
    lean: Arc<Lean>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let body = request
        .into_body()
        .collect()
        .await
        .map(|body| body.to_bytes());
    let mut response = Response::new(Full::default());
    match body.ok().and_then(|body| lean.answer(&body)) {
        Some(bytes) => *response.body_mut() = Full::new(bytes.into()),
        None => *response.status_mut() = StatusCode::ACCEPTED,
    }
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("mcp-session-id", HeaderValue::from_static("lean"));
    Ok(response)
}

/// Reads as much as there is, answers every whole line, writes once.
fn stdio(lean: &Lean) -> std::io::Result<()> {
    let mut input = std::io::stdin().lock();
    let mut output = std::io::stdout().lock();
    let mut pending = Vec::new();
    let mut chunk = vec![0; 64 * 1024];
    loop {
        let read = input.read(&mut chunk)?;
        if read == 0 {
            return Ok(());
        }
        pending.extend_from_slice(&chunk[..read]);
        let Some(end) = pending.iter().rposition(|&byte| byte == b'\n') else {
            continue;
        };
        let mut out = Vec::new();
        for line in pending[..end].split(|&byte| byte == b'\n') {
            if let Some(answer) = lean.answer(line) {
                out.extend_from_slice(&answer);
                out.push(b'\n');
            }
        }
        pending.drain(..=end);
        write_through(&mut output, &out)?;
    }
}

/// Past the line buffer of `Stdout`, which would write line by line.
fn write_through(output: &mut std::io::StdoutLock<'_>, out: &[u8]) -> std::io::Result<()> {
    output.write_all(out)?;
    output.flush()
}
