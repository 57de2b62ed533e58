//! Paths of one's own beside the endpoint.

use std::{convert::Infallible, fmt, future::Future, pin::Pin, sync::Arc};

use bytes::Bytes;
use http::{Request, Response};
use tower_service::Service;

use crate::body::Body;

/// One path and what answers there.
#[derive(Clone)]
pub(crate) struct Route {
    pub(crate) path: Box<str>,
    answer: Arc<dyn Answer>,
}

type Answered = Pin<Box<dyn Future<Output = Response<Body>> + Send>>;

trait Answer: Send + Sync {
    fn answer(&self, request: Request<Body>) -> Answered;
}

struct Tower<S>(S);

impl<S, B> Answer for Tower<S>
where
    S: Service<Request<Body>, Response = Response<B>, Error = Infallible>,
    S: Clone + Send + Sync + 'static,
    S::Future: Send + 'static,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    fn answer(&self, request: Request<Body>) -> Answered {
        let mut service = self.0.clone();
        Box::pin(async move {
            let ready = std::future::poll_fn(|cx| service.poll_ready(cx)).await;
            let answered = match ready {
                Ok(()) => service.call(request).await,
                Err(never) => Err(never),
            };
            match answered {
                Ok(response) => response.map(Body::routed),
                Err(never) => match never {},
            }
        })
    }
}

impl Route {
    pub(crate) fn new<S, B>(path: Box<str>, service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>, Error = Infallible>,
        S: Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        Self {
            path,
            answer: Arc::new(Tower(service)),
        }
    }

    pub(crate) async fn answer(&self, request: Request<Body>) -> Response<Body> {
        self.answer.answer(request).await
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Route").field(&self.path).finish()
    }
}
