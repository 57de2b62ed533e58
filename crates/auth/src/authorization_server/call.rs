//! A request to one of the endpoints.

use std::{future::poll_fn, net::IpAddr, pin::Pin};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, Request, Uri, header, request::Parts};
use http_body::Body as _;
use purlin_http::{Body, ClientAddress};

use super::parameters::Parameters;

/// The largest form or document that is read, in bytes. A statement of an identity provider is the
/// largest thing in one.
pub(super) const MAX_BODY: usize = 64 * 1024;

/// A request whose body was read.
#[derive(Debug)]
pub(super) struct Call {
    head: Parts,
    pub(super) body: Bytes,
    /// Where it came from, beyond the proxies that are trusted.
    pub(super) peer: Option<IpAddr>,
}

impl Call {
    /// Reads a request; `None` when its body is too large, or broke off.
    pub(super) async fn read(request: Request<Body>) -> Option<Self> {
        let (head, body) = request.into_parts();
        let peer = ClientAddress::of(&head.extensions);
        let body = whole(body).await?;
        Some(Self { head, body, peer })
    }

    pub(super) fn method(&self) -> &Method {
        &self.head.method
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    pub(super) fn query(&self) -> Parameters {
        let query = Uri::query(&self.head.uri).unwrap_or_default();
        Parameters::parse(query.as_bytes())
    }

    /// The form in the body; `None` for anything else.
    pub(super) fn form(&self) -> Option<Parameters> {
        let kind = self.headers().get(header::CONTENT_TYPE)?.to_str().ok()?;
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let is_form = kind.eq_ignore_ascii_case("application/x-www-form-urlencoded");
        is_form.then(|| Parameters::parse(&self.body))
    }
}

async fn whole(mut body: Body) -> Option<Bytes> {
    let mut read = BytesMut::new();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let Ok(data) = frame.ok()?.into_data() else {
            continue;
        };
        if read.len() + data.len() > MAX_BODY {
            return None;
        }
        read.extend_from_slice(&data);
    }
    Some(read.freeze())
}
