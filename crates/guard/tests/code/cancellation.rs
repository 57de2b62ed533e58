//! Runs that nobody waits for any more.

use std::fs;
use std::time::Duration;

use purlin_guard::code::{Limits, Piece, Run, Running};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use crate::boxes::{executor, python_run, shell, shell_run};

/// The processes of this host with a word in their command line.
fn processes(word: &str) -> Vec<i32> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().parse::<i32>();
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        if let Ok(id) = name
            && String::from_utf8_lossy(&line).contains(word)
        {
            found.push(id);
        }
    }
    found
}

/// Waits until a process has ended, which is under way already.
fn end_of(id: i32) -> tokio::task::JoinHandle<()> {
    let id = Pid::from_raw(id).unwrap();
    let descriptor = pidfd_open(id, PidfdFlags::empty()).unwrap();
    tokio::task::spawn_blocking(move || {
        let mut ends = [PollFd::new(&descriptor, PollFlags::IN)];
        // A signal may come in between.
        while poll(&mut ends, None).is_err() {}
    })
}

async fn started(running: &mut Running) {
    let piece = running.next().await;
    assert!(matches!(piece, Some(Piece::Stdout(_))), "{piece:?}");
}

/// A program that starts others, which take care to outlive it.
fn stubborn(word: &str) -> Run {
    let code = "
import os, signal, sys, time
for number in range(1, 32):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0: time.sleep(600)
        os._exit(0)
# Until those in between have ended.
try:
    while True: os.wait()
except ChildProcessError: print('ready', flush=True)
time.sleep(600)
";
    python_run(code).argument(word)
}

#[tokio::test]
async fn a_stream_that_is_dropped_ends_all_processes_of_the_run() {
    let mut running = executor().await.stream(stubborn("dropped-stream-4711"));
    started(&mut running).await;
    let ends: Vec<_> = processes("dropped-stream-4711")
        .into_iter()
        .map(end_of)
        .collect();
    assert!(ends.len() >= 2, "{ends:?}");
    drop(running);
    for end in ends {
        end.await.unwrap();
    }
    assert_eq!(processes("dropped-stream-4711"), [0; 0]);
}

#[tokio::test]
async fn nothing_of_a_run_survives_its_end() {
    let code = "(setsid sleep 600 4712 &) ; sleep 600 4712 & exit 0";
    assert!(executor().await.run(shell_run(code)).await.is_ok());
    assert_eq!(processes("sleep\x00600\x004712"), [0; 0]);
    let error = executor()
        .await
        .run(stubborn("at-the-end-4713").wall(Duration::from_secs(1)))
        .await;
    assert_eq!(error.unwrap_err().name(), "timeout");
    assert_eq!(processes("at-the-end-4713"), [0; 0]);
}

/// Polls a future so many times, and drops it.
async fn dropped_after(executor: &purlin_guard::CodeExecutor, polls: usize) -> bool {
    let mut run = Box::pin(executor.run(shell_run("echo 1; sleep 0.01; echo 2")));
    let mut left = polls;
    std::future::poll_fn(|context| match left {
        0 => std::task::Poll::Ready(false),
        _ => {
            left -= 1;
            match run.as_mut().poll(context) {
                std::task::Poll::Ready(result) => std::task::Poll::Ready(result.is_ok()),
                std::task::Poll::Pending => std::task::Poll::Pending,
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_run_that_is_dropped_after_any_poll_gives_everything_back() {
    let mut limits = Limits::default();
    limits.at_once = 1;
    limits.queue = 0;
    let executor = shell(limits).await;
    let mut ended = false;
    for polls in 0..64 {
        ended = dropped_after(&executor, polls).await;
        assert!(
            executor.run(shell_run("true")).await.is_ok(),
            "after {polls} polls"
        );
        if ended {
            break;
        }
    }
    assert!(ended, "a run ends by itself after some polls");
}

#[tokio::test]
async fn a_server_that_runs_much_keeps_no_descriptor() {
    let executor = shell(Limits::default()).await;
    let count = || fs::read_dir("/proc/self/fd").unwrap().count();
    let run = async || {
        for _ in 0..4 {
            let mut running = executor.stream(shell_run("echo 1; sleep 600"));
            started(&mut running).await;
            drop(running);
            assert!(executor.run(shell_run("echo")).await.is_ok());
        }
    };
    run().await;
    let before = count();
    for _ in 0..4 {
        run().await;
    }
    // Other tests have theirs at the same time.
    assert!(count() < before + 400, "{before} before, {} now", count());
}
