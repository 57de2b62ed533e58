//! What is told of runs.

use std::sync::mpsc;

use purlin_guard::code::{Language, Piece, Run};
use purlin_guard::events::{GuardEvent, Operation, Outcome};
use purlin_guard::{CodeExecutor, Tenant};

use crate::boxes::{built, shell_run};

async fn told() -> (CodeExecutor, mpsc::Receiver<GuardEvent>) {
    let (sender, events) = mpsc::channel();
    let builder = CodeExecutor::builder()
        .language(Language::shell())
        .events(move |event: &GuardEvent| drop(sender.send(event.clone())));
    (built(builder.build().await), events)
}

/// The language and the tier of an event.
fn parts(event: &GuardEvent) -> (Option<&str>, Option<&str>, bool) {
    match &event.operation {
        Operation::Run {
            language,
            tier,
            cpu,
            memory,
            ..
        } => (
            language.as_deref(),
            *tier,
            cpu.is_some() && memory.is_some(),
        ),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn each_run_is_told_of_with_its_tier_and_what_it_used() {
    let (executor, events) = told().await;
    executor.run(shell_run("echo canary")).await.unwrap();
    executor.run(shell_run("exit 3")).await.unwrap_err();
    executor.run(Run::new("cobol", "canary")).await.unwrap_err();
    executor
        .run(shell_run("").file("/canary", ""))
        .await
        .unwrap_err();
    let events: Vec<_> = events.try_iter().collect();
    let outcomes: Vec<_> = events.iter().map(|event| event.outcome).collect();
    let expected = [
        Outcome::Done,
        Outcome::Failed("exit"),
        Outcome::Refused("language"),
        Outcome::Refused("invalid_file"),
    ];
    assert_eq!(outcomes, expected);
    let run = (Some("shell"), Some("strict"), true);
    assert_eq!(parts(&events[0]), run);
    assert_eq!(parts(&events[1]), run);
    // A name of somebody else's is nothing to count by.
    assert_eq!(parts(&events[2]), (None, None, false));
    assert_eq!(parts(&events[3]), (Some("shell"), None, false));
    assert!(!format!("{events:?}").contains("canary"));
}

#[tokio::test]
async fn a_run_that_was_dropped_is_told_of() {
    let (executor, events) = told().await;
    let mut running = executor.stream(shell_run("echo 1; sleep 600"));
    assert!(matches!(running.next().await, Some(Piece::Stdout(_))));
    assert!(events.try_recv().is_err());
    drop(running);
    assert_eq!(events.try_recv().unwrap().outcome, Outcome::Cancelled);
}

#[tokio::test]
async fn the_tenant_is_told_of() {
    let (executor, events) = told().await;
    let tenant = Tenant::new("acme");
    executor
        .scoped(&tenant)
        .run(shell_run("true"))
        .await
        .unwrap();
    executor.run(shell_run("true")).await.unwrap();
    let tenants: Vec<_> = events.try_iter().map(|event| event.tenant).collect();
    assert_eq!(tenants, [Some(tenant), None]);
}
