//! One request and one answer, over a connection.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, CONNECTION, HOST, LOCATION, PROXY_AUTHORIZATION, USER_AGENT,
};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, response};
use http_body_util::Full;
use hyper::body::Incoming;
use tokio::sync::Notify;

use super::body::read;
use super::clock::{Clock, within};
use super::connection::Connection;
use super::{Cause, FetchError, FetchRequest, Limits, Part, Phase, Target, redirect};

/// What fetchers say they are.
const AGENT: HeaderValue =
    HeaderValue::from_static(concat!("purlin-guard/", env!("CARGO_PKG_VERSION")));

/// What became of a request.
pub(super) enum Outcome {
    /// The host names another place.
    Redirect(StatusCode, HeaderValue),
    /// The answer, whole.
    Answer(response::Parts, Bytes),
}

/// Everything that an exchange is bounded by.
#[derive(Clone, Copy)]
pub(super) struct Bounds<'a> {
    pub(super) limits: &'a Limits,
    pub(super) clock: &'a dyn Clock,
}

/// What is sent beside what the caller said.
#[derive(Clone, Copy)]
pub(super) struct Envelope<'a> {
    pub(super) target: &'a Target,
    /// Whether a proxy is asked, which wants to see the whole URL.
    pub(super) relayed: bool,
    /// What that proxy is told.
    pub(super) authorization: Option<&'a HeaderValue>,
    /// Whether the connection may be used again.
    pub(super) kept: bool,
}

/// Sends a request and reads the answer, whose body is left alone where it is a redirect.
///
/// # Errors
/// `timeout`, `protocol`, and what can be wrong about a body.
pub(super) async fn exchange(
    connection: &mut Connection,
    envelope: Envelope<'_>,
    request: &FetchRequest,
    bounds: Bounds<'_>,
) -> Result<Outcome, FetchError> {
    let limits = bounds.limits;
    let mut message = message(envelope, request)?;
    let patience = Patience::new(limits.interim, &mut message);
    let Connection { sender, work, .. } = connection;
    let asked = async {
        let answer = async {
            tokio::select! {
                biased;
                () = patience.lost() => Err(protocol("too many interim answers")),
                answer = sender.send_request(message) => answer.map_err(unread),
            }
        };
        let answer = within(bounds.clock, limits.first_byte, Phase::FirstByte, answer).await?;
        judge(answer, request, limits).await
    };
    drive(work, asked).await
}

async fn judge(
    answer: Response<Incoming>,
    request: &FetchRequest,
    limits: &Limits,
) -> Result<Outcome, FetchError> {
    let (head, body) = answer.into_parts();
    if size(&head.headers) > limits.head {
        return Err(FetchError::TooLarge(Part::Head));
    }
    if head.status == StatusCode::SWITCHING_PROTOCOLS {
        return Err(protocol("another protocol than HTTP"));
    }
    match head.headers.get(LOCATION) {
        Some(location) if redirect::is_redirect(head.status) && limits.redirects > 0 => {
            Ok(Outcome::Redirect(head.status, location.clone()))
        }
        _ => read(head, body, request, limits).await,
    }
}

fn message(
    envelope: Envelope<'_>,
    request: &FetchRequest,
) -> Result<Request<Full<Bytes>>, FetchError> {
    let target = envelope.target;
    let uri: Uri = match envelope.relayed {
        true => target.as_str().parse(),
        false => target.path_and_query().parse(),
    }
    .map_err(protocol)?;
    let mut message = Request::new(Full::new(request.body.clone()));
    *message.method_mut() = request.method.clone();
    *message.uri_mut() = uri;
    let host = HeaderValue::try_from(target.authority()).map_err(protocol)?;
    let headers = message.headers_mut();
    headers.extend(request.headers.clone());
    headers.insert(HOST, host);
    if let Some(value) = envelope.authorization {
        headers.insert(PROXY_AUTHORIZATION, value.clone());
    }
    if !envelope.kept {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    let encodings = HeaderValue::from_static(super::decode::ACCEPTED);
    headers.insert(ACCEPT_ENCODING, encodings);
    headers.entry(USER_AGENT).or_insert(AGENT);
    let anything = HeaderValue::from_static("*/*");
    headers.entry(ACCEPT).or_insert(anything);
    Ok(message)
}

/// How many interim answers are borne.
struct Patience(Arc<Notify>);

impl Patience {
    fn new(most: usize, message: &mut Request<Full<Bytes>>) -> Self {
        let lost = Arc::new(Notify::new());
        let (count, signal) = (AtomicUsize::new(0), Arc::clone(&lost));
        hyper::ext::on_informational(message, move |_| {
            if count.fetch_add(1, Ordering::Relaxed) >= most {
                signal.notify_one();
            }
        });
        Self(lost)
    }

    async fn lost(&self) {
        self.0.notified().await;
    }
}

/// Runs a connection as long as there is work on it. Both end when this is dropped.
pub(super) async fn drive<T>(
    connection: impl Future,
    work: impl Future<Output = Result<T, FetchError>>,
) -> Result<T, FetchError> {
    let (mut connection, mut work) = (pin!(connection), pin!(work));
    tokio::select! {
        biased;
        result = &mut work => result,
        // What came of it, the work is told.
        _ = &mut connection => work.await,
    }
}

/// The bytes of the fields, with what stands between them.
fn size(headers: &HeaderMap) -> usize {
    let field =
        |(name, value): (&http::HeaderName, &HeaderValue)| name.as_str().len() + value.len() + 4;
    headers.iter().map(field).sum()
}

fn unread(error: hyper::Error) -> FetchError {
    // The method that would tell belongs to servers.
    if error.is_parse() && error.to_string().contains("too large") {
        FetchError::TooLarge(Part::Head)
    } else {
        protocol(error)
    }
}

pub(super) fn protocol(cause: impl Into<Cause>) -> FetchError {
    FetchError::Protocol(cause.into())
}
