//! Output: bounded, and handed out as it comes.

use std::time::Duration;

use purlin_guard::code::{Limits, Piece, Running};

use crate::boxes::{executor, python_run, shell, shell_run, works};

#[tokio::test]
async fn one_mib_of_each_stream_is_kept_and_the_rest_is_marked() {
    let code = "
import sys
sys.stdout.write('o' * (1 << 20))
sys.stderr.write('e' * ((1 << 20) + 1))
";
    let outcome = works(python_run(code)).await;
    assert_eq!(outcome.stdout().bytes().len(), 1 << 20);
    assert!(!outcome.stdout().is_cut());
    assert_eq!(outcome.stderr().bytes().len(), 1 << 20);
    assert!(outcome.stderr().is_cut());
}

#[tokio::test]
async fn a_flood_is_stopped() {
    let error = executor().await.run(shell_run("yes")).await.unwrap_err();
    assert_eq!(error.name(), "output_limit");
    let stdout = error.outcome().unwrap().stdout().clone();
    assert_eq!(stdout.bytes().len(), 1 << 20);
    assert!(stdout.is_cut() && stdout.text().starts_with("y\ny\n"));
    let mut limits = Limits::default();
    limits.printed = 4;
    let executor = shell(limits).await;
    assert!(executor.run(shell_run("printf 1234")).await.is_ok());
    let error = executor
        .run(shell_run("printf 12345 >&2"))
        .await
        .unwrap_err();
    assert_eq!(error.name(), "output_limit");
}

#[tokio::test]
async fn output_that_is_no_utf_8_is_kept_as_bytes() {
    let code = "import sys; sys.stdout.buffer.write(b'a\\xff\\x00b')";
    let outcome = works(python_run(code)).await;
    assert_eq!(outcome.stdout().bytes(), &b"a\xff\0b"[..]);
    assert_eq!(outcome.stdout().text(), "a\u{fffd}\0b");
}

/// The next line of standard output.
async fn line(running: &mut Running) -> String {
    let mut line = String::new();
    while !line.ends_with('\n') {
        match running.next().await.unwrap() {
            Piece::Stdout(bytes) => line.push_str(std::str::from_utf8(&bytes).unwrap()),
            _ => continue,
        }
    }
    line
}

#[tokio::test]
async fn output_is_handed_out_while_the_program_runs() {
    let executor = executor().await;
    for run in [
        python_run("print(1)\nimport time; time.sleep(600)"),
        shell_run("echo 1; sleep 600"),
    ] {
        let mut running = executor.stream(run);
        assert_eq!(line(&mut running).await, "1\n");
        drop(running);
    }
}

#[tokio::test]
async fn the_outcome_of_a_stream_holds_what_was_handed_out() {
    let executor = executor().await;
    let run = shell_run("echo 1; echo oops >&2; sleep 0.1; echo 2; exit 7");
    let mut running = executor.stream(run);
    assert_eq!(line(&mut running).await, "1\n");
    let error = running.outcome().await.unwrap_err();
    let outcome = error.outcome().unwrap();
    assert_eq!(outcome.stdout().text(), "1\n2\n");
    assert_eq!(outcome.stderr().text(), "oops\n");
    assert_eq!(error.name(), "exit");
}

#[tokio::test]
async fn a_stream_hands_out_no_more_than_is_kept() {
    let mut running = executor()
        .await
        .stream(python_run("print('x' * (3 << 20), end='')"));
    let mut sum = 0;
    while let Some(piece) = running.next().await {
        let Piece::Stdout(bytes) = piece else {
            panic!("{piece:?}")
        };
        sum += bytes.len();
    }
    assert!(running.next().await.is_none());
    let outcome = running.outcome().await.unwrap();
    assert_eq!((sum, outcome.stdout().is_cut()), (1 << 20, true));
}

#[tokio::test]
async fn whoever_keeps_the_output_open_holds_nobody_up() {
    let code = "sleep 600 & (trap '' HUP; sleep 600) & echo done";
    // It is no `timeout`.
    let outcome = works(shell_run(code).wall(Duration::from_secs(20))).await;
    assert_eq!(outcome.stdout().text(), "done\n");
}

#[tokio::test]
async fn debug_output_holds_no_code_and_no_output() {
    let run = python_run("print('canary')")
        .argument("canary")
        .file("canary", "canary");
    let said = format!("{run:?}");
    let outcome = works(run).await;
    let said = format!("{said}{outcome:?}{:?}", executor().await);
    assert!(!said.contains("canary"), "{said}");
}
