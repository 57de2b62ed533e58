//! A collector of OpenTelemetry, as far as tests need one.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use opentelemetry_proto::tonic::collector::{
    metrics::v1::ExportMetricsServiceRequest, trace::v1::ExportTraceServiceRequest,
};
use prost::Message;
use tokio::{net::TcpListener, sync::mpsc};

/// What a collector was sent.
#[derive(Debug)]
pub(crate) enum Told {
    Traces(ExportTraceServiceRequest),
    Metrics(ExportMetricsServiceRequest),
}

/// A collector on a real socket: it decodes what it is sent.
pub(crate) async fn collector() -> (SocketAddr, mpsc::UnboundedReceiver<Told>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let tell = tell.clone();
            let service = service_fn(move |request| receive(request, tell.clone()));
            let serving = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::spawn(serving);
        }
    });
    (address, told)
}

async fn receive(
    request: Request<Incoming>,
    tell: mpsc::UnboundedSender<Told>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    assert_eq!(request.headers()["content-type"], "application/x-protobuf");
    let path = request.uri().path().to_owned();
    let body = request.into_body().collect().await?.to_bytes();
    let told = match path.as_str() {
        "/v1/traces" => Told::Traces(ExportTraceServiceRequest::decode(body).unwrap()),
        "/v1/metrics" => Told::Metrics(ExportMetricsServiceRequest::decode(body).unwrap()),
        other => panic!("nothing is sent to {other}"),
    };
    // Whoever listens may have heard enough.
    let _ = tell.send(told);
    Ok(Response::new(Full::default()))
}
