#![cfg(unix)]

use std::time::Duration;

use purlin_client::transport::{Child, Command, Transport};
use purlin_client::{Client, ErrorKind};

/// A shell script as a server.
fn script(text: &str) -> Command {
    Command::new("sh")
        .args(["-c", text])
        .grace(Duration::from_millis(200))
}

async fn line(child: &Child) -> Option<String> {
    child
        .recv()
        .await
        .ok()
        .flatten()
        .map(|line| String::from_utf8(line).unwrap())
}

#[tokio::test]
async fn lines_go_both_ways() {
    let child = script("while read -r line; do echo \"got $line\"; done")
        .spawn()
        .unwrap();
    child.send(b"one".to_vec());
    child.send(b"two".to_vec());
    assert_eq!(line(&child).await.as_deref(), Some("got one"));
    assert_eq!(line(&child).await.as_deref(), Some("got two"));
    child.close().await;
}

#[tokio::test]
async fn output_is_read_to_its_end_and_the_reason_is_given() {
    let child = script("echo one; echo last words >&2; printf two; exit 3")
        .spawn()
        .unwrap();
    assert_eq!(line(&child).await.as_deref(), Some("one"));
    assert_eq!(line(&child).await.as_deref(), Some("two"));
    let end = child.recv().await.unwrap_err();
    assert_eq!(end.kind(), ErrorKind::Closed);
    assert!(end.to_string().contains("exit status: 3"), "{end}");
}

#[tokio::test]
async fn a_server_may_exit_by_itself_when_its_input_ends() {
    let child = script("cat >/dev/null; echo bye").spawn().unwrap();
    child.close().await;
    assert_eq!(line(&child).await.as_deref(), Some("bye"));
}

#[tokio::test]
async fn a_server_that_stays_is_asked_to_terminate_before_it_is_killed() {
    let polite = "trap 'echo terminated; exit 0' TERM; echo up; while :; do sleep 0.01; done";
    let child = script(polite).spawn().unwrap();
    assert_eq!(line(&child).await.as_deref(), Some("up"));
    child.close().await;
    assert_eq!(line(&child).await.as_deref(), Some("terminated"));

    let child = script("trap '' TERM; echo up; while :; do sleep 0.01; done")
        .spawn()
        .unwrap();
    assert_eq!(line(&child).await.as_deref(), Some("up"));
    child.close().await;
    let end = child.recv().await.unwrap_err();
    assert!(end.to_string().contains("signal: 9"), "{end}");
}

#[tokio::test]
async fn a_dropped_client_ends_its_server() {
    let child = script("trap 'exit 0' TERM; echo up; while :; do sleep 0.01; done")
        .spawn()
        .unwrap();
    assert_eq!(line(&child).await.as_deref(), Some("up"));
    let id = child.id().unwrap().to_string();
    drop(child);
    // Waits for the process to be gone, by its entry in the process table.
    let gone = async {
        while tokio::process::Command::new("kill")
            .args(["-0", &id])
            .stderr(std::process::Stdio::null())
            .status()
            .await
            .unwrap()
            .success()
        {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_command_that_does_not_start_is_an_error() {
    let error = Client::connect(Command::new("/no/such/server"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    let error = Client::connect(script("echo sorry >&2; exit 1"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
}

#[tokio::test]
async fn a_server_that_does_not_read_holds_its_callers_up_but_not_the_end() {
    let child = script("echo up; exec sleep 1000").spawn().unwrap();
    assert_eq!(line(&child).await.as_deref(), Some("up"));
    child.enqueue(vec![b' '; 4 << 20]).await;
    let mut waiting = child.enqueue(b"one more".to_vec());
    std::future::poll_fn(|cx| {
        assert!(waiting.as_mut().poll(cx).is_pending(), "there is no room");
        std::task::Poll::Ready(())
    })
    .await;
    child.close().await;
    waiting.await;
    assert_eq!(child.recv().await.unwrap_err().kind(), ErrorKind::Closed);
}
