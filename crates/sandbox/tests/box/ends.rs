//! How runs end.

use std::io::Read;
use std::time::Duration;

use purlin_sandbox::{How, Report, Tier};

use crate::bench::{Helper, TIERS, python, run, shell};

const SIGKILL: i32 = 9;

#[test]
fn an_endless_loop_runs_out_of_time_of_the_processor() {
    for tier in TIERS {
        let mut plan = shell(tier, "while :; do :; done");
        plan.limits.cpu = Duration::from_secs(1);
        assert_eq!(run(&plan).ended().how, How::Cpu, "{tier:?}");
    }
}

#[test]
fn ignored_signals_do_not_keep_it_going() {
    for tier in TIERS {
        let script = "import signal
for n in range(1, 65):
    try: signal.signal(n, signal.SIG_IGN)
    except (OSError, ValueError): pass
while True: pass";
        let mut plan = python(tier, script);
        plan.limits.cpu = Duration::from_secs(1);
        assert_eq!(run(&plan).ended().how, How::Cpu, "{tier:?}");
    }
}

#[test]
fn who_sleeps_runs_out_of_the_time_of_the_wall() {
    for tier in TIERS {
        let mut plan = python(
            tier,
            "import time; print('x', flush=True); time.sleep(1000)",
        );
        plan.limits.wall = Duration::from_millis(600);
        let outcome = run(&plan);
        assert_eq!(outcome.ended().how, How::WallClock, "{tier:?}");
        assert_eq!(outcome.stdout, "x\n");
    }
}

#[test]
fn time_that_is_over_before_the_box_stands_ends_it_too() {
    for tier in TIERS {
        for micros in (1..2_000).step_by(100) {
            let mut plan = shell(tier, "while :; do :; done");
            plan.limits.wall = Duration::from_micros(micros);
            let outcome = run(&plan);
            assert_eq!(outcome.ended().how, How::WallClock, "{tier:?}, {micros}");
        }
    }
}

#[test]
fn a_signal_of_its_own_is_told() {
    for tier in TIERS {
        assert_eq!(
            run(&shell(tier, "kill -9 $$")).ended().how,
            How::Killed(SIGKILL),
            "{tier:?}"
        );
        let abort = run(&python(tier, "import os; os.abort()"));
        assert_eq!(abort.ended().how, How::Killed(6), "{tier:?}");
    }
}

#[test]
fn daemons_do_not_outlive_the_run() {
    // The output ends only when nobody has it open any more.
    let script = "(setsid sh -c 'trap \"\" HUP TERM; while :; do sleep 1; done' &) ; echo started";
    let outcome = run(&shell(Tier::Strict, script));
    assert_eq!(outcome.stdout, "started\n");
    assert_eq!(outcome.ended().how, How::Exited(0));
}

#[test]
fn the_run_ends_when_the_server_closes_the_connection() {
    for tier in TIERS {
        let plan = python(
            tier,
            "import time; print('up', flush=True); time.sleep(1000)",
        );
        let mut helper = Helper::start(&plan);
        assert_eq!(
            Report::read(&mut helper.socket).unwrap(),
            Report::Started,
            "{tier:?}"
        );
        helper.await_print();
        helper.socket.shutdown(std::net::Shutdown::Both).unwrap();
        // A helper that has nobody to report to ends by itself, after all it has started.
        assert!(!helper.process.wait().unwrap().success());
        assert_eq!(helper.output(), "up\n");
    }
}

#[test]
fn killing_the_helper_kills_all_below_it() {
    for tier in TIERS {
        let plan = python(
            tier,
            "import time; print('up', flush=True); time.sleep(1000)",
        );
        let mut helper = Helper::start(&plan);
        assert_eq!(
            Report::read(&mut helper.socket).unwrap(),
            Report::Started,
            "{tier:?}"
        );
        helper.await_print();
        helper.process.kill().unwrap();
        helper.process.wait().unwrap();
        let mut rest = Vec::new();
        helper.socket.read_to_end(&mut rest).unwrap();
        assert_eq!((rest.len(), helper.output().as_str()), (0, "up\n"));
    }
}

/// Who has lost his parent is waited for by the helper: where the first process of the system is a
/// server, nobody else does.
#[test]
fn the_helper_waits_for_all_below_it() {
    let plan = python(
        Tier::Strict,
        "import time; print('up', flush=True); time.sleep(1000)",
    );
    let mut helper = Helper::start(&plan);
    assert_eq!(Report::read(&mut helper.socket).unwrap(), Report::Started);
    helper.await_print();
    let child = |pid: u32| -> u32 {
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
        children.unwrap().trim().parse().unwrap()
    };
    let builder = child(helper.process.id());
    let reaper = child(builder);
    let builder = rustix::process::Pid::from_raw(builder.cast_signed()).unwrap();
    rustix::process::kill_process(builder, rustix::process::Signal::KILL).unwrap();
    assert!(matches!(
        Report::read(&mut helper.socket).unwrap(),
        Report::Failed(_)
    ));
    assert!(helper.process.wait().unwrap().success());
    assert!(!std::path::Path::new(&format!("/proc/{reaper}")).exists());
}

#[test]
fn what_was_used_is_told() {
    for tier in TIERS {
        let outcome = run(&python(
            tier,
            "x = bytearray(50_000_000); sum(range(1_000_000))",
        ));
        let usage = outcome.ended().usage;
        assert!(usage.peak_memory > 50_000_000, "{tier:?}: {usage:?}");
        assert!(usage.cpu > Duration::ZERO);
    }
}

#[test]
fn a_program_that_cannot_be_run_is_told_with_its_stage() {
    for tier in TIERS {
        let mut plan = shell(tier, "");
        plan.program = "/usr/bin/there-is-no-such-program".into();
        let failure = run(&plan).ended.unwrap_err();
        assert_eq!(
            (failure.stage, failure.errno),
            (purlin_sandbox::Stage::Exec, Some(2)),
            "{tier:?}"
        );
    }
}
