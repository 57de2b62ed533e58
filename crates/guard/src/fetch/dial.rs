//! From a URL to a connection, by addresses that were judged.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use http::{HeaderValue, Method, Request, header};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::connector::{Connector, Io};
use super::exchange::{drive, protocol};
use super::proxy::EgressProxy;
use super::resolver::Resolver;
use super::target::{Scheme, Target};
use super::tls::Tls;
use super::{BoxFuture, FetchError, UrlRules};

/// To how many addresses of an answer a connection is tried.
const TRIED: usize = 8;

/// What a request is sent over.
pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// A connection, and the address it leads to.
pub(super) type Wired = (Box<dyn Wire>, SocketAddr);

/// Everything between a URL and a connection.
#[derive(Debug)]
pub(super) struct Dial {
    pub(super) resolver: Arc<dyn Resolver>,
    pub(super) connector: Arc<dyn Connector>,
    pub(super) tls: Tls,
    pub(super) proxy: Option<EgressProxy>,
}

impl Dial {
    /// Whether requests in the clear are handed to a proxy, which wants to see the whole URL.
    pub(super) fn is_relayed(&self, target: &Target) -> bool {
        self.proxy.is_some() && target.scheme() == Scheme::Http
    }

    /// A connection to one of the addresses of a host, and proof that it is that host.
    ///
    /// # Errors
    /// `connect` and `tls`.
    pub(super) fn connect<'a>(
        &'a self,
        addresses: &'a [IpAddr],
        target: &'a Target,
    ) -> BoxFuture<'a, Result<Wired, FetchError>> {
        Box::pin(async move {
            let (stream, to) = match &self.proxy {
                Some(proxy) => (self.through(proxy, target).await?, proxy.address),
                None => self.directly(addresses, target).await?,
            };
            let wire: Box<dyn Wire> = match target.scheme() {
                Scheme::Http => Box::new(stream),
                Scheme::Https => Box::new(self.tls.secure(target.host(), stream).await?),
            };
            Ok((wire, to))
        })
    }

    async fn directly(
        &self,
        addresses: &[IpAddr],
        target: &Target,
    ) -> Result<(Io, SocketAddr), FetchError> {
        let mut last = None;
        for address in addresses.iter().take(TRIED) {
            let to = SocketAddr::new(*address, target.port());
            match self.connector.connect(to).await {
                Ok(stream) => return Ok((Io(stream), to)),
                Err(error) => last = Some(error),
            }
        }
        let nobody = || io::Error::from(io::ErrorKind::AddrNotAvailable);
        Err(FetchError::Connect(last.unwrap_or_else(nobody).into()))
    }

    /// The addresses of a host, each of them judged. One that is refused tells that somebody is
    /// up to something, so the others are not asked either. A proxy looks them up by itself.
    ///
    /// # Errors
    /// `dns` and `blocked_address`.
    pub(super) async fn addresses(
        &self,
        rules: &UrlRules,
        target: &Target,
    ) -> Result<Vec<IpAddr>, FetchError> {
        if self.proxy.is_some() {
            return Ok(Vec::new());
        }
        let found = match target.host().address() {
            Some(address) => vec![address],
            None => {
                let found = self.resolver.resolve(&target.host().to_string()).await;
                found.map_err(|error| FetchError::Dns(error.into()))?
            }
        };
        if found.is_empty() {
            return Err(FetchError::Dns("the answer is empty".into()));
        }
        if found.iter().all(|address| rules.admits(*address)) {
            Ok(found)
        } else {
            Err(FetchError::BlockedAddress)
        }
    }

    /// A connection that a proxy makes: in the clear it is the proxy that is asked, otherwise it
    /// passes on what it cannot read.
    async fn through(&self, proxy: &EgressProxy, target: &Target) -> Result<Io, FetchError> {
        let stream = self.connector.connect(proxy.address).await;
        let stream = Io(stream.map_err(|error| FetchError::Connect(error.into()))?);
        match target.scheme() {
            Scheme::Http => Ok(stream),
            Scheme::Https => tunnel(stream, target, proxy.authorization.as_ref()).await,
        }
    }
}

/// RFC 9110, section 9.3.6.
async fn tunnel(
    stream: Io,
    target: &Target,
    authorization: Option<&HeaderValue>,
) -> Result<Io, FetchError> {
    let place = format!("{}:{}", target.host(), target.port());
    let mut request = Request::new(String::new());
    *request.method_mut() = Method::CONNECT;
    *request.uri_mut() = place.parse().map_err(protocol)?;
    let host = HeaderValue::try_from(&place).map_err(protocol)?;
    request.headers_mut().insert(header::HOST, host);
    if let Some(value) = authorization {
        let name = header::PROXY_AUTHORIZATION;
        request.headers_mut().insert(name, value.clone());
    }
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(protocol)?;
    let asked = async {
        let response = sender.send_request(request).await.map_err(protocol)?;
        if !response.status().is_success() {
            let refusal = format!("the proxy answers with status {}", response.status());
            return Err(FetchError::Connect(refusal.into()));
        }
        hyper::upgrade::on(response).await.map_err(protocol)
    };
    let upgraded = drive(connection.with_upgrades(), asked).await?;
    let parts = upgraded.downcast::<TokioIo<Io>>();
    let parts = parts.map_err(|_| FetchError::Connect("the proxy closed the tunnel".into()))?;
    if parts.read_buf.is_empty() {
        Ok(parts.io.into_inner())
    } else {
        // In TLS the host waits for us.
        Err(FetchError::Connect(
            "the proxy talks before it is asked".into(),
        ))
    }
}
