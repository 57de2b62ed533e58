//! What the client and the machine add to every answer at the moment: exchanges
//! with somebody who does nothing but send back, beside those that are measured.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
    time::sleep,
};

use super::pace::p99;
use crate::Result;

/// About as long as an answer is, in bytes.
const LENGTH: usize = 512;
/// Between two exchanges.
const GAP: Duration = Duration::from_millis(5);

/// Exchanges that go on until they are asked for.
#[derive(Debug)]
pub(crate) struct Yardstick {
    enough: Arc<AtomicBool>,
    exchanging: JoinHandle<Result<Vec<Duration>>>,
}

impl Yardstick {
    pub(crate) async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let stream = TcpStream::connect(listener.local_addr()?).await?;
        // A thread of its own, which has to be woken as a server has.
        thread::spawn(move || send_back(&listener));
        let enough = Arc::<AtomicBool>::default();
        Ok(Self {
            exchanging: tokio::spawn(exchange(stream, Arc::clone(&enough))),
            enough,
        })
    }

    /// How long 99 of 100 exchanges took at most.
    pub(crate) async fn p99(self) -> Result<Duration> {
        self.enough.store(true, Ordering::Relaxed);
        Ok(p99(&mut self.exchanging.await??))
    }
}

fn send_back(listener: &TcpListener) -> std::io::Result<()> {
    let (mut stream, _) = listener.accept()?;
    stream.set_nodelay(true)?;
    let mut bytes = [0; LENGTH];
    loop {
        stream.read_exact(&mut bytes)?;
        stream.write_all(&bytes)?;
    }
}

async fn exchange(mut stream: TcpStream, enough: Arc<AtomicBool>) -> Result<Vec<Duration>> {
    stream.set_nodelay(true)?;
    let (mut took, mut bytes) = (Vec::new(), [0; LENGTH]);
    while !enough.load(Ordering::Relaxed) {
        let start = Instant::now();
        stream.write_all(&bytes).await?;
        stream.read_exact(&mut bytes).await?;
        took.push(start.elapsed());
        sleep(GAP).await;
    }
    Ok(took)
}

/// A p99 beside that of the [`Yardstick`], and whether the server's part of it is
/// within the limit.
pub(crate) fn without_share(all: Duration, share: Duration, limit: Duration) -> (String, bool) {
    let words = format!("{all:.1?}, {share:.1?} without a server");
    (words, all.saturating_sub(share) <= limit)
}
