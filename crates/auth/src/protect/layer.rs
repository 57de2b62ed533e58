//! The same protection for services of one's own.

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::{AUTHORIZATION, HeaderName};
use http::{Request, Response};
use purlin_core::{BoxFuture, Principal};
use purlin_http::Peer;
use tower_layer::Layer;
use tower_service::Service;

use super::Protection;
use super::metadata::Page;
use super::protection::Judgement;
use super::refusal::Refusal;

const DPOP: HeaderName = HeaderName::from_static("dpop");

/// Protects a service; made by [`Protection::layer`].
///
/// ```
/// use axum::{Extension, Router, routing::get};
/// use purlin_auth::{protect::Protection, verify::StaticTokens};
/// use purlin_core::Principal;
///
/// let tokens = StaticTokens::new().token("a-long-random-text-of-yours", Principal::new("alice"))?;
/// let protection = Protection::new("https://mcp.example.com/mcp", tokens)?;
/// let router: Router = Router::new()
///     .route("/report", get(|Extension(caller): Extension<Principal>| async move {
///         format!("for {}", caller.subject())
///     }))
///     .layer(protection.layer());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct ProtectionLayer(Arc<Guard>);

struct Guard {
    protection: Protection,
    paths: Vec<String>,
    page: Page,
}

impl fmt::Debug for ProtectionLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ProtectionLayer")
            .field(&self.0.protection)
            .finish()
    }
}

impl ProtectionLayer {
    pub(super) fn new(protection: &Protection) -> Self {
        Self(Arc::new(Guard {
            protection: protection.clone(),
            paths: protection.metadata_paths(),
            page: protection.page(),
        }))
    }
}

impl<S> Layer<S> for ProtectionLayer {
    type Service = Protected<S>;

    fn layer(&self, inner: S) -> Protected<S> {
        Protected {
            guard: Arc::clone(&self.0),
            inner,
        }
    }
}

/// A service that is asked only by callers that are known.
#[derive(Clone)]
pub struct Protected<S> {
    guard: Arc<Guard>,
    inner: S,
}

impl<S: fmt::Debug> fmt::Debug for Protected<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Protected")
            .field("protection", &self.guard.protection)
            .field("inner", &self.inner)
            .finish()
    }
}

impl<S, B, R> Service<Request<B>> for Protected<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
    R: From<Vec<u8>> + Send + 'static,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response<R>, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let guard = Arc::clone(&self.guard);
        // The one that is ready answers; the copy waits for its turn.
        let copy = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, copy);
        Box::pin(async move {
            let (mut head, body) = request.into_parts();
            if guard.paths.iter().any(|path| path == head.uri.path()) {
                return Ok(guard.page.answer(&head.method));
            }
            let principal = match guard.admit(&head).await {
                Ok(principal) => principal,
                Err(refusal) => return Ok(refusal.response()),
            };
            head.headers.remove(AUTHORIZATION);
            head.headers.remove(DPOP);
            for name in guard.protection.credential_headers() {
                head.headers.remove(name);
            }
            head.extensions.insert(principal);
            inner.call(Request::from_parts(head, body)).await
        })
    }
}

impl Guard {
    async fn admit(&self, head: &http::request::Parts) -> Result<Principal, Box<Refusal>> {
        let peer = head.extensions.get::<Peer>().map(|peer| peer.0);
        match self.protection.judge(head, peer) {
            Judgement::Ready(judged) => judged,
            Judgement::Later(later) => later.await,
        }
    }
}
