//! HTTP requests beside the protocol: to those who hand out credentials.

use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response};
use hyper_util::client::legacy::Client as Hyper;
use hyper_util::rt::TokioExecutor;

use super::body;
use super::connector::{Connector, Trust, connector};
use super::reach::{Reach, Tcp};
use super::unreachable::unreachable;
use crate::Result;
use crate::error::ClientError;

/// How long an exchange may take.
const TIMEOUT: Duration = Duration::from_secs(20);
/// The largest body that is read, in bytes.
const LIMIT: usize = 256 << 10;

/// Plain HTTP exchanges, for implementers of [`Authorize`](super::Authorize): whole bodies of at
/// most 256 KiB, at most 20 seconds, no redirects, no cookies, nothing of the MCP endpoint's
/// headers.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use purlin_client::http::Web;
///
/// let request = hyper::Request::get("http://127.0.0.1:9000/keys").body(Vec::new())?;
/// let response = Web::default().send(request).await?;
/// assert!(response.status().is_success());
/// # Ok(()) }
/// ```
#[derive(Debug, Default)]
pub struct Web {
    trust: Trust,
    anywhere: Pools,
    public: Pools,
}

/// The connections within one reach, which no other may use.
#[derive(Debug, Default)]
struct Pools {
    plain: OnceLock<Pool>,
    secure: OnceLock<Pool>,
}

type Pool = Hyper<Connector, Full<Bytes>>;

impl Web {
    /// Trusts these certificate authorities too (PEM, one or more).
    ///
    /// # Errors
    /// When there is no certificate in the text.
    #[cfg(feature = "tls")]
    pub fn trust(mut self, pem: &str) -> Result<Self> {
        self.trust.add(pem)?;
        Ok(self)
    }

    /// Sends a request and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// When nobody can be reached in time, or the answer is too large.
    pub async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>> {
        self.send_within(Reach::Anywhere, request).await
    }

    /// As [`send`](Self::send), to addresses within reach: for URLs that somebody else named.
    ///
    /// # Errors
    /// As [`send`](Self::send), and when the URL leads to an address that is out of reach.
    pub async fn send_within(
        &self,
        reach: Reach,
        request: Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>> {
        let exchange = self.exchange(reach, request.map(|body| Full::new(Bytes::from(body))));
        tokio::time::timeout(TIMEOUT, exchange)
            .await
            .unwrap_or_else(|_| Err(ClientError::timeout(TIMEOUT)))
    }

    async fn exchange(
        &self,
        reach: Reach,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Vec<u8>>> {
        let pool = self.pool(reach, request.uri().scheme_str().unwrap_or_default())?;
        let place = request.uri().authority().map(ToString::to_string);
        let response = pool.request(request).await.map_err(|error| {
            // Without the path and the query, which may hold what nobody should see.
            unreachable(place.unwrap_or_default(), error)
        })?;
        let (head, body) = response.into_parts();
        let body = body::whole(body, LIMIT).await?;
        Ok(Response::from_parts(head, body.into()))
    }

    /// The connections of one scheme, made when they are first needed.
    fn pool(&self, reach: Reach, scheme: &str) -> Result<&Pool> {
        super::connector::supports(scheme)?;
        let pools = match reach {
            Reach::Anywhere => &self.anywhere,
            Reach::Public => &self.public,
        };
        let pool = match scheme {
            "https" => &pools.secure,
            _ => &pools.plain,
        };
        if let Some(pool) = pool.get() {
            return Ok(pool);
        }
        let connector = connector(Tcp::new(reach), scheme, &self.trust)?;
        Ok(pool.get_or_init(|| Hyper::builder(TokioExecutor::new()).build(connector)))
    }
}
