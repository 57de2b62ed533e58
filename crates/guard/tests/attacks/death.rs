//! Servers, helpers and callers that are gone before the run is.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use purlin_guard::code::{Piece, Run, Tier};
use rustix::process::{Pid, Signal, kill_process};

use crate::jail::{build, ended, in_each_tier, limits, on_a_server, python};
use crate::processes;

/// Says to the process of a test that it is to be a server of this tier.
const SERVE: &str = "ATTACKED_SERVER";

const FOREVER: &str = "
import os, signal, time
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
for _ in range(3):
    try:
        os.fork()
    except OSError:
        pass
print('up', flush=True)
time.sleep(1000)
";

/// Serves in a process of its own, if it is told to, until that is killed.
#[test]
fn a_server_that_is_going_to_be_killed() {
    let Ok(name) = std::env::var(SERVE) else {
        return;
    };
    let tiers = [Tier::Strict, Tier::Confined];
    let tier = tiers.into_iter().find(|tier| tier.name() == name).unwrap();
    on_a_server(tier, async || {
        let executor = build(tier, &[python()], limits()).await;
        let mut running = executor.stream(Run::new("python", FOREVER));
        while let Some(Piece::Stdout(_)) = running.next().await {
            println!("\nup");
        }
    });
}

#[test]
fn nothing_outlives_a_server_that_is_killed() {
    in_each_tier(async |jail| {
        let name = "death::a_server_that_is_going_to_be_killed";
        let mut server = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(SERVE, jail.tier.name())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap() == "up"), "it does not serve");
        let runs = processes::below(server.id());
        assert!(runs.len() >= jail.or(4, 2), "{runs:?}");
        let handles: Vec<_> = runs.into_iter().filter_map(processes::handle).collect();
        server.kill().unwrap();
        server.wait().unwrap();
        processes::wait(&handles);
        let mark = format!("attack-of-{}", server.id());
        assert!(processes::marked(&mark).is_empty());
    });
}

#[test]
fn nothing_outlives_a_helper_that_is_killed() {
    in_each_tier(async |jail| {
        let mut running = jail.executor.stream(Run::new("python", FOREVER));
        assert!(matches!(running.next().await, Some(Piece::Stdout(_))));
        let runs = processes::below(std::process::id());
        let handles: Vec<_> = runs
            .iter()
            .filter_map(|pid| processes::handle(*pid))
            .collect();
        // The first is the child of the server.
        let helper = Pid::from_raw(runs[0].cast_signed()).unwrap();
        kill_process(helper, Signal::KILL).unwrap();
        let (how, _) = ended(running.outcome().await);
        assert_eq!(how, "unavailable");
        processes::wait(&handles);
    });
}

#[test]
fn nothing_outlives_a_caller_that_gives_up() {
    in_each_tier(async |jail| {
        for _ in 0..4 {
            let mut running = jail.executor.stream(Run::new("python", FOREVER));
            assert!(matches!(running.next().await, Some(Piece::Stdout(_))));
            drop(running);
        }
        // All turns are there again.
        for _ in 0..5 {
            assert_eq!(jail.says("say(1)").await, "1\n");
        }
    });
}
