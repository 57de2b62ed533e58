//! What answers a scrape.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body::{Frame, SizeHint};
use purlin_core::WeakServer;

use super::Prometheus;

/// The media type of OpenMetrics 1.0.
const OPEN_METRICS: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

/// A tower service that answers every `GET` with all metrics.
#[derive(Debug, Clone)]
pub struct Page {
    prometheus: Prometheus,
    server: WeakServer,
}

impl Page {
    pub(super) fn new(prometheus: Prometheus, server: WeakServer) -> Self {
        Self { prometheus, server }
    }

    fn answer(&self, method: &Method) -> Response<PageBody> {
        if method != Method::GET && method != Method::HEAD {
            let mut response = Response::new(PageBody(None));
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            let allowed = HeaderValue::from_static("GET, HEAD");
            response.headers_mut().insert(header::ALLOW, allowed);
            return response;
        }
        let server = self.server.upgrade();
        let text = server.map(|server| self.prometheus.text(&server));
        let mut response = Response::new(PageBody(text.map(Bytes::from)));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, OPEN_METRICS);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

impl<B> tower_service::Service<Request<B>> for Page {
    type Response = Response<PageBody>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        ready(Ok(self.answer(request.method())))
    }
}

/// The body of a [`Page`]: one piece.
#[derive(Debug)]
pub struct PageBody(Option<Bytes>);

impl http_body::Body for PageBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}
