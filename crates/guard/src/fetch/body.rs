//! Reading bodies: what is left alone, how much is taken.

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::{Method, StatusCode, response};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use super::exchange::{Outcome, protocol};
use super::{FetchError, FetchRequest, Limits, Part, content, decode, redirect};

/// Reads the body of an answer, unless its head says that it is not wanted.
///
/// # Errors
/// `status`, `redirect`, `content_type`, `unsupported_encoding`, `too_large`, `protocol`,
/// `decode` and `decompression_ratio`.
pub(super) async fn read(
    mut head: response::Parts,
    body: Incoming,
    request: &FetchRequest,
    limits: &Limits,
) -> Result<Outcome, FetchError> {
    judge_status(head.status, request)?;
    if is_bodiless(request, head.status) {
        return Ok(Outcome::Answer(head, Bytes::new()));
    }
    if !request.any_content && !content::is_readable(&head.headers) {
        return Err(FetchError::ContentType);
    }
    let encoding = decode::encoding(&head.headers)?;
    let limit = request.limit.unwrap_or(limits.body).min(limits.body);
    let mut body = whole(body, limit).await?;
    if let Some(encoding) = encoding {
        body = decode::decode(encoding, body, limit, limits).await?;
        head.headers.remove(CONTENT_ENCODING);
        head.headers.remove(CONTENT_LENGTH);
    }
    Ok(Outcome::Answer(head, body))
}

fn judge_status(status: StatusCode, request: &FetchRequest) -> Result<(), FetchError> {
    if request.any_status || status.is_success() {
        Ok(())
    } else if redirect::is_redirect(status) {
        Err(FetchError::Redirect("none is followed from here"))
    } else {
        Err(FetchError::Status(status))
    }
}

/// RFC 9110, section 6.4.1.
fn is_bodiless(request: &FetchRequest, status: StatusCode) -> bool {
    let empty = [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED];
    request.method == Method::HEAD || empty.contains(&status)
}

async fn whole(mut body: Incoming, limit: usize) -> Result<Bytes, FetchError> {
    const TOO_LARGE: FetchError = FetchError::TooLarge(Part::Body);
    if body.size_hint().lower() > limit as u64 {
        return Err(TOO_LARGE);
    }
    let mut taken = BytesMut::new();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(protocol)?.into_data() {
            if taken.len() + data.len() > limit {
                return Err(TOO_LARGE);
            }
            taken.extend_from_slice(&data);
        }
    }
    Ok(taken.freeze())
}
