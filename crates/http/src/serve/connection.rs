//! One connection from its first byte to its last.

use std::{
    convert::Infallible,
    future::poll_fn,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Frame, SizeHint};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

#[cfg(feature = "http2")]
use super::http2;
use super::{
    Hosting,
    ending::Ending,
    pulse::{Deadline, Pulse},
    socket::Socket,
};
use crate::{Body, BodyError, StreamableHttp, counts::Counted};

/// The most header fields of a request.
pub(super) const MAX_FIELDS: usize = 100;
/// The largest header block of a request, in bytes.
pub(super) const MAX_HEAD: usize = 64 * 1024;

/// What the requests of one connection share.
struct Connection {
    endpoint: StreamableHttp,
    pulse: Arc<Pulse>,
}

/// Serves one connection until either side ends it, or patience does.
///
/// A graceful ending lets the running request finish.
pub(crate) async fn serve(
    stream: TcpStream,
    endpoint: StreamableHttp,
    hosting: &Hosting,
    ending: &Ending,
) {
    // Without it every small answer waits for the client's acknowledgement of
    // the one before, 40 ms at worst. Failing means that the peer is gone.
    let _ = stream.set_nodelay(true);
    let pulse = Arc::new(Pulse::new(hosting.patience_of_connections()));
    let socket = TokioIo::new(Socket::new(stream, Arc::clone(&pulse)));
    let connection = Arc::new(Connection {
        endpoint,
        pulse: Arc::clone(&pulse),
    });
    let service = service_fn(move |request| answer(Arc::clone(&connection), request));
    #[cfg(feature = "http2")]
    if hosting.http2 {
        return http2::serve(socket, service, hosting, &pulse, ending).await;
    }
    let mut http = http1::Builder::new();
    // Head and idle time are kept by the pulse, without a timer per request.
    http.header_read_timeout(None)
        .max_headers(MAX_FIELDS)
        .max_header_size(MAX_HEAD);
    drive(pin!(http.serve_connection(socket, service)), &pulse, ending).await;
}

/// What the connections of both protocol versions offer.
pub(super) trait Graceful: Future {
    fn finish_up(self: Pin<&mut Self>);
}

impl<S> Graceful for http1::Connection<TokioIo<Socket>, S>
where
    S: hyper::service::HttpService<Incoming, ResBody = Tracked, Error = Infallible>,
{
    fn finish_up(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

/// Polls a connection, its timer and the end of the server.
pub(super) async fn drive<C: Graceful>(
    mut connection: Pin<&mut C>,
    pulse: &Pulse,
    ending: &Ending,
) {
    let mut deadline = Deadline::new(pulse);
    let mut watch = pin!(ending.watch());
    let mut seen = 0;
    poll_fn(|cx| {
        loop {
            // Errors are the client's: it broke the framing or went away.
            if connection.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
            if !watch.as_mut().changed(cx, &mut seen) {
                break;
            }
            if pulse.is_idle() {
                return Poll::Ready(());
            }
            connection.as_mut().finish_up();
        }
        deadline.poll(cx, pulse)
    })
    .await;
}

async fn answer(
    connection: Arc<Connection>,
    request: Request<Incoming>,
) -> Result<Response<Tracked>, Infallible> {
    let running = Running::begin(connection);
    let response = running.connection.endpoint.handle(request).await;
    let (parts, body) = response.into_parts();
    // A stream keeps the connection busy until its end; a body in one piece is
    // as good as sent.
    let kept = body.is_stream().then(|| {
        let stream = running.connection.endpoint.counts().streams.one();
        (running, stream)
    });
    let body = Tracked { body, _kept: kept };
    Ok(Response::from_parts(parts, body))
}

/// A request that is being answered.
struct Running {
    connection: Arc<Connection>,
}

impl Running {
    fn begin(connection: Arc<Connection>) -> Self {
        connection.pulse.begin();
        Self { connection }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.connection.pulse.end();
    }
}

/// A body that keeps its connection busy while it streams.
pub(crate) struct Tracked {
    body: Body,
    _kept: Option<(Running, Counted)>,
}

impl http_body::Body for Tracked {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
