//! A listening server: whatever arrives at a connection, no request has two answers and none is the
//! server's fault.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::LazyLock;
use std::sync::mpsc::channel;
use std::time::Duration;

use purlin_core::Server;
use purlin_http::HttpServer;
use tokio::runtime::Builder;

/// How long an answer may go on; a stream that waits for events is left then.
const PATIENCE: Duration = Duration::from_millis(200);

/// Where a server listens that lives as long as this process.
static LISTENING: LazyLock<SocketAddr> = LazyLock::new(|| {
    let (tell, told) = channel();
    std::thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let server = Server::builder("invariants", "1").declare_all();
            let builder = HttpServer::builder(server)
                .bind("127.0.0.1:0")
                .signals(false);
            let server = builder.listen().await.unwrap();
            tell.send(server.local_addr()).unwrap();
            server.serve().await.unwrap();
        });
    });
    told.recv().unwrap()
});

/// Sends these bytes, and nothing after them.
pub fn check(input: &[u8]) {
    let mut answers = Vec::new();
    let Ok(mut stream) = TcpStream::connect(*LISTENING) else {
        // A machine has only so many ports at a time.
        return;
    };
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // It may have heard enough before the end.
    let _ = stream.write_all(input);
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.read_to_end(&mut answers);
    let statuses = statuses(&answers);
    assert!(statuses.iter().all(|status| *status < 500), "{statuses:?}");
    assert!(statuses.len() <= heads(input), "{statuses:?}");
}

/// How many requests there can be: each head ends with an empty line, but that of the last.
fn heads(input: &[u8]) -> usize {
    let lines = input.split(|byte| *byte == b'\n');
    lines.filter(|line| matches!(line, [] | [b'\r'])).count() + 1
}

/// The statuses of answers that follow each other.
fn statuses(mut answers: &[u8]) -> Vec<u16> {
    let mut statuses = Vec::new();
    while let Some(rest) = answers.strip_prefix(b"HTTP/1.") {
        let status = std::str::from_utf8(&rest[2..5]).unwrap();
        statuses.push(status.parse().unwrap());
        let Some(end) = answers.windows(4).position(|it| it == b"\r\n\r\n") else {
            break;
        };
        let head = String::from_utf8_lossy(&answers[..end]).to_ascii_lowercase();
        let length = head.split("content-length: ").nth(1);
        let length = length.and_then(|it| it.lines().next()?.parse().ok());
        let after: usize = end + 4 + length.unwrap_or(0);
        answers = answers.get(after..).unwrap_or_default();
    }
    statuses
}
