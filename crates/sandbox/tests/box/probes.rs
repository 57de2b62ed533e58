//! What a system has and what it lacks. Each feature is taken away from a helper by a filter of
//! system calls, as containers do, or by a limit of namespaces, as hardened hosts do.

use std::path::Path;
use std::process::Command;

use purlin_sandbox::Feature::{
    CgroupNamespace, ChangeUser, CloseRange, Helper as HelperProcess, IpcNamespace, Landlock,
    MountNamespace, NetworkNamespace, PidNamespace, PrivateMounts, Seccomp, UserNamespace,
    UtsNamespace,
};
use purlin_sandbox::{Feature, How, Tier, command, command_of, probe, probe_with};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};

use crate::bench::{Helper, Outcome, TIERS, shell};

#[test]
fn this_machine_has_all_of_both_tiers() {
    for tier in TIERS {
        assert_eq!(probe(tier), Ok(()), "{tier:?}");
    }
}

/// Does something in a thread in which a call fails, for all arguments or for one first argument.
/// What the thread starts inherits that.
fn without<T: Send>(
    call: libc::c_long,
    argument: Option<i32>,
    errno: i32,
    body: impl FnOnce() -> T + Send,
) -> T {
    let rules = argument.map(|value| {
        let value = u64::from(value.unsigned_abs());
        let length = SeccompCmpArgLen::Qword;
        let condition = SeccompCondition::new(0, length, SeccompCmpOp::Eq, value).unwrap();
        SeccompRule::new(vec![condition]).unwrap()
    });
    let filter: BpfProgram = SeccompFilter::new(
        [(call, rules.into_iter().collect())].into(),
        SeccompAction::Allow,
        SeccompAction::Errno(errno.unsigned_abs()),
        TargetArch::try_from(std::env::consts::ARCH).unwrap(),
    )
    .unwrap()
    .try_into()
    .unwrap();
    std::thread::scope(|scope| {
        let thread = scope.spawn(move || {
            seccompiler::apply_filter(&filter).unwrap();
            body()
        });
        thread.join().unwrap()
    })
}

fn run(tier: Tier) -> Outcome {
    Helper::start(&shell(tier, "echo ran")).outcome()
}

/// Probing names the feature, and a run fails for it without having started anything.
#[track_caller]
fn named(tier: Tier, feature: Feature, call: libc::c_long, argument: Option<i32>, errno: i32) {
    let (probed, outcome) = without(call, argument, errno, || (probe(tier), run(tier)));
    assert_eq!(probed, Err(vec![feature]), "{tier:?}");
    let failure = outcome.ended.unwrap_err();
    assert_eq!(failure.missing, Some(feature), "{tier:?}: {failure:?}");
    assert_eq!(outcome.stdout, "");
    let text = failure.to_string();
    assert!(
        text.contains(feature.name()) && text.contains(feature.advice()),
        "{text}"
    );
}

#[test]
fn each_namespace_that_is_missing_is_named() {
    for (flag, feature) in [
        (libc::CLONE_NEWUSER, UserNamespace),
        (libc::CLONE_NEWNS, MountNamespace),
        (libc::CLONE_NEWPID, PidNamespace),
        (libc::CLONE_NEWNET, NetworkNamespace),
        (libc::CLONE_NEWIPC, IpcNamespace),
        (libc::CLONE_NEWUTS, UtsNamespace),
        (libc::CLONE_NEWCGROUP, CgroupNamespace),
    ] {
        named(
            Tier::Strict,
            feature,
            libc::SYS_unshare,
            Some(flag),
            libc::EPERM,
        );
    }
}

#[test]
fn mounts_that_are_refused_are_named() {
    for call in [
        libc::SYS_mount,
        libc::SYS_fsopen,
        libc::SYS_move_mount,
        libc::SYS_mount_setattr,
    ] {
        named(Tier::Strict, PrivateMounts, call, None, libc::EPERM);
    }
    named(
        Tier::Strict,
        PrivateMounts,
        libc::SYS_pivot_root,
        None,
        libc::EPERM,
    );
}

#[test]
fn bounds_that_are_missing_are_named_in_both_tiers() {
    for tier in TIERS {
        named(
            tier,
            Landlock,
            libc::SYS_landlock_create_ruleset,
            None,
            libc::ENOSYS,
        );
        named(
            tier,
            Landlock,
            libc::SYS_landlock_restrict_self,
            None,
            libc::EPERM,
        );
        named(tier, CloseRange, libc::SYS_close_range, None, libc::ENOSYS);
        named(tier, Seccomp, libc::SYS_seccomp, None, libc::EPERM);
    }
}

#[test]
fn root_that_cannot_become_somebody_else_is_told() {
    if !rustix::process::geteuid().is_root() {
        // An unprivileged server has nobody to become; the suite as a whole shows that.
        assert_eq!(
            without(libc::SYS_setresuid, None, libc::EPERM, || probe(
                Tier::Confined
            )),
            Ok(())
        );
        return;
    }
    for tier in TIERS {
        named(tier, ChangeUser, libc::SYS_setresuid, None, libc::EPERM);
        named(tier, ChangeUser, libc::SYS_setgroups, None, libc::EPERM);
    }
}

#[test]
fn where_a_container_allows_no_namespace_confined_is_left() {
    without(libc::SYS_unshare, None, libc::EPERM, || {
        assert_eq!(probe(Tier::Strict), Err(vec![UserNamespace]));
        assert_eq!(probe(Tier::Confined), Ok(()));
        let outcome = run(Tier::Confined);
        assert_eq!(outcome.ended().how, How::Exited(0));
        assert_eq!(outcome.stdout, "ran\n");
    });
}

/// A command that starts a helper in a user namespace in which there may be no more namespaces of a
/// kind.
fn limited(kind: &str) -> Command {
    assert!(
        Path::new("/usr/bin/unshare").exists(),
        "run `sudo apt-get install -y util-linux`"
    );
    let mut command = Command::new("unshare");
    let script = "echo 0 > \"/proc/sys/user/max_$1_namespaces\" && \
                  exec -a 'purlin-sandbox: helper' \"$2\"";
    command.args([
        "--user",
        "--map-root-user",
        "bash",
        "-c",
        script,
        "bash",
        kind,
    ]);
    command.arg(std::env::current_exe().unwrap());
    command
}

#[test]
fn limits_of_namespaces_are_named() {
    for (kind, feature) in [
        ("user", UserNamespace),
        ("mnt", MountNamespace),
        ("pid", PidNamespace),
        ("net", NetworkNamespace),
        ("ipc", IpcNamespace),
        ("uts", UtsNamespace),
        ("cgroup", CgroupNamespace),
    ] {
        assert_eq!(
            probe_with(limited(kind), Tier::Strict),
            Err(vec![feature]),
            "{kind}"
        );
        assert_eq!(probe_with(limited(kind), Tier::Confined), Ok(()), "{kind}");
        let outcome = Helper::start_with(limited(kind), &shell(Tier::Strict, "echo ran")).outcome();
        assert_eq!(outcome.ended.unwrap_err().missing, Some(feature), "{kind}");
    }
}

#[test]
fn what_is_no_helper_is_told() {
    for path in ["/nonexistent/helper", "/bin/true", "/bin/cat", "/dev/null"] {
        let probed = probe_with(command_of(Path::new(path)), Tier::Strict);
        assert_eq!(probed, Err(vec![HelperProcess]), "{path}");
    }
}

#[test]
fn the_shipped_helper_does_the_same() {
    let helper = Path::new(env!("CARGO_BIN_EXE_purlin-sandbox"));
    assert_eq!(probe_with(command_of(helper), Tier::Strict), Ok(()));
    let plan = shell(Tier::Strict, "echo ran");
    assert_eq!(
        Helper::start_with(command_of(helper), &plan)
            .outcome()
            .stdout,
        "ran\n"
    );
    // Started by anybody else it says what it is.
    let output = Command::new(helper).output().unwrap();
    assert!(!output.status.success());
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("started by a server")
    );
}

#[test]
fn a_helper_answers_nonsense_by_ending() {
    use std::io::{Read, Write};

    for nonsense in [
        &b""[..],
        b"\0",
        b"\xff\xff\xff\xff",
        b"\0\0\0\x04\0\0\0\0",
        &[0; 64],
    ] {
        let (mut socket, stdin) = purlin_sandbox::socket().unwrap();
        let mut helper = command().stdin(stdin).spawn().unwrap();
        socket.write_all(nonsense).unwrap();
        socket.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        // A connection whose other end had more to read is reset.
        let _ = socket.read_to_end(&mut answer);
        assert_eq!(answer, b"", "{nonsense:?}");
        assert!(!helper.wait().unwrap().success());
    }
}

#[test]
fn a_plan_that_does_not_hold_is_not_carried_out() {
    let mut plan = shell(Tier::Strict, "echo ran");
    plan.files = vec![purlin_sandbox::File::new("../escape", "x")];
    let outcome = Helper::start(&plan).outcome();
    assert_eq!(
        outcome.ended.unwrap_err().stage,
        purlin_sandbox::Stage::Plan
    );
}
