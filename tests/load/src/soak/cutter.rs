//! A network between clients and server that cuts one connection in four, at a
//! random moment.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::timeout,
};

use crate::Result;

/// The longest that a connection lives which is to be cut, in milliseconds.
const LIFE: u64 = 2_000;

/// Gone when dropped.
#[derive(Debug)]
pub(crate) struct Cutter {
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl Cutter {
    pub(crate) async fn start(to: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, to));
            }
        });
        Ok(Self { address, accepting })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Cutter {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn pass(mut client: TcpStream, to: SocketAddr) {
    let Ok(mut server) = TcpStream::connect(to).await else {
        return;
    };
    let both = copy_bidirectional(&mut client, &mut server);
    if fastrand::u8(..4) == 0 {
        let life = Duration::from_millis(fastrand::u64(..LIFE));
        let _ = timeout(life, both).await;
    } else {
        let _ = both.await;
    }
}
