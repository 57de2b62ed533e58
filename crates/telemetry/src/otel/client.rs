//! The HTTP client of the exporters: a runtime and a thread of its own, so that
//! what is sent neither waits for the program's threads nor takes their time.

use std::{io, pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use opentelemetry_http::{HttpClient, HttpError};
use rustls::{ClientConfig, RootCertStore};
use tokio::{runtime, sync::oneshot, time::timeout};

use super::variable;

/// How much of an answer is read, in bytes.
const MAX_ANSWER: usize = 64 * 1024;
/// How long sending may take unless `OTEL_EXPORTER_OTLP_TIMEOUT` says otherwise.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The thread; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Worker {
    _alive: oneshot::Sender<()>,
    handle: runtime::Handle,
}

impl Worker {
    pub(super) fn start() -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let handle = runtime.handle().clone();
        let (alive, ended) = oneshot::channel();
        std::thread::Builder::new()
            .name("purlin-otlp".to_owned())
            .spawn(move || {
                // An error: the other end was dropped.
                let _ = runtime.block_on(ended);
            })?;
        Ok(Self {
            _alive: alive,
            handle,
        })
    }

    /// A client that works on this thread.
    pub(super) fn client(&self) -> Result<Sender, rustls::Error> {
        let connector = connector()?;
        let client = Client::builder(TokioExecutor::new()).build(connector);
        let millis = variable("OTEL_EXPORTER_OTLP_TIMEOUT").and_then(|text| text.parse().ok());
        Ok(Sender {
            client,
            handle: self.handle.clone(),
            limit: millis.map_or(TIMEOUT, Duration::from_millis),
        })
    }
}

/// Sends over HTTP.
#[derive(Debug, Clone)]
pub(super) struct Sender {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    handle: runtime::Handle,
    limit: Duration,
}

type Answered<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'a>>;

impl HttpClient for Sender {
    fn send_bytes<'a, 'b>(&'a self, request: Request<Bytes>) -> Answered<'b>
    where
        'a: 'b,
        Self: 'b,
    {
        let exchange = exchange(self.client.clone(), request);
        let exchange = timeout_after(&self.handle, self.limit, exchange);
        Box::pin(exchange)
    }
}

/// Runs on the worker's thread; whoever waits may be on any.
async fn timeout_after(
    handle: &runtime::Handle,
    limit: Duration,
    exchange: impl Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'static,
) -> Result<Response<Bytes>, HttpError> {
    handle
        .spawn(async move { timeout(limit, exchange).await? })
        .await?
}

async fn exchange(
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, HttpError> {
    let answer = client.request(request.map(Full::new)).await?;
    let (parts, body) = answer.into_parts();
    let body = Limited::new(body, MAX_ANSWER).collect().await?.to_bytes();
    Ok(Response::from_parts(parts, body))
}

/// Plain connections, and TLS with the certificates that this machine trusts.
fn connector() -> Result<HttpsConnector<HttpConnector>, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    Ok(HttpsConnectorBuilder::new()
        .with_tls_config(config)
        .https_or_http()
        .enable_http1()
        .wrap_connector(http))
}
