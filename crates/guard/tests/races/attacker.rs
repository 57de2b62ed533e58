//! Somebody who changes what is in a root while others work in it: a process of its own.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::ground::furnish;

/// The variable that tells a process of this program that it is the attacker, and where.
const ROOT: &str = "PURLIN_RACE_ROOT";
/// How many changes there are at least.
const SWAPS: &str = "PURLIN_RACE_SWAPS";
const SWAPS_BY_DEFAULT: u32 = 200_000;
/// After so many changes it is seen to it that everything is there.
const FURNISHED_EVERY: u32 = 32;

/// The process.
pub(crate) struct Attacker {
    process: Child,
    done: Arc<AtomicBool>,
}

impl Attacker {
    /// Starts this very program again, for the test [`attacker`] alone.
    pub(crate) fn start(root: &Path) -> Self {
        let mut process = Command::new(env::current_exe().unwrap())
            .args(["--exact", "attacker::attacker", "--nocapture"])
            .env(ROOT, root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let done = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&done);
        std::thread::spawn(move || {
            // To the end: whoever cannot print fails.
            for line in output.lines().map_while(Result::ok) {
                if line.contains(DONE) {
                    told.store(true, Ordering::Release);
                }
            }
            // Also when it ended without a word.
            told.store(true, Ordering::Release);
        });
        Self { process, done }
    }

    /// Whether there were as many changes as there have to be. It goes on until it is stopped.
    pub(crate) fn is_done(&self) -> bool {
        self.done.load(Ordering::Acquire)
    }

    /// Ends it, and fails if it failed.
    pub(crate) fn stop(mut self) {
        drop(self.process.stdin.take());
        assert!(self.process.wait().unwrap().success());
    }
}

const DONE: &str = "as many as there have to be";

/// The attacker itself. In a run of the tests, where nobody sent for it, there is nothing to do.
#[test]
fn attacker() {
    let Some(root) = env::var_os(ROOT).map(PathBuf::from) else {
        return;
    };
    let swaps = env::var(SWAPS).map_or(SWAPS_BY_DEFAULT, |it| it.parse().unwrap());
    let over = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&over);
    std::thread::spawn(move || {
        // Whoever started it has closed its end, or has ended.
        let _ = std::io::stdin().read(&mut [0]);
        told.store(true, Ordering::Release);
    });
    let mut count = 0u32;
    while !over.load(Ordering::Acquire) {
        change(&root, count);
        if count.is_multiple_of(FURNISHED_EVERY) {
            furnish(&root);
        }
        count = count.wrapping_add(1);
        if count == swaps {
            println!("\n{DONE}");
            std::io::stdout().flush().unwrap();
        }
    }
}

/// One change. It may fail: what it would change may have just been taken away.
fn change(root: &Path, count: u32) {
    let at = |name: &str| root.join(name);
    match count % 5 {
        // A directory, and a link to one outside.
        0 | 2 => swap(&at("door"), &at("door.swap")),
        // A file, and a link to one outside.
        1 => swap(&at("name"), &at("name.swap")),
        // A second name for a file outside, which comes and goes.
        3 => {
            if fs::hard_link(at("../outside/linked"), at("hard")).is_err() {
                let _ = fs::remove_file(at("hard"));
            }
        }
        // A directory that moves up, and down again, under whoever goes up from it.
        _ => {
            if fs::rename(at("a/b"), at("b")).is_err() {
                let _ = fs::rename(at("b"), at("a/b"));
            }
        }
    }
}

fn swap(one: &Path, other: &Path) {
    let _ = renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE);
}
