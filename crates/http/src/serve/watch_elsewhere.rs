//! No thread of its own for `/health` where the system is not Unix.

use std::{io, net::SocketAddr};

use tokio::net::{TcpListener, TcpStream};

use crate::StreamableHttp;

/// Nothing watches.
#[derive(Debug)]
pub(super) struct Watch;

impl Watch {
    pub(super) fn start(
        listener: TcpListener,
        _: StreamableHttp,
    ) -> io::Result<(TcpListener, Self)> {
        Ok((listener, Self))
    }

    pub(super) fn moved(&self) {}

    pub(super) async fn handed(&mut self) -> io::Result<(TcpStream, SocketAddr)> {
        std::future::pending().await
    }

    pub(super) async fn stop(self) {}
}
