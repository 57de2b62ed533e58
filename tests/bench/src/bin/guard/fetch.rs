//! A page of this machine, which the configuration opens, fetched with a hyper client and with a
//! `UrlFetcher`.

use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::service::service_fn;
use hyper::{Request, Response, header};
use hyper_util::rt::TokioIo;
use purlin_guard::UrlFetcher;
use purlin_guard::fetch::{Limits, UrlRules};
use tokio::net::{TcpListener, TcpStream};

use crate::{Done, Pair};

/// What the page holds.
const PAGE: &[u8] = &[b'x'; 4 << 10];

pub(crate) struct Fetching {
    name: &'static str,
    times: usize,
    address: SocketAddr,
    path: &'static str,
    /// The connection that is used again, if one is.
    open: Option<SendRequest<Empty<Bytes>>>,
    keeps: bool,
    fetcher: UrlFetcher,
}

impl Fetching {
    /// Over a connection that is there already.
    pub(crate) async fn kept_alive() -> Result<Self, Box<dyn Error>> {
        Self::at("fetch-kept-alive", "/", true).await
    }

    /// Over a new connection each time: the server closes them.
    pub(crate) async fn anew() -> Result<Self, Box<dyn Error>> {
        Self::at("fetch-new-connection", "/close", false).await
    }

    async fn at(
        name: &'static str,
        path: &'static str,
        keeps: bool,
    ) -> Result<Self, Box<dyn Error>> {
        let mut limits = Limits::default();
        limits.rate = u32::MAX;
        limits.burst = u32::MAX;
        let rules = UrlRules::web().any_port().allow_ranges(["127.0.0.1"])?;
        Ok(Self {
            name,
            times: 200,
            address: serve()?,
            path,
            open: None,
            keeps,
            fetcher: UrlFetcher::with(rules).limits(limits).build(),
        })
    }

    async fn connection(&mut self) -> Result<SendRequest<Empty<Bytes>>, Box<dyn Error>> {
        if let Some(open) = self.open.take() {
            return Ok(open);
        }
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let (send, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(send)
    }
}

impl Pair for Fetching {
    fn name(&self) -> &'static str {
        self.name
    }

    fn times(&self) -> usize {
        self.times
    }

    async fn plain(&mut self) -> Done {
        let mut connection = self.connection().await?;
        connection.ready().await?;
        let request = Request::get(self.path)
            .header(header::HOST, self.address.to_string())
            .body(Empty::new())?;
        let response = connection.send_request(request).await?;
        is_whole(&response.into_body().collect().await?.to_bytes())?;
        if self.keeps {
            self.open = Some(connection);
        }
        Ok(())
    }

    async fn safe(&mut self) -> Done {
        let url = format!("http://{}{}", self.address, self.path);
        is_whole(self.fetcher.fetch(url.as_str()).await?.body())
    }
}

fn is_whole(page: &[u8]) -> Done {
    match page == PAGE {
        true => Ok(()),
        false => Err("that is not the page".into()),
    }
}

/// Serves the page from a thread of its own.
fn serve() -> Result<SocketAddr, Box<dyn Error>> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    std::thread::spawn(move || runtime.block_on(accept(listener)));
    Ok(address)
}

async fn accept(listener: std::net::TcpListener) -> std::io::Result<Infallible> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let serving = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service_fn(page));
        tokio::spawn(serving);
    }
}

async fn page(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut response = Response::new(Full::new(Bytes::from_static(PAGE)));
    let plain = header::HeaderValue::from_static("text/plain");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    if request.uri().path() == "/close" {
        let close = header::HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    Ok(response)
}
