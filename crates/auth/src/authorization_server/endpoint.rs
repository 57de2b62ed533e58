//! The endpoints as routes: which method each takes, and how refusals become answers.

use std::{
    convert::Infallible,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use purlin_core::BoxFuture;
use purlin_http::{Body, Route};
use tower_service::Service;

use super::{call::Call, flow::refusal::Refusal, page::ErrorPage, server::Inner};

/// What answers at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Metadata,
    Authorize,
    Consent,
    Login,
    Callback,
    Token,
    Register,
    Revoke,
}

impl Place {
    fn allow(self) -> &'static str {
        match self {
            Self::Metadata | Self::Authorize | Self::Callback => "GET",
            Self::Login => "GET, POST",
            Self::Consent | Self::Token | Self::Register | Self::Revoke => "POST",
        }
    }

    fn takes(self, method: &Method) -> bool {
        self.allow()
            .split(", ")
            .any(|allowed| allowed == method.as_str())
    }

    /// Whether programs ask here, and no browser on behalf of its user.
    fn is_for_programs(self) -> bool {
        matches!(
            self,
            Self::Metadata | Self::Token | Self::Register | Self::Revoke
        )
    }
}

/// One endpoint of an authorization server.
#[derive(Clone)]
struct Endpoint {
    server: Arc<Inner>,
    place: Place,
}

/// Everything that the authorization server answers.
pub(super) fn routes(server: &Arc<Inner>) -> Vec<Route> {
    let route = |path: String, place| {
        let server = Arc::clone(server);
        Route::new(path, Endpoint { server, place })
    };
    let issuer = &server.issuer;
    let metadata = issuer.metadata_paths().into_iter();
    let mut routes: Vec<Route> = metadata.map(|path| route(path, Place::Metadata)).collect();
    let mut add = |name, place| routes.push(route(issuer.path(name), place));
    add("/authorize", Place::Authorize);
    add("/consent", Place::Consent);
    add("/login", Place::Login);
    add("/callback", Place::Callback);
    add("/token", Place::Token);
    add("/revoke", Place::Revoke);
    if server.registration {
        add("/register", Place::Register);
    }
    routes
}

impl Service<Request<Body>> for Endpoint {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let Self { server, place } = self.clone();
        Box::pin(async move {
            let answering = pin!(answer(&server, place, request));
            Ok(or_failure(answering).await.map(Body::from))
        })
    }
}

/// What an answer is when a provider, a store or a recorder of events panics: one that says
/// nothing of it. Each request is on its own, so nothing is left behind half done.
async fn or_failure(
    mut answering: Pin<&mut (impl Future<Output = Response<Bytes>> + ?Sized)>,
) -> Response<Bytes> {
    poll_fn(|cx| {
        let polled = catch_unwind(AssertUnwindSafe(|| answering.as_mut().poll(cx)));
        polled.unwrap_or_else(|_| {
            tracing::error!(target: "purlin::auth", "an endpoint panicked");
            Poll::Ready(status(StatusCode::INTERNAL_SERVER_ERROR))
        })
    })
    .await
}

async fn answer(server: &Inner, place: Place, request: Request<Body>) -> Response<Bytes> {
    if request.method() == Method::OPTIONS && place.is_for_programs() {
        return preflight(place);
    }
    if !place.takes(request.method()) {
        let mut refused = status(StatusCode::METHOD_NOT_ALLOWED);
        let allow = HeaderValue::from_static(place.allow());
        refused.headers_mut().insert(header::ALLOW, allow);
        return refused;
    }
    let Some(call) = Call::read(request).await else {
        return status(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let answered = match place {
        Place::Metadata => Ok(document(&server.metadata)),
        Place::Authorize => server.authorize(&call).await,
        Place::Consent => server.consent(&call).await,
        Place::Login if call.method() == Method::POST => server.login(&call).await,
        Place::Login => server.login_page(&call).await,
        Place::Callback => server.callback(&call).await,
        Place::Token => Ok(server.token(&call).await),
        Place::Register => Ok(server.register(&call).await),
        Place::Revoke => Ok(server.revoke(&call).await),
    };
    answered.unwrap_or_else(|refusal| refused(server, &refusal))
}

fn refused(server: &Inner, refusal: &Refusal) -> Response<Bytes> {
    match refusal {
        Refusal::Page(page) => ErrorPage::answer(page, &server.pages),
        Refusal::Client(back, error) => back.with_error(server.issuer.as_str(), *error),
    }
}

fn document(metadata: &Bytes) -> Response<Bytes> {
    let mut response = Response::new(metadata.clone());
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=300"),
    );
    response
}

/// What a page of another origin asks before it may ask. Whether it may is said by the layer that
/// knows the allowed origins (`HttpConfig::cors`); without that, browsers refuse it.
fn preflight(place: Place) -> Response<Bytes> {
    let mut response = status(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    let methods = HeaderValue::from_static(place.allow());
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    let names = HeaderValue::from_static("authorization, content-type, mcp-protocol-version");
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names);
    response
}

fn status(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}
