use std::sync::{Arc, Mutex};

use purlin_core::{Error, ErrorKind, Result, Server};
use tokio::sync::Notify;

use crate::wire::Wire;

/// What happened, in order.
#[derive(Clone, Default)]
struct Journal(Arc<(Mutex<Vec<String>>, Notify)>);

impl Journal {
    fn note(&self, what: String) {
        self.0.0.lock().unwrap().push(what);
        self.0.1.notify_one();
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.0.lock().unwrap())
    }

    async fn wait_for(&self, what: &str) {
        while !self.0.0.lock().unwrap().iter().any(|noted| noted == what) {
            self.0.1.notified().await;
        }
    }
}

/// Values of different types, for they are found by type.
struct Value<const N: usize>;

/// Adds a value that notes its opening and closing.
fn with<const N: usize>(server: Server, journal: &Journal) -> Server {
    let (opening, closing) = (journal.clone(), journal.clone());
    server.lifespan(
        move || {
            opening.note(format!("open {N}"));
            async { Ok::<_, Error>(Value::<N>) }
        },
        move |_: Arc<Value<N>>| {
            closing.note(format!("close {N}"));
            async {}
        },
    )
}

/// Adds a value that cannot be opened.
fn failing(server: Server) -> Server {
    server.lifespan(
        || async { Err::<Value<99>, _>(Error::internal("no disk")) },
        |_: Arc<Value<99>>| async {},
    )
}

fn new(name: &str) -> Server {
    Server::builder(name, "1.0.0")
}

#[tokio::test]
async fn values_are_opened_in_order_and_closed_in_reverse_children_inside() {
    let journal = Journal::default();
    let child = with::<4>(with::<3>(new("child"), &journal), &journal);
    let server = with::<2>(with::<1>(new("parent"), &journal), &journal);
    server.mount("child", &child).unwrap();
    let wire = Wire::to(&server).await;
    assert_eq!(journal.take(), ["open 1", "open 2", "open 3", "open 4"]);
    drop(wire);
    journal.wait_for("close 1").await;
    assert_eq!(journal.take(), ["close 4", "close 3", "close 2", "close 1"]);
}

#[tokio::test]
async fn only_the_last_of_several_transports_closes() {
    let journal = Journal::default();
    let server = with::<1>(new("server"), &journal);
    server.start().await.unwrap();
    server.start().await.unwrap();
    server.stop().await;
    assert_eq!(journal.take(), ["open 1"]);
    server.stop().await;
    server.stop().await;
    assert_eq!(journal.take(), ["close 1"]);
    server.start().await.unwrap();
    assert_eq!(journal.take(), ["open 1"]);
}

#[tokio::test]
async fn a_start_that_fails_closes_what_was_opened() {
    let journal = Journal::default();
    let server = with::<2>(failing(with::<1>(new("server"), &journal)), &journal);
    for _ in 0..2 {
        let error = server.start().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert_eq!(journal.take(), ["open 1", "close 1"]);
    }
}

#[tokio::test]
async fn a_child_that_fails_to_start_closes_its_siblings_and_its_parent() {
    let journal = Journal::default();
    let server = with::<1>(new("parent"), &journal);
    server
        .mount("well", &with::<2>(new("well"), &journal))
        .unwrap();
    server
        .mount("ill", &failing(with::<3>(new("ill"), &journal)))
        .unwrap();
    assert!(server.start().await.is_err());
    let expected = [
        "open 1", "open 2", "open 3", "close 3", "close 2", "close 1",
    ];
    assert_eq!(journal.take(), expected);
}

#[tokio::test]
async fn a_panic_while_opening_is_a_start_that_failed() {
    let journal = Journal::default();
    let server = with::<1>(new("server"), &journal).lifespan(
        || async { panic!("no disk") as Result<Value<2>> },
        |_: Arc<Value<2>>| async {},
    );
    let error = server.start().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(journal.take(), ["open 1", "close 1"]);
}

#[tokio::test]
async fn a_panic_while_closing_does_not_keep_others_open() {
    let journal = Journal::default();
    let server = with::<1>(new("server"), &journal).lifespan(
        || async { Ok::<_, Error>(Value::<2>) },
        |_: Arc<Value<2>>| async { panic!("stuck") },
    );
    let server = with::<3>(server, &journal);
    server.start().await.unwrap();
    server.stop().await;
    assert_eq!(journal.take(), ["open 1", "open 3", "close 3", "close 1"]);
}

#[tokio::test]
async fn a_start_that_is_given_up_half_way_counts_for_nothing() {
    let journal = Journal::default();
    let server = with::<1>(new("server"), &journal).lifespan(
        std::future::pending::<Result<Value<2>>>,
        |_: Arc<Value<2>>| async {},
    );
    let starting = server.start();
    tokio::select! {
        biased;
        _ = starting => panic!("it never starts"),
        () = journal.wait_for("open 1") => {}
    }
    server.stop().await;
    assert_eq!(journal.take(), ["open 1", "close 1"]);
}

#[tokio::test]
async fn mounts_that_come_and_go_meanwhile_are_closed_once() {
    let journal = Journal::default();
    let server = with::<1>(new("parent"), &journal);
    let early = with::<2>(new("early"), &journal);
    let late = with::<3>(new("late"), &journal);
    server.mount("early", &early).unwrap();
    server.start().await.unwrap();
    late.start().await.unwrap();
    server.mount("late", &late).unwrap();
    server.unmount("early");
    server.stop().await;
    // The one was started with its parent; whoever started the other stops it.
    assert_eq!(
        journal.take(),
        ["open 1", "open 2", "open 3", "close 2", "close 1"]
    );
    late.stop().await;
    assert_eq!(journal.take(), ["close 3"]);
}
