//! HTTP/2 without TLS beside HTTP/1.1, for clients that begin with its preface.

use std::{
    convert::Infallible,
    pin::{Pin, pin},
    time::Duration,
};

use http::{Request, Response};
use hyper::{body::Incoming, service::Service};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};

use super::{
    Hosting,
    connection::{Graceful, MAX_FIELDS, MAX_HEAD, Tracked, drive},
    ending::Ending,
    pulse::Pulse,
    socket::Socket,
};

/// The most requests at a time on one connection.
const MAX_STREAMS: u32 = 128;
/// How long a silent connection waits before it asks whether the peer lives.
const PING_AFTER: Duration = Duration::from_secs(30);

/// Serves a connection in the version that its first bytes ask for.
///
/// An HTTP/2 connection carries many requests, so the head time of the pulse
/// says little about it; the time for heads is kept by the layer below.
pub(super) async fn serve<S>(
    socket: TokioIo<Socket>,
    service: S,
    hosting: &Hosting,
    pulse: &Pulse,
    ending: &Ending,
) where
    S: Service<Request<Incoming>, Response = Response<Tracked>, Error = Infallible>,
    S::Future: Send + 'static,
{
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(hosting.patience.head)
        .max_headers(MAX_FIELDS)
        .max_buf_size(MAX_HEAD);
    // The reset limits of the layer below stay on.
    http.http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_AFTER)
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(MAX_HEAD as u32);
    drive(pin!(http.serve_connection(socket, service)), pulse, ending).await;
}

impl<S> Graceful for auto::Connection<'_, TokioIo<Socket>, S, TokioExecutor>
where
    S: Service<Request<Incoming>, Response = Response<Tracked>, Error = Infallible>,
    S::Future: Send + 'static,
{
    fn finish_up(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}
