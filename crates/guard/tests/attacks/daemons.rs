//! Processes that want to be there when the run is over.

use purlin_guard::code::{Language, Run, Tier};

use crate::jail::{SOON, build, ended, in_tier, limits};
use crate::processes;

const DAEMON: &str = "
def daemon(forever):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in range(1, 65):
                try:
                    signal.signal(number, signal.SIG_IGN)
                except (OSError, ValueError):
                    pass
            forever()
        os._exit(0)
    os.wait()
";

/// That none is left is looked at after each attack.
#[test]
fn a_daemon_ends_with_its_run() {
    in_tier(Tier::Strict, async |jail| {
        let said = jail
            .says(&format!(
                "{DAEMON}
def forever():
    for descriptor in range(3):
        os.close(descriptor)
    time.sleep(1000)
for _ in range(3):
    daemon(forever)
say('parent ends')
"
            ))
            .await;
        assert_eq!(said, "parent ends\n");
    });
}

#[test]
fn a_daemon_that_beats_is_heard_no_more_once_the_run_is_over() {
    in_tier(Tier::Strict, async |jail| {
        let said = jail
            .says(&format!(
                "{DAEMON}
reader, writer = os.pipe()
def forever():
    os.close(reader)
    while True:
        os.write(writer, b'x')
        os.write(1, b'beat')
        time.sleep(0.001)
daemon(forever)
os.read(reader, 1)
say('parent ends')
"
            ))
            .await;
        assert!(said.contains("parent ends"), "{said}");
    });
}

/// Whoever holds the other end of the output decides when it ends, so that is not waited for.
#[test]
fn a_grandchild_that_holds_the_output_does_not_hold_up_the_run() {
    in_tier(Tier::Strict, async |jail| {
        let said = jail
            .says(&format!(
                "{DAEMON}\ndaemon(lambda: time.sleep(1000))\nsay('parent ends')"
            ))
            .await;
        assert_eq!(said, "parent ends\n");
    });
}

#[test]
fn a_run_that_is_out_of_time_takes_its_daemons_along() {
    in_tier(Tier::Strict, async |jail| {
        let run = jail.attack(&format!(
            "{DAEMON}\ndaemon(lambda: time.sleep(1000))\nsay('daemon')\ntime.sleep(1000)"
        ));
        let run = run.wall(SOON);
        assert_eq!(
            ended(jail.executor.run(run).await),
            ("timeout", "daemon\n".to_owned())
        );
    });
}

#[test]
fn jobs_of_a_shell_end_with_it() {
    in_tier(Tier::Strict, async |jail| {
        let shell = Language::shell().environment(processes::MARK, processes::mark());
        let executor = build(jail.tier, &[shell], limits()).await;
        let script = "trap '' HUP TERM; sleep 1000 & (sleep 1000 &) ; echo over";
        let outcome = executor.run(Run::new("shell", script)).await.unwrap();
        assert_eq!(outcome.stdout().text(), "over\n");
    });
}
