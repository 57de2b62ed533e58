//! A network that misbehaves: a TCP proxy in front of a server.

use std::{net::SocketAddr, time::Duration};

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
}

/// The proxy, until it is dropped.
pub(crate) struct Proxy {
    address: SocketAddr,
    weather: watch::Sender<Weather>,
    task: JoinHandle<()>,
}

impl Proxy {
    pub(crate) async fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (weather, forecast) = watch::channel(Weather::Fine);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(connection(client, server, forecast.clone()));
            }
        });
        Self {
            address,
            weather,
            task,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://{}/", self.address)
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

async fn connection(client: TcpStream, server: SocketAddr, weather: watch::Receiver<Weather>) {
    if *weather.borrow() == Weather::Cut {
        return;
    }
    let Ok(server) = TcpStream::connect(server).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    // When one way ends, the other one is dropped, and both connections close.
    tokio::select! {
        () = pump(from_client, to_server, weather.clone(), 1) => {}
        () = pump(from_server, to_client, weather, 2) => {}
    }
}

async fn pump(
    mut from: tcp::OwnedReadHalf,
    mut to: tcp::OwnedWriteHalf,
    mut weather: watch::Receiver<Weather>,
    seed: u64,
) {
    let mut buffer = vec![0; 16 << 10];
    let mut random = seed;
    loop {
        let read = tokio::select! {
            read = from.read(&mut buffer) => read,
            changed = weather.changed() => match changed {
                Ok(()) if *weather.borrow_and_update() == Weather::Cut => return,
                Ok(()) => continue,
                Err(_) => return,
            },
        };
        let Ok(read @ 1..) = read else {
            return;
        };
        let now = *weather.borrow_and_update();
        match now {
            Weather::Fine => {}
            Weather::Slow(delay) => tokio::time::sleep(delay).await,
            Weather::Cut => return,
            Weather::HalfOpen => std::future::pending().await,
            Weather::Corrupt(one_in) => corrupt(&mut buffer[..read], one_in, &mut random),
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

fn corrupt(bytes: &mut [u8], one_in: u64, random: &mut u64) {
    for byte in bytes {
        *random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        if (*random >> 33).is_multiple_of(one_in) {
            *byte ^= 1 << ((*random >> 20) % 8);
        }
    }
}
