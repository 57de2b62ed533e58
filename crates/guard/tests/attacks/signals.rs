//! Signals, to others and to oneself.

use purlin_guard::code::Tier;

use crate::jail::{SOON, ended, in_each_tier};

const DEAF: &str = "
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
say('deaf')
";

#[test]
fn who_ignores_all_signals_ends_with_its_time() {
    in_each_tier(async |jail| {
        for rest in ["time.sleep(1000)", "while True: time.sleep(0.01)"] {
            let run = jail.attack(&format!("{DEAF}{rest}"));
            let run = run.wall(SOON);
            let ended = ended(jail.executor.run(run).await);
            assert_eq!(ended, ("timeout", "deaf\n".to_owned()));
        }
    });
}

#[test]
fn who_stops_itself_ends_with_its_time() {
    in_each_tier(async |jail| {
        let run = jail.attack("say('stop'); os.kill(os.getpid(), signal.SIGSTOP); say('on')");
        let run = run.wall(SOON);
        let ended = ended(jail.executor.run(run).await);
        assert_eq!(ended, ("timeout", "stop\n".to_owned()));
    });
}

#[test]
fn a_signal_for_everybody_reaches_nobody_else() {
    in_each_tier(async |jail| {
        let (how, said) = jail
            .ends("say('before'); say(attempt(os.kill, -1, signal.SIGKILL))")
            .await;
        match jail.tier {
            // It does not reach who sends it.
            Tier::Strict => assert_eq!((how, &*said), ("done", "before\nESRCH\n")),
            _ => assert_eq!((how, &*said), ("done", "before\nEPERM\n")),
        }
    });
}

#[test]
fn processes_of_the_host_cannot_be_signalled() {
    in_each_tier(async |jail| {
        let server = std::process::id();
        let said = jail
            .says(&format!(
                "
for number in 0, signal.SIGKILL, signal.SIGSTOP, signal.SIGCONT:
    say(attempt(os.kill, {server}, number), attempt(os.killpg, {server}, number))
say(call({}, {server}, 9), call({}, {server}, {server}, 9))
",
                libc::SYS_tkill,
                libc::SYS_tgkill
            ))
            .await;
        let expected = jail.or("ESRCH ESRCH\n", "EPERM EPERM\n").repeat(5);
        assert_eq!(said, expected);
    });
}

/// By the back door: a signal that the kernel sends on somebody's behalf.
#[test]
fn no_signal_is_sent_by_the_kernel_on_behalf_of_a_run() {
    in_each_tier(async |jail| {
        let server = std::process::id();
        let said = jail
            .says(&format!(
                "
import fcntl
reader, writer = os.pipe()
owned = attempt(fcntl.fcntl, reader, fcntl.F_SETOWN, {server})
F_SETSIG, F_SETOWN_EX = 10, 15
attempt(fcntl.fcntl, reader, F_SETSIG, signal.SIGKILL)
attempt(fcntl.fcntl, reader, F_SETOWN_EX, ctypes.create_string_buffer(b'\\1\\0\\0\\0' + ({server}).to_bytes(4, 'little')))
attempt(fcntl.fcntl, reader, fcntl.F_SETFL, os.O_ASYNC)
os.write(writer, b'x')
say(owned)
"
            ))
            .await;
        assert!(["ESRCH\n", "EPERM\n"].contains(&&*said), "{said}");
    });
}

#[test]
fn nobody_outlives_its_parent_by_saying_so() {
    in_each_tier(async |jail| {
        let said = jail
            .says(&format!("say(call({}, 1, 0, 0, 0, 0))", libc::SYS_prctl))
            .await;
        assert_eq!(said, "EPERM\n");
    });
}

#[test]
fn the_first_process_of_a_box_cannot_be_killed_from_inside() {
    in_each_tier(async |jail| {
        let said = jail
            .says("say(attempt(os.kill, os.getppid(), signal.SIGKILL)); say('on')")
            .await;
        assert_eq!(said, "EPERM\non\n");
    });
}
