//! Each limit, and the error that it gives.

use std::time::Duration;

use purlin_guard::code::{CodeError, Limits, Run};

use crate::boxes::{executor, node_run, python, python_run, shell, shell_run};

/// The error of a run that has to fail.
async fn fails(run: Run) -> CodeError {
    executor().await.run(run).await.unwrap_err()
}

#[tokio::test]
async fn a_run_takes_no_longer_than_it_may() {
    for run in [
        python_run("print('before', flush=True); import time; time.sleep(600)"),
        node_run("console.log('before'); setTimeout(() => {}, 600_000)"),
        shell_run("echo before; sleep 600"),
        shell_run("trap '' TERM INT HUP XCPU; echo before; while :; do sleep 600; done"),
    ] {
        let error = fails(run.wall(Duration::from_secs(2))).await;
        assert_eq!(error.name(), "timeout", "{error:?}");
        assert_eq!(error.outcome().unwrap().stdout().text(), "before\n");
    }
}

#[tokio::test]
async fn a_run_may_lower_its_time_and_not_raise_it() {
    let mut limits = Limits::default();
    limits.wall = Duration::from_secs(1);
    let executor = shell(limits).await;
    let run = shell_run("sleep 600").wall(Duration::from_secs(600));
    assert_eq!(executor.run(run).await.unwrap_err().name(), "timeout");
}

#[tokio::test]
async fn a_run_takes_no_more_time_of_processors_than_it_may() {
    let mut limits = Limits::default();
    limits.cpu = Duration::from_secs(1);
    let executor = python(limits).await;
    for code in [
        "print('before', flush=True)\nwhile True: pass",
        "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nprint('before', flush=True)\nwhile True: pass",
    ] {
        let error = executor.run(python_run(code)).await.unwrap_err();
        assert_eq!(error.name(), "cpu_limit", "{error:?}");
        let outcome = error.outcome().unwrap();
        assert_eq!(outcome.stdout().text(), "before\n");
        assert!(
            outcome.usage().cpu >= Duration::from_millis(900),
            "{outcome:?}"
        );
    }
}

#[tokio::test]
async fn a_run_has_no_more_processes_and_threads_than_it_may() {
    let code = "
import threading
stop = threading.Event()
try:
    for count in range(100): threading.Thread(target=stop.wait, daemon=True).start()
except RuntimeError as error: print(error)
print(count < 16)
import os; os._exit(0)
";
    let outcome = executor().await.run(python_run(code)).await.unwrap();
    assert_eq!(outcome.stdout().text(), "can't start new thread\nTrue\n");
    // The shell gives up when it cannot fork.
    let run = shell_run("bomb() { bomb | bomb & }; bomb; wait").wall(Duration::from_secs(3));
    // Whatever becomes of it, it ends.
    let _ = executor().await.run(run).await;
    assert!(executor().await.run(shell_run("echo alive")).await.is_ok());
}

#[tokio::test]
async fn a_file_grows_no_larger_than_it_may() {
    let code = "
try:
    with open('a', 'wb') as file:
        for _ in range(32): file.write(bytes(1 << 20))
except OSError as error: print(error.strerror)
import os; print(os.path.getsize('a') >> 20); os.remove('a')
";
    let outcome = executor().await.run(python_run(code)).await.unwrap();
    assert_eq!(outcome.stdout().text(), "File too large\n16\n");
}

#[tokio::test]
async fn the_work_directory_holds_no_more_than_it_may() {
    let code = "
import os
try:
    for i in range(100):
        with open(f'{i}', 'wb') as file: file.write(bytes(8 << 20))
except OSError as error: print(error.strerror)
print(i)
for name in os.listdir(): os.remove(name)
try:
    for i in range(100_000): open(f'{i}', 'w').close()
except OSError as error: print(error.strerror)
print(i <= 4096)
";
    let outcome = executor().await.run(python_run(code)).await.unwrap();
    let expected = "No space left on device\n7\nNo space left on device\nTrue\n";
    assert_eq!(outcome.stdout().text(), expected);
}

#[tokio::test]
async fn whoever_is_killed_by_a_signal_says_which() {
    for (code, expected) in [
        ("kill -9 $$", 9),
        ("kill -SEGV $$", 11),
        ("kill -TERM $$", 15),
    ] {
        match fails(shell_run(code)).await {
            CodeError::Killed { signal, .. } => assert_eq!(signal, expected),
            other => panic!("{code}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn whoever_ends_with_a_code_says_which() {
    for run in [
        python_run("print('out'); raise SystemExit(3)"),
        node_run("console.log('out'); process.exitCode = 3"),
        shell_run("echo out; exit 3"),
    ] {
        match fails(run).await {
            CodeError::Exit { code: 3, outcome } => assert_eq!(outcome.stdout().text(), "out\n"),
            other => panic!("{other:?}"),
        }
    }
    let error = fails(python_run("1 / 0")).await;
    assert_eq!(error.name(), "exit");
    let said = error.outcome().unwrap().stderr().text().into_owned();
    assert!(said.contains("ZeroDivisionError"), "{said}");
}
