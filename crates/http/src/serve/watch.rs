//! A thread of its own for `/health`, for when nothing else moves.
//!
//! A handler that computes without ever awaiting holds a thread of the runtime;
//! enough of them hold all. New connections then wait where the kernel keeps
//! them. This thread sleeps until one waits, looks again after half a second, and
//! if nobody has accepted anything meanwhile, accepts in the server's place. Who
//! asks for `/health` is answered here; every other connection is handed to the
//! accept loop, unread, for when it moves again.
//!
//! As long as the accept loop moves, all this costs is that one look in half a
//! second.

use std::{
    io,
    net::{SocketAddr, TcpListener as StdListener},
    os::{fd::AsFd, unix::net::UnixStream},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::{Builder, Runtime},
    sync::{Semaphore, mpsc, oneshot},
    time::{Instant, sleep, timeout},
};

use crate::{StreamableHttp, health};

/// How long a connection waits before the accept loop counts as stuck.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long whoever connects may take to say what for.
const READING: Duration = Duration::from_secs(2);
/// How often it looks for more as long as the accept loop is stuck.
const AGAIN: Duration = Duration::from_millis(20);
/// How many connections wait for the accept loop to move again.
const MAX_WAITING: usize = 1024;
/// How many connections are looked at at once.
const MAX_READING: usize = 64;
/// How much of a request is looked at, in bytes.
const GLANCE: usize = 16;

/// A connection as the standard library has it: between two runtimes.
type Accepted = (std::net::TcpStream, SocketAddr);

/// The thread, as the accept loop knows it.
#[derive(Debug)]
pub(super) struct Watch {
    accepted: Arc<AtomicU64>,
    handed: mpsc::Receiver<Accepted>,
    /// The thread ends when this is closed.
    line: UnixStream,
    ended: oneshot::Receiver<()>,
}

impl Watch {
    /// Starts the thread. It has a descriptor of its own for the listener, which
    /// is given back.
    pub(super) fn start(
        listener: TcpListener,
        endpoint: StreamableHttp,
    ) -> io::Result<(TcpListener, Self)> {
        let listener = listener.into_std()?;
        let own = listener.try_clone()?;
        let accepted = Arc::new(AtomicU64::new(0));
        let (hand, handed) = mpsc::channel(MAX_WAITING);
        let (line, other_end) = UnixStream::pair()?;
        let (tell, ended) = oneshot::channel();
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let guard = Guard {
            accepted: Arc::clone(&accepted),
            hand,
            endpoint,
            reading: Arc::new(Semaphore::new(MAX_READING)),
        };
        std::thread::Builder::new()
            .name("purlin-health".to_owned())
            .spawn(move || {
                guard.run(&own, &other_end, &runtime);
                drop(own);
                // From here on the address is free, if nobody else holds it.
                let _ = tell.send(());
            })?;
        let watch = Self {
            accepted,
            handed,
            line,
            ended,
        };
        Ok((TcpListener::from_std(listener)?, watch))
    }

    /// The accept loop has accepted a connection: it moves.
    pub(super) fn moved(&self) {
        self.accepted.fetch_add(1, Ordering::Relaxed);
    }

    /// The next connection that was accepted in the loop's place.
    pub(super) async fn handed(&mut self) -> io::Result<(TcpStream, SocketAddr)> {
        match self.handed.recv().await {
            Some((stream, peer)) => Ok((TcpStream::from_std(stream)?, peer)),
            None => std::future::pending().await,
        }
    }

    /// Ends the thread and waits until it has let go of the listener.
    pub(super) async fn stop(self) {
        drop(self.line);
        // An error is a thread that ended otherwise.
        let _ = self.ended.await;
    }
}

/// What the thread works with.
#[derive(Clone)]
struct Guard {
    accepted: Arc<AtomicU64>,
    hand: mpsc::Sender<Accepted>,
    endpoint: StreamableHttp,
    /// Places for connections that are looked at.
    reading: Arc<Semaphore>,
}

impl Guard {
    /// Sleeps until a connection waits, for as long as the line is open.
    fn run(&self, listener: &StdListener, line: &UnixStream, runtime: &Runtime) {
        loop {
            let mut both = [readable(listener), readable(line)];
            match poll(&mut both, None) {
                Ok(_) if both[1].revents().is_empty() => {}
                Err(rustix::io::Errno::INTR) => continue,
                _ => return,
            }
            let seen = self.accepted.load(Ordering::Relaxed);
            if is_ready(line, PATIENCE) {
                return;
            }
            if is_ready(listener, Duration::ZERO) && self.is_stuck(seen) {
                runtime.block_on(self.stand_in(listener, line, seen));
            }
        }
    }

    fn is_stuck(&self, seen: u64) -> bool {
        self.accepted.load(Ordering::Relaxed) == seen
    }

    /// Accepts until the accept loop moves again.
    async fn stand_in(&self, listener: &StdListener, line: &UnixStream, seen: u64) {
        tracing::warn!("every thread is busy: only /health is answered until one is free");
        while self.is_stuck(seen) && !is_ready(line, Duration::ZERO) {
            match listener.accept() {
                Ok((stream, peer)) => self.look_at(stream, peer).await,
                // Nobody waits, or there are no descriptors left.
                Err(_) => sleep(AGAIN).await,
            }
        }
        // What has been begun is finished: each has its own limit of time.
        let all = u32::try_from(MAX_READING).unwrap_or(u32::MAX);
        let _ = self.reading.acquire_many(all).await;
    }

    /// Begins to look at a connection, as soon as few enough are looked at.
    async fn look_at(&self, stream: std::net::TcpStream, peer: SocketAddr) {
        // The semaphore is never closed.
        let Ok(place) = Arc::clone(&self.reading).acquire_owned().await else {
            return;
        };
        let guard = self.clone();
        tokio::spawn(async move {
            // Whoever goes away while we look is not missed.
            let _ = guard.take(stream, peer).await;
            drop(place);
        });
    }

    async fn take(&self, stream: std::net::TcpStream, peer: SocketAddr) -> io::Result<()> {
        stream.set_nonblocking(true)?;
        let stream = TcpStream::from_std(stream)?;
        let asks = matches!(
            timeout(READING, asks_for_health(&stream)).await,
            Ok(Ok(true))
        );
        if asks {
            return timeout(READING, self.answer(stream)).await?;
        }
        // Full: the connection is closed, as one that nobody accepts would be.
        let _ = self.hand.try_send((stream.into_std()?, peer));
        Ok(())
    }

    async fn answer(&self, mut stream: TcpStream) -> io::Result<()> {
        let endpoint = &self.endpoint;
        let text = health::alive(endpoint.server(), endpoint.since());
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncache-control: no-store\r\n\
             connection: close\r\ncontent-length: {}\r\n\r\n{text}",
            text.len(),
        );
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await?;
        // Closing with something unread would take the answer back.
        let mut rest = [0; 1024];
        let until = Instant::now() + READING;
        while Instant::now() < until && stream.read(&mut rest).await? > 0 {}
        Ok(())
    }
}

/// Whether the first bytes ask for `/health`. They stay unread.
async fn asks_for_health(stream: &TcpStream) -> io::Result<bool> {
    const WANTED: &[u8] = b"GET /health";
    let mut glance = [0; GLANCE];
    loop {
        let seen = stream.peek(&mut glance).await?;
        let compared = seen.min(WANTED.len());
        if glance[..compared] != WANTED[..compared] || seen == 0 {
            return Ok(false);
        }
        if let Some(after) = glance[..seen].get(WANTED.len()) {
            return Ok(matches!(after, b' ' | b'?'));
        }
        // What is there has been seen: the socket tells nothing of it again.
        sleep(Duration::from_millis(5)).await;
    }
}

fn readable<F: AsFd>(fd: &F) -> PollFd<'_> {
    PollFd::new(fd, PollFlags::IN)
}

/// Whether there is something to read, accept or find closed within this time.
fn is_ready(fd: &impl AsFd, within: Duration) -> bool {
    // At most half a second.
    let within = Timespec::try_from(within).ok();
    poll(&mut [readable(fd)], within.as_ref()).is_ok_and(|ready| ready > 0)
}
