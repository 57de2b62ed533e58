//! Servers behind Unix sockets.

use purlin_client::transport::UnixSocket;
use purlin_client::{Client, ErrorKind, Revision};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixListener;

use crate::peer::{discovered, text};

#[tokio::test]
async fn a_server_behind_a_socket_is_talked_to_line_by_line() {
    let path = std::env::temp_dir().join(format!("purlin-client-{}.sock", std::process::id()));
    // One may be left from a process that had the same number.
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).unwrap();
    let client = Client::builder().era(Revision::V2026_07_28);
    let talk = async {
        let client = client.connect(UnixSocket::new(&path)).await.unwrap();
        client.call::<String>("t", ()).await.unwrap()
    };
    let serve = async {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::new(stream);
        for result in [discovered(), text("hi")] {
            let mut line = String::new();
            stream.read_line(&mut line).await.unwrap();
            let request: Value = serde_json::from_str(&line).unwrap();
            let answer = json!({"jsonrpc": "2.0", "id": request["id"], "result": result});
            let answer = format!("{answer}\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        let mut rest = String::new();
        stream.read_line(&mut rest).await.unwrap();
        assert_eq!(rest, "", "the client closes the connection");
    };
    let (answer, ()) = tokio::join!(talk, serve);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(answer, "hi");
}

#[tokio::test]
async fn a_socket_where_nobody_listens_is_a_transport_error() {
    let failure = Client::connect(UnixSocket::new("/nowhere/at/all.sock")).await;
    assert_eq!(failure.unwrap_err().kind(), ErrorKind::Transport);
}
