//! Paths of one's own beside the endpoint.

use std::{convert::Infallible, fmt, future::Future, pin::Pin, sync::Arc};

use bytes::Bytes;
use http::{Request, Response};
use tower_service::Service;

use crate::body::Body;

/// One path and what answers there, for [`HttpConfig::route`](crate::HttpConfig::route) and
/// [`Authenticator::routes`](crate::Authenticator::routes).
#[derive(Clone)]
pub struct Route {
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
    /// Answers at `path`, compared exactly, with any tower service.
    ///
    /// What answers finds the address of the caller as [`ClientAddress::of`](crate::ClientAddress::of) the extensions
    /// of the request, where it is known.
    pub fn new<S, B>(path: impl Into<Box<str>>, service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>, Error = Infallible>,
        S: Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        Self {
            path: path.into(),
            answer: Arc::new(Tower(service)),
        }
    }

    /// The path.
    pub fn path(&self) -> &str {
        &self.path
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
