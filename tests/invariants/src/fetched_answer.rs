//! Answers to what is fetched: whatever somebody sends, no more is taken than the limits say, and
//! nothing that was compressed grows beyond its ratio.
//!
//! The first byte of the input chooses what the rest is: all bytes of an answer, or a body in one of
//! the encodings.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, Waker};

use purlin_guard::UrlFetcher;
use purlin_guard::fetch::{BoxFuture, BoxStream, Connector, FetchRequest, Limits, Stream};
use tokio::runtime::{Builder, Runtime};

const BODY: usize = 64 << 10;
const RATIO: usize = 20;
const RATIO_FROM: usize = 4 << 10;

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_time().build().unwrap());

/// Somebody who gives the same answer to everybody.
#[derive(Debug)]
struct Peer(Arc<[u8]>);

struct Connection {
    answer: Arc<[u8]>,
    at: usize,
    asked: bool,
    waiting: Option<Waker>,
}

impl Connector for Peer {
    fn connect(&self, _: SocketAddr) -> BoxFuture<'_, io::Result<BoxStream>> {
        let connection = Connection {
            answer: Arc::clone(&self.0),
            at: 0,
            asked: false,
            waiting: None,
        };
        Box::pin(async { Ok(Box::new(connection) as BoxStream) })
    }
}

impl Stream for Connection {
    fn poll_read(&mut self, task: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        if !self.asked {
            self.waiting = Some(task.waker().clone());
            return Poll::Pending;
        }
        let left = &self.answer[self.at..];
        let read = left.len().min(into.len());
        into[..read].copy_from_slice(&left[..read]);
        self.at += read;
        Poll::Ready(Ok(read))
    }

    fn poll_write(&mut self, _: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        self.asked = true;
        if let Some(waiting) = self.waiting.take() {
            waiting.wake();
        }
        Poll::Ready(Ok(from.len()))
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Fetches from somebody who answers so.
pub fn check(input: &[u8]) {
    let Some((choice, rest)) = input.split_first() else {
        return;
    };
    let encoding = match choice % 4 {
        0 => return is_bounded(rest, rest.len()),
        1 => "gzip",
        2 => "br",
        _ => "zstd",
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-encoding: {encoding}\r\ncontent-length: {}\r\n\r\n",
        rest.len()
    );
    is_bounded(&[head.as_bytes(), rest].concat(), rest.len());
}

fn is_bounded(answer: &[u8], sent: usize) {
    let mut limits = Limits::default();
    limits.body = BODY;
    limits.ratio = RATIO;
    limits.ratio_from = RATIO_FROM;
    let fetcher = UrlFetcher::web()
        .limits(limits)
        .connector(Peer(answer.into()));
    let request = FetchRequest::get("http://1.1.1.1/").any_content_type();
    let fetched = RUNTIME.block_on(fetcher.build().fetch(request));
    if let Ok(fetched) = fetched {
        let size = fetched.body().len();
        assert!(size <= BODY);
        assert!(
            size <= RATIO_FROM || size / RATIO <= sent,
            "{sent} became {size}"
        );
        assert!(fetched.status().is_success());
    }
}
