//! Verifiers, a clock that stands still, and an issuer without a network.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{Request, Response, StatusCode};
use purlin_core::{BoxFuture, Principal};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::forge::{ISSUER, NOW, RESOURCE, Signer};
use crate::fetch::{Fetch, FetchError};
use crate::verify::{Clock, Jwt, JwtBuilder, Keys, Presented, Scheme, Verifier, VerifyError};

#[derive(Clone, Debug)]
pub(super) struct At(Arc<Mutex<u64>>);

impl At {
    pub(super) fn now() -> Self {
        Self(Arc::new(Mutex::new(NOW)))
    }

    pub(super) fn set(&self, seconds: u64) {
        *self.0.lock().unwrap() = seconds;
    }
}

impl Clock for At {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(*self.0.lock().unwrap())
    }
}

/// Accepts what the usual signer signs.
pub(super) fn builder() -> JwtBuilder {
    let keys = json!({ "keys": [Signer::usual().jwk()] });
    Jwt::builder()
        .issuer(ISSUER, Keys::jwk(&keys.to_string()).unwrap())
        .clock(At::now())
}

pub(super) fn jwt() -> Jwt {
    builder().build().unwrap()
}

pub(super) async fn judge(verifier: &dyn Verifier, token: &str) -> Result<Principal, VerifyError> {
    judge_as(verifier, Scheme::Bearer, token, &[]).await
}

pub(super) async fn judge_as(
    verifier: &dyn Verifier,
    scheme: Scheme,
    token: &str,
    headers: &[(&'static str, &str)],
) -> Result<Principal, VerifyError> {
    let mut request = Request::post("/mcp").body(()).unwrap();
    for (name, value) in headers {
        request.headers_mut().append(*name, value.parse().unwrap());
    }
    let (head, ()) = request.into_parts();
    let presented = Presented::new(RESOURCE, &head).with_token(scheme, token);
    verifier.verify(presented).decided().await
}

/// Holds that a token is refused for a reason that says so.
pub(super) async fn refuses(verifier: &dyn Verifier, token: &str, part: &str) {
    match judge(verifier, token).await {
        Err(VerifyError::Invalid(reason)) => {
            assert!(
                reason.contains(part),
                "{reason:?} does not speak of {part:?}"
            );
        }
        other => panic!("{other:?} where {part:?} is wrong"),
    }
}

pub(super) async fn accepts(verifier: &dyn Verifier, token: &str) -> Principal {
    judge(verifier, token).await.unwrap()
}

/// What an issuer answers at each URL.
#[derive(Clone, Debug, Default)]
pub(super) struct Net(Arc<Inner>);

/// Status, `Cache-Control` and body.
type Page = (StatusCode, Option<&'static str>, String);

#[derive(Debug, Default)]
struct Inner {
    pages: Mutex<HashMap<String, Page>>,
    asked: Mutex<Vec<Request<Vec<u8>>>>,
    /// Whether answers wait until they are let go.
    held: Mutex<bool>,
    let_go: Notify,
}

impl Net {
    pub(super) fn page(&self, url: &str, body: &Value) {
        self.answer(url, StatusCode::OK, None, &body.to_string());
    }

    pub(super) fn answer(
        &self,
        url: &str,
        status: StatusCode,
        cache: Option<&'static str>,
        body: &str,
    ) {
        let page = (status, cache, body.to_owned());
        self.0.pages.lock().unwrap().insert(url.to_owned(), page);
    }

    /// From now on nobody answers.
    pub(super) fn cut(&self) {
        self.0.pages.lock().unwrap().clear();
    }

    pub(super) fn hold(&self) {
        *self.0.held.lock().unwrap() = true;
    }

    pub(super) fn let_go(&self) {
        *self.0.held.lock().unwrap() = false;
        self.0.let_go.notify_waiters();
    }

    pub(super) fn count(&self) -> usize {
        self.0.asked.lock().unwrap().len()
    }

    pub(super) fn last(&self) -> Request<Vec<u8>> {
        self.0.asked.lock().unwrap().last().cloned().unwrap()
    }
}

impl Fetch for Net {
    fn fetch(
        &self,
        request: Request<Vec<u8>>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Response<Vec<u8>>, FetchError>> {
        let url = request.uri().to_string();
        self.0.asked.lock().unwrap().push(request);
        Box::pin(async move {
            let let_go = self.0.let_go.notified();
            if *self.0.held.lock().unwrap() {
                let_go.await;
            }
            let page = self.0.pages.lock().unwrap().get(&url).cloned();
            let (status, cache, body) =
                page.ok_or_else(|| FetchError::network("nobody is there"))?;
            if body.len() > limit {
                return Err(FetchError::TooLarge(limit));
            }
            let mut response = Response::new(body.into_bytes());
            *response.status_mut() = status;
            if let Some(cache) = cache {
                response
                    .headers_mut()
                    .insert("cache-control", cache.parse().unwrap());
            }
            Ok(response)
        })
    }
}
