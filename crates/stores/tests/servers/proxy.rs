//! A network that misbehaves: a TCP proxy in front of a server. The chaos tests of
//! the stores and the soak (`tests/load`) share it.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp},
    sync::watch,
    task::JoinHandle,
};

/// What the network does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weather {
    Fine,
    /// Everything comes later.
    Slow(Duration),
    /// Connections break, and new ones break at once.
    Cut,
    /// Connections stay open and nothing passes. A connection that has seen this never recovers.
    HalfOpen,
    /// One byte in so many is another one.
    Corrupt(u64),
    /// One connection in so many breaks, within two seconds of its beginning.
    Flaky(u64),
}

/// The longest that a connection lives which a [`Weather::Flaky`] network breaks,
/// in milliseconds.
const LIFE: u64 = 2_000;

/// The proxy, until it is dropped.
pub(crate) struct Proxy {
    address: SocketAddr,
    weather: watch::Sender<Weather>,
    broken: Arc<AtomicUsize>,
    loses: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl Proxy {
    pub(crate) async fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        let (weather, forecast) = watch::channel(Weather::Fine);
        let broken = Arc::<AtomicUsize>::default();
        let counter = Arc::clone(&broken);
        let loses = Arc::<AtomicBool>::default();
        let losing = Arc::clone(&loses);
        let task = tokio::spawn(async move {
            let mut number = 0;
            while let Ok((client, _)) = listener.accept().await {
                number += 1;
                let counter = Arc::clone(&counter);
                let losing = Arc::clone(&losing);
                let passing = connection(client, server, forecast.clone(), losing, number);
                tokio::spawn(async move {
                    if passing.await == End::Broken {
                        counter.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        Self {
            address,
            weather,
            broken,
            loses,
            task,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections it has broken.
    pub(crate) fn broken(&self) -> usize {
        self.broken.load(Ordering::Relaxed)
    }

    /// Breaks a connection when the server next says something over it, which is lost.
    #[allow(dead_code, reason = "not every suite loses answers")]
    pub(crate) fn lose_next_answer(&self) {
        self.loses.store(true, Ordering::Relaxed);
    }

    pub(crate) fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Why a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// One of the two has closed it.
    Closed,
    /// The network has.
    Broken,
}

async fn connection(
    client: TcpStream,
    server: SocketAddr,
    weather: watch::Receiver<Weather>,
    loses: Arc<AtomicBool>,
    number: u64,
) -> End {
    let now = *weather.borrow();
    if now == Weather::Cut {
        return End::Broken;
    }
    let Ok(server) = TcpStream::connect(server).await else {
        return End::Closed;
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let mut random = number;
    // When one way ends, the other one is dropped, and both connections close.
    tokio::select! {
        end = pump(from_client, to_server, weather.clone(), None, 1) => end,
        end = pump(from_server, to_client, weather, Some(&*loses), 2) => end,
        end = life(now, &mut random) => end,
    }
}

/// How long a connection lives that begins in this weather.
async fn life(weather: Weather, random: &mut u64) -> End {
    match weather {
        Weather::Flaky(one_in) if next(random).is_multiple_of(one_in) => {
            tokio::time::sleep(Duration::from_millis(next(random) % LIFE)).await;
            End::Broken
        }
        _ => std::future::pending().await,
    }
}

async fn pump(
    mut from: tcp::OwnedReadHalf,
    mut to: tcp::OwnedWriteHalf,
    mut weather: watch::Receiver<Weather>,
    loses: Option<&AtomicBool>,
    seed: u64,
) -> End {
    let mut buffer = vec![0; 16 << 10];
    let mut random = seed;
    loop {
        let read = tokio::select! {
            read = from.read(&mut buffer) => read,
            changed = weather.changed() => match changed {
                Ok(()) if *weather.borrow_and_update() == Weather::Cut => return End::Broken,
                Ok(()) => continue,
                Err(_) => return End::Closed,
            },
        };
        let Ok(read @ 1..) = read else {
            return End::Closed;
        };
        if loses.is_some_and(|loses| loses.swap(false, Ordering::Relaxed)) {
            return End::Broken;
        }
        let now = *weather.borrow_and_update();
        match now {
            Weather::Fine | Weather::Flaky(_) => {}
            Weather::Slow(delay) => tokio::time::sleep(delay).await,
            Weather::Cut => return End::Broken,
            Weather::HalfOpen => std::future::pending().await,
            Weather::Corrupt(one_in) => corrupt(&mut buffer[..read], one_in, &mut random),
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return End::Closed;
        }
    }
}

fn corrupt(bytes: &mut [u8], one_in: u64, random: &mut u64) {
    for byte in bytes {
        let drawn = next(random);
        if drawn.is_multiple_of(one_in) {
            *byte ^= 1 << (*random >> 20 & 7);
        }
    }
}

/// The next of a row of numbers below 2^31 that look drawn.
fn next(random: &mut u64) -> u64 {
    *random = random
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *random >> 33
}
