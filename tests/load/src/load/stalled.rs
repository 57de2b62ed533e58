//! Clients that begin a request and stop, and clients that ask and never read.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::net::TcpSocket;

use super::Options;
use crate::{
    Result,
    connection::{Connection, source},
    message,
    report::Report,
};

const TEST: &str = "2,000 stalled, 1,000 never reading";
const STALLED: usize = 2_000;
const DEAF: usize = 1_000;

/// How many answers of 64 KiB a client asks for that reads none.
const ANSWERS: u64 = 4;

pub(crate) async fn run(options: &Options, report: &mut Report) -> Result<()> {
    let server = options.server(&[]).await?;
    let address = server.address();
    let mut held = Vec::with_capacity(STALLED + DEAF);
    for number in 0..STALLED {
        held.push(stalled(address, number).await?);
    }
    serve(report, address, "beside stalled ones in ≤ 2 s", 2).await;
    for number in STALLED..STALLED + DEAF {
        held.push(deaf(address, number).await?);
    }
    serve(report, address, "beside all of them in ≤ 3 s", 3).await;
    drop(held);
    serve(report, address, "after them in ≤ 2 s", 2).await;
    Ok(())
}

/// Half a head or half a body.
async fn stalled(address: SocketAddr, number: usize) -> Result<Connection> {
    let mut connection = Connection::open(address, source(number)).await?;
    let request = message::call(address, "add", r#"{"a":1,"b":2}"#, 1);
    let sent = if number.is_multiple_of(2) {
        60
    } else {
        request.len() - 20
    };
    connection.send(&request[..sent]).await?;
    Ok(connection)
}

/// Asks for more than fits into the buffers between.
async fn deaf(address: SocketAddr, number: usize) -> Result<Connection> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(4 * 1024)?;
    let mut connection = Connection::open_with(socket, address, source(number)).await?;
    for id in 0..ANSWERS {
        let request = message::call(address, "fill", r#"{"bytes":65536}"#, id);
        connection.send(&request).await?;
    }
    Ok(connection)
}

/// A new client, connected and answered.
async fn serve(report: &mut Report, address: SocketAddr, what: &str, seconds: u64) {
    let start = Instant::now();
    let answered = async {
        // An address of its own: the others are about to have all they may.
        let mut connection = Connection::open(address, source(120_000)).await?;
        let request = message::call(address, "add", r#"{"a":20,"b":22}"#, 7);
        let response = connection.exchange(&request).await?;
        Result::Ok(message::answers(&response.body, 7, "42"))
    };
    let answered = answered.await;
    let took = start.elapsed();
    let words = match &answered {
        Ok(true) => "rightly".to_owned(),
        Ok(false) => "wrongly".to_owned(),
        Err(error) => error.to_string(),
    };
    let is_right = matches!(answered, Ok(true));
    report.hard(TEST, "a new client is answered", words, is_right);
    let held = took <= Duration::from_secs(seconds);
    report.speed(TEST, what, format!("{took:.1?}"), held);
}
