//! What programs cannot do in a box.

use std::os::fd::AsFd;
use std::path::Path;

use purlin_sandbox::{Bind, How, Tier};

use crate::bench::{Helper, TIERS, python, run, shell};

/// Begins scripts that try things and print how each went.
const TRIES: &str = "\
import ctypes, errno, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    ctypes.set_errno(0)
    result = libc.syscall(number, *arguments)
    return 'done' if result >= 0 else errno.errorcode[ctypes.get_errno()]
def trying(name, action):
    try:
        result = action()
        print(name, result if isinstance(result, str) else 'done')
    except OSError as error:
        print(name, errno.errorcode[error.errno])
    except Exception as error:
        print(name, type(error).__name__)
";

/// Runs lines of `trying` and expects each to end in one of these ways.
#[track_caller]
fn refused(tier: Tier, script: &str, ways: &[&str]) {
    let mut plan = python(tier, &format!("{TRIES}{script}\nprint('end')"));
    plan.environment.push(("LC_ALL".into(), "C.UTF-8".into()));
    let outcome = run(&plan);
    let lines: Vec<_> = outcome.stdout.lines().collect();
    assert_eq!(lines.last(), Some(&"end"), "{tier:?}: {outcome:?}");
    for line in &lines[..lines.len() - 1] {
        let way = line.rsplit(' ').next().unwrap();
        assert!(ways.contains(&way), "{tier:?}: {line}");
    }
    assert!(lines.len() > 1);
}

#[test]
fn files_of_the_host_are_neither_read_nor_written() {
    let secret = tempfile::tempdir().unwrap();
    let path = secret.path().join("secret");
    std::fs::write(&path, "canary").unwrap();
    let open: std::fs::Permissions = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    std::fs::set_permissions(secret.path(), open.clone()).unwrap();
    std::fs::set_permissions(&path, open).unwrap();
    let script = format!(
        "
for name in ['{0}', '/etc/passwd', '/etc/shadow', '/proc/self/status', '/proc/1/environ', '/sys/kernel',
             '/dev/mem', '/dev/kmsg', '/dev/sda', '/dev/tty', '/dev/ptmx', '/run', '/var/log', '/root']:
    trying('read ' + name, lambda: open(name).read())
    trying('list ' + name, lambda: os.listdir(name))
for name in ['{0}', '{1}/new', '/usr/new', '/new', '/dev/new', '/etc/new', '/usr/bin/env', '../new']:
    trying('write ' + name, lambda: open(name, 'w'))
    trying('append ' + name, lambda: open(name, 'a'))
    trying('remove ' + name, lambda: os.remove(name))
    trying('directory ' + name, lambda: os.mkdir(name + 'd'))
    trying('rename ' + name, lambda: os.rename('main.py', name + 'x'))
    trying('link ' + name, lambda: os.link('main.py', name + 'x'))
    trying('truncate ' + name, lambda: os.truncate(name, 0))
os.symlink('{0}', 'link')
trying('read by link', lambda: open('link').read())
trying('take in', lambda: os.link('/usr/bin/env', 'env'))",
        path.display(),
        secret.path().display(),
    );
    for tier in TIERS {
        let ways = ["ENOENT", "EACCES", "EROFS", "EPERM", "EXDEV", "ENOTDIR"];
        refused(tier, &script, &ways);
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "canary");
}

#[test]
fn confined_changes_no_mode_time_or_attribute_of_a_file() {
    let script = "
for name in ['main.py', '/usr/bin/env', '/etc/passwd']:
    trying('chmod', lambda: os.chmod(name, 0o777))
    trying('time', lambda: os.utime(name, (0, 0)))
    trying('attribute', lambda: os.getxattr(name, 'user.x'))
    trying('set', lambda: os.setxattr(name, 'user.x', b''))
    trying('owner', lambda: os.chown(name, -1, -1))";
    refused(Tier::Confined, script, &["EPERM"]);
}

#[test]
fn strict_shows_nothing_of_the_host() {
    let script = "
import platform
names = {name for name in os.listdir('/usr')}
print(platform.node(), os.getuid(), os.getpid() < 10, os.path.exists('/etc'), os.path.exists('/proc'))";
    let outcome = run(&python(
        Tier::Strict,
        script
            .replace("\nimport platform", "import os, platform")
            .as_str(),
    ));
    assert_eq!(
        outcome.stdout, "sandbox 1000 True False False\n",
        "{}",
        outcome.stderr
    );
}

#[test]
fn what_is_hidden_is_empty_in_strict() {
    let shown = tempfile::tempdir().unwrap();
    let open: std::fs::Permissions = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    for name in ["packages", "others"] {
        std::fs::create_dir(shown.path().join(name)).unwrap();
        std::fs::write(shown.path().join(name).join("file"), "x").unwrap();
        std::fs::set_permissions(shown.path().join(name), open.clone()).unwrap();
    }
    std::fs::set_permissions(shown.path(), open).unwrap();
    // In the box this leads into the box.
    std::os::unix::fs::symlink("/shown/others", shown.path().join("link")).unwrap();
    let mut plan = shell(
        Tier::Strict,
        "cd /shown; echo packages/* others/*; touch others/x",
    );
    plan.read_only.push(Bind::new(shown.path(), "/shown"));
    plan.hidden = vec!["/shown/link".into()];
    let outcome = run(&plan);
    assert_eq!(
        outcome.stdout, "packages/file others/*\n",
        "{}",
        outcome.stderr
    );
    assert!(shown.path().join("others/file").exists());
    assert!(!shown.path().join("others/x").exists());
}

#[test]
fn no_network_no_sockets_with_names() {
    let script = "
for family in [socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK, socket.AF_PACKET, 40]:
    for kind in [socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET]:
        trying(f'socket {family} {kind}', lambda: socket.socket(family, kind))
trying('pair of datagrams', lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM))
pair = socket.socketpair()
trying('connect', lambda: pair[0].connect('\\0abstract'))
trying('bind', lambda: pair[0].bind('\\0abstract'))
trying('address', lambda: pair[0].sendto(b'x', '\\0abstract'))
trying('descriptor', lambda: socket.send_fds(pair[0], [b'x'], [0]))
trying('option', lambda: pair[0].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1))";
    for tier in TIERS {
        refused(tier, script, &["EPERM"]);
    }
}

#[test]
fn dangerous_calls_are_refused() {
    let calls = [
        ("unshare", libc::SYS_unshare),
        ("setns", libc::SYS_setns),
        ("ptrace", libc::SYS_ptrace),
        ("process_vm_readv", libc::SYS_process_vm_readv),
        ("bpf", libc::SYS_bpf),
        ("io_uring_setup", libc::SYS_io_uring_setup),
        ("add_key", libc::SYS_add_key),
        ("keyctl", libc::SYS_keyctl),
        ("mount", libc::SYS_mount),
        ("umount2", libc::SYS_umount2),
        ("fsopen", libc::SYS_fsopen),
        ("open_tree", libc::SYS_open_tree),
        ("pivot_root", libc::SYS_pivot_root),
        ("chroot", libc::SYS_chroot),
        ("memfd_create", libc::SYS_memfd_create),
        ("execveat", libc::SYS_execveat),
        ("open_by_handle_at", libc::SYS_open_by_handle_at),
        ("setuid", libc::SYS_setuid),
        ("setgroups", libc::SYS_setgroups),
        ("capset", libc::SYS_capset),
        ("personality", libc::SYS_personality),
        ("userfaultfd", libc::SYS_userfaultfd),
        ("perf_event_open", libc::SYS_perf_event_open),
        ("seccomp", libc::SYS_seccomp),
        ("pidfd_open", libc::SYS_pidfd_open),
        ("init_module", libc::SYS_init_module),
        ("kexec_load", libc::SYS_kexec_load),
        ("clock_settime", libc::SYS_clock_settime),
        ("reboot", libc::SYS_reboot),
        ("swapon", libc::SYS_swapon),
        ("syslog", libc::SYS_syslog),
        ("shmget", libc::SYS_shmget),
        ("mq_open", libc::SYS_mq_open),
        ("splice", libc::SYS_splice),
        ("fanotify_init", libc::SYS_fanotify_init),
        ("sched_setaffinity", libc::SYS_sched_setaffinity),
        ("of tomorrow", 1023),
        ("of x32", 0x4000_0000 + libc::SYS_getpid),
    ];
    let lines =
        calls.map(|(name, number)| format!("trying('{name}', lambda: call({number}, 0, 0, 0, 0))"));
    for tier in TIERS {
        refused(tier, &lines.join("\n"), &["EPERM"]);
        let script = format!("trying('clone3', lambda: call({}, 0, 0))", libc::SYS_clone3);
        refused(tier, &script, &["ENOSYS"]);
    }
}

#[test]
fn calls_are_refused_by_their_arguments() {
    let new_user = libc::CLONE_NEWUSER | libc::SIGCHLD;
    let new_network = libc::CLONE_NEWNET | libc::SIGCHLD;
    let script = format!(
        "
import fcntl, resource, signal, termios
trying('user namespace', lambda: call({clone}, {new_user}, 0, 0, 0, 0))
trying('network namespace', lambda: call({clone}, {new_network}, 0, 0, 0, 0))
trying('device', lambda: os.mknod('device', 0o20666, os.makedev(1, 3)))
trying('type', lambda: fcntl.ioctl(0, termios.TIOCSTI, b'x'))
trying('owner of signals', lambda: fcntl.fcntl(0, fcntl.F_SETOWN, 1))
trying('death signal', lambda: call({prctl}, {death}, 0, 0, 0, 0))
trying('dumpable', lambda: call({prctl}, {dumpable}, 1, 0, 0, 0))
trying('limits of others', lambda: resource.prlimit(1, resource.RLIMIT_CPU))",
        clone = libc::SYS_clone,
        prctl = libc::SYS_prctl,
        death = libc::PR_SET_PDEATHSIG,
        dumpable = libc::PR_SET_DUMPABLE,
    );
    for tier in TIERS {
        refused(tier, &script, &["EPERM", "PermissionError"]);
    }
}

#[test]
fn confined_makes_no_process_and_signals_nobody() {
    let script = "
import signal, subprocess
trying('fork', os.fork)
trying('child', lambda: subprocess.run(['/bin/true']))
trying('spawn', lambda: os.posix_spawn('/bin/true', ['true'], {}))
for target in [1, 0, -1, os.getppid(), -os.getpid()]:
    trying(f'signal {target}', lambda: os.kill(target, 0))";
    refused(Tier::Confined, script, &["EPERM"]);
}

#[test]
fn nothing_is_run_but_what_the_plan_names() {
    let script = "
import shutil
shutil.copyfile('/usr/bin/env', 'env')
for name in ['env', './main.py', '/usr/lib/x', '/usr/sbin/nologin']:
    trying(name, lambda: os.execv(name, [name]))";
    for tier in TIERS {
        refused(tier, script, &["EACCES", "ENOENT"]);
    }
    // Nor by way of the loader, which may be run: the file system of the work directory says no.
    let script = "cp /usr/bin/env e; for ld in /lib64/ld-linux-x86-64.so.2 /lib/ld-linux-aarch64.so.1; do \
                  $ld ./e && echo ran; done";
    let outcome = run(&shell(Tier::Strict, script));
    assert_eq!(outcome.stdout, "", "{}", outcome.stderr);
}

#[test]
fn set_uid_programs_bring_nothing() {
    let script = "grep -c . /usr/bin/su; su -c id; sudo id; passwd root; id -u";
    let outcome = run(&shell(Tier::Strict, script));
    assert_eq!(
        outcome.stdout.lines().last(),
        Some("1000"),
        "{}",
        outcome.stderr
    );
    assert!(!outcome.stdout.contains("uid=0"));
}

#[test]
fn descriptors_of_the_server_are_closed() {
    let secret = tempfile::tempfile().unwrap();
    // Not closed by `execve`, as descriptors of a careless server.
    rustix::io::fcntl_setfd(secret.as_fd(), rustix::io::FdFlags::empty()).unwrap();
    let script = "
found = []
for number in range(3, 1024):
    try: os.fstat(number); found.append(number)
    except OSError: pass
print(found)";
    for tier in TIERS {
        // The one that is open is that of the file which is run.
        let outcome = run(&python(tier, &format!("import os{script}")));
        assert_eq!(outcome.stdout, "[]\n", "{tier:?}: {}", outcome.stderr);
    }
}

#[test]
fn a_fork_bomb_stays_small() {
    let mut plan = shell(Tier::Strict, "b() { b | b & b | b & }; b; sleep 5");
    plan.limits.wall = std::time::Duration::from_secs(2);
    let outcome = run(&plan);
    assert!(outcome.ended.is_ok());
    let script = "
import time
count = 0
try:
    while os.fork() != 0: count += 1
    time.sleep(100)
except OSError: print(count)";
    let mut plan = python(Tier::Strict, &format!("import os{script}"));
    plan.limits.processes = 8;
    let outcome = run(&plan);
    assert_eq!(outcome.stdout, "7\n", "{}", outcome.stderr);
}

#[test]
fn threads_are_counted() {
    let script = "import threading, time
count = 0
try:
    while True:
        threading.Thread(target=time.sleep, args=(100,), daemon=True).start(); count += 1
except RuntimeError: print(count, flush=True)
import os; os._exit(0)";
    let mut plan = python(Tier::Strict, script);
    plan.limits.processes = 8;
    assert_eq!(run(&plan).stdout, "7\n");
    let mut plan = python(Tier::Confined, script);
    plan.limits.processes = 8;
    let outcome = run(&plan);
    let ended = outcome.ended().how;
    assert!(
        matches!(ended, How::Killed(9) | How::Exited(0)),
        "{ended:?}"
    );
}

#[test]
fn memory_of_one_process_is_limited() {
    for tier in TIERS {
        let mut plan = python(
            tier,
            "try:\n    bytearray(300_000_000)\nexcept MemoryError: print('no more')",
        );
        plan.limits.memory = 200 << 20;
        assert_eq!(run(&plan).stdout, "no more\n", "{tier:?}");
    }
}

#[test]
fn memory_that_counts_for_nobody_is_seen_without_a_control_group() {
    for tier in TIERS {
        let script = "import mmap, time
m = mmap.mmap(-1, 400 << 20)
for place in range(0, len(m), 4096): m[place] = 1
time.sleep(100)";
        let mut plan = python(tier, script);
        plan.limits.memory = 200 << 20;
        assert_eq!(run(&plan).ended().how, How::Memory, "{tier:?}");
    }
    // Several processes, each within the limit of one.
    let script = "import os, time
for _ in range(4): os.fork()
memory = bytearray(50 << 20)
time.sleep(100)";
    let mut plan = python(Tier::Strict, script);
    plan.limits.memory = 200 << 20;
    plan.limits.processes = 32;
    assert_eq!(run(&plan).ended().how, How::Memory);
}

#[test]
fn the_disk_is_limited() {
    let script = "import errno
try:
    for n in range(1000):
        with open(str(n), 'wb') as file: file.write(bytes(1 << 20))
except OSError as error: print(n < 5, errno.errorcode[error.errno])
";
    let mut plan = python(Tier::Strict, script);
    plan.limits.work_bytes = 4 << 20;
    assert_eq!(run(&plan).stdout, "True ENOSPC\n");
    let files = script
        .replace("bytes(1 << 20)", "b''")
        .replace("n < 5", "n < 50");
    let mut plan = python(Tier::Strict, &files);
    plan.limits.work_inodes = 40;
    assert_eq!(run(&plan).stdout, "True ENOSPC\n");
    for tier in TIERS {
        let mut plan = python(
            tier,
            "try: open('x', 'wb').write(bytes(1 << 20))\nexcept OSError as e: print(e.errno)",
        );
        plan.limits.file = 1 << 16;
        assert_eq!(run(&plan).stdout, "27\n", "{tier:?}");
    }
}

#[test]
fn confined_is_ended_for_too_much_on_the_disk() {
    for script in [
        "n = 0\nwhile True:\n    open(str(n), 'wb').write(bytes(1 << 20)); n += 1",
        "n = 0\nwhile True:\n    open('../tmp/' + str(n), 'w').close(); n += 1",
        "import os\nwhile True:\n    os.mkdir('d'); os.chdir('d')",
        "import os, time\nos.mkdir('d', 0o300)\ntime.sleep(100)",
    ] {
        let mut plan = python(Tier::Confined, script);
        plan.limits.work_bytes = 64 << 20;
        plan.limits.work_inodes = 1000;
        assert_eq!(run(&plan).ended().how, How::Disk, "{script}");
    }
}

#[test]
fn two_runs_at_once_do_not_see_each_other() {
    for tier in TIERS {
        let plan = shell(tier, "echo one > one; read line < one; echo $line; echo *");
        let helpers = [Helper::start(&plan), Helper::start(&plan)];
        for helper in helpers {
            assert_eq!(helper.outcome().stdout, "one\none\n", "{tier:?}");
        }
    }
    assert!(Path::new("/usr").exists());
}
