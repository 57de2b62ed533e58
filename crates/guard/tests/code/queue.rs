//! How many run at once, and how many wait.

use std::time::Duration;

use purlin_guard::Tenant;
use purlin_guard::code::{Limits, Piece, Run, Running};

use crate::boxes::{shell, shell_run};

/// One at once, and so many in the queue.
fn one(queue: usize) -> Limits {
    let mut limits = Limits::default();
    limits.at_once = 1;
    limits.queue = queue;
    limits.wait = Duration::from_secs(600);
    limits
}

fn endless() -> Run {
    shell_run("echo started; sleep 600")
}

/// Waits until a program has started.
async fn started(running: &mut Running) {
    let piece = running.next().await;
    assert!(matches!(piece, Some(Piece::Stdout(_))), "{piece:?}");
}

#[tokio::test]
async fn whoever_finds_the_queue_full_is_busy() {
    let executor = shell(one(1)).await;
    let mut running = executor.stream(endless());
    started(&mut running).await;
    let mut waiting = executor.stream(endless());
    // It takes its place in the queue when it is asked for the first time.
    assert!(poll_once(&mut waiting).await);
    let error = executor.run(shell_run("echo")).await.unwrap_err();
    assert_eq!(error.name(), "busy");
    drop(running);
    started(&mut waiting).await;
}

/// Asks once; whether it has nothing yet.
async fn poll_once(running: &mut Running) -> bool {
    let mut next = std::pin::pin!(running.next());
    std::future::poll_fn(|context| std::task::Poll::Ready(next.as_mut().poll(context).is_pending()))
        .await
}

#[tokio::test]
async fn a_run_that_is_dropped_gives_back_its_slot_and_its_place() {
    let executor = shell(one(1)).await;
    let mut running = executor.stream(endless());
    started(&mut running).await;
    for _ in 0..8 {
        let mut waiting = executor.stream(endless());
        assert!(poll_once(&mut waiting).await);
    }
    drop(running);
    for _ in 0..8 {
        let mut running = executor.stream(endless());
        started(&mut running).await;
    }
    assert!(executor.run(shell_run("echo")).await.is_ok());
}

#[tokio::test]
async fn a_run_that_fails_gives_back_its_slot() {
    let executor = shell(one(0)).await;
    for code in ["exit 1", "kill -9 $$", "sleep 600", "yes"] {
        let run = shell_run(code).wall(Duration::from_secs(1));
        assert!(executor.run(run).await.unwrap_err().outcome().is_some());
    }
    assert!(executor.run(shell_run("echo")).await.is_ok());
}

#[tokio::test]
async fn nobody_waits_for_ever() {
    let mut limits = one(1);
    limits.wait = Duration::from_millis(100);
    let executor = shell(limits).await;
    let mut running = executor.stream(endless());
    started(&mut running).await;
    let error = executor.run(shell_run("echo")).await.unwrap_err();
    assert_eq!(error.name(), "busy");
}

#[tokio::test]
async fn a_tenant_that_fills_its_queue_leaves_that_of_others_alone() {
    let mut limits = Limits::default();
    limits.tenant_at_once = 1;
    limits.tenant_queue = 0;
    let executor = shell(limits).await;
    let one = executor.scoped(&Tenant::new("one"));
    let mut running = one.stream(endless());
    started(&mut running).await;
    assert_eq!(one.run(shell_run("echo")).await.unwrap_err().name(), "busy");
    let again = executor.scoped(&Tenant::new("one"));
    assert_eq!(
        again.run(shell_run("echo")).await.unwrap_err().name(),
        "busy"
    );
    for other in [executor.scoped(&Tenant::new("other")), executor.clone()] {
        assert!(other.run(shell_run("echo")).await.is_ok());
    }
    drop(running);
    assert!(again.run(shell_run("echo")).await.is_ok());
}

#[tokio::test]
async fn tenants_share_what_there_is_for_all() {
    let executor = shell(one(0)).await;
    let mut running = executor.scoped(&Tenant::new("one")).stream(endless());
    started(&mut running).await;
    let other = executor.scoped(&Tenant::new("other"));
    assert_eq!(
        other.run(shell_run("echo")).await.unwrap_err().name(),
        "busy"
    );
}
