//! System calls that are dangerous, by number.

use std::fmt::Write as _;

use crate::jail::in_each_tier;

const EPERM: &str = "EPERM";

/// The calls with arguments that would do something, and how each fails.
const DANGEROUS: &[(&str, i64, &str, &str)] = &[
    // There is no such thing, so that C libraries take `clone`, whose flags can be judged.
    ("clone3", libc::SYS_clone3, "words, 88", "ENOSYS"),
    (
        "clone, user namespace",
        libc::SYS_clone,
        "0x10000000 | 17, 0, 0, 0, 0",
        EPERM,
    ),
    (
        "clone, pid namespace",
        libc::SYS_clone,
        "0x20000000 | 17, 0, 0, 0, 0",
        EPERM,
    ),
    (
        "clone, mount namespace",
        libc::SYS_clone,
        "0x00020000 | 17, 0, 0, 0, 0",
        EPERM,
    ),
    ("unshare", libc::SYS_unshare, "0x10000000", EPERM),
    ("setns", libc::SYS_setns, "0, 0", EPERM),
    (
        "mount",
        libc::SYS_mount,
        "b'none', b'/tmp', b'tmpfs', 0, None",
        EPERM,
    ),
    ("umount2", libc::SYS_umount2, "b'/tmp', 2", EPERM),
    ("pivot_root", libc::SYS_pivot_root, "b'.', b'.'", EPERM),
    ("chroot", libc::SYS_chroot, "b'.'", EPERM),
    ("fsopen", libc::SYS_fsopen, "b'tmpfs', 0", EPERM),
    ("open_tree", libc::SYS_open_tree, "-100, b'/', 1", EPERM),
    (
        "move_mount",
        libc::SYS_move_mount,
        "-100, b'/tmp', -100, b'/work', 0",
        EPERM,
    ),
    (
        "mount_setattr",
        libc::SYS_mount_setattr,
        "-100, b'/', 0, words, 32",
        EPERM,
    ),
    ("ptrace", libc::SYS_ptrace, "0, 0, 0, 0", EPERM),
    (
        "process_vm_readv",
        libc::SYS_process_vm_readv,
        "os.getpid(), words, 1, words, 1, 0",
        EPERM,
    ),
    (
        "process_vm_writev",
        libc::SYS_process_vm_writev,
        "os.getpid(), words, 1, words, 1, 0",
        EPERM,
    ),
    (
        "process_madvise",
        libc::SYS_process_madvise,
        "0, words, 1, 8, 0",
        EPERM,
    ),
    ("pidfd_open", libc::SYS_pidfd_open, "os.getpid(), 0", EPERM),
    ("pidfd_getfd", libc::SYS_pidfd_getfd, "0, 0, 0", EPERM),
    (
        "pidfd_send_signal",
        libc::SYS_pidfd_send_signal,
        "0, 0, None, 0",
        EPERM,
    ),
    (
        "kcmp",
        libc::SYS_kcmp,
        "os.getpid(), os.getppid(), 0, 0, 0",
        EPERM,
    ),
    ("bpf", libc::SYS_bpf, "0, words, 120", EPERM),
    (
        "perf_event_open",
        libc::SYS_perf_event_open,
        "words, 0, -1, -1, 0",
        EPERM,
    ),
    ("userfaultfd", libc::SYS_userfaultfd, "1", EPERM),
    (
        "io_uring_setup",
        libc::SYS_io_uring_setup,
        "1, words",
        EPERM,
    ),
    (
        "io_uring_enter",
        libc::SYS_io_uring_enter,
        "0, 0, 0, 0, None, 0",
        EPERM,
    ),
    ("io_setup", libc::SYS_io_setup, "1, words", EPERM),
    ("keyctl", libc::SYS_keyctl, "0, -3, 0, 0, 0", EPERM),
    (
        "add_key",
        libc::SYS_add_key,
        "b'user', b'x', b'x', 1, -2",
        EPERM,
    ),
    (
        "request_key",
        libc::SYS_request_key,
        "b'user', b'x', None, 0",
        EPERM,
    ),
    ("memfd_create", libc::SYS_memfd_create, "b'x', 0", EPERM),
    ("memfd_secret", libc::SYS_memfd_secret, "0", EPERM),
    (
        "execveat",
        libc::SYS_execveat,
        "-100, b'/bin/true', words, words, 0",
        EPERM,
    ),
    ("kexec_load", libc::SYS_kexec_load, "0, 0, words, 0", EPERM),
    ("init_module", libc::SYS_init_module, "b'x', 1, b''", EPERM),
    ("finit_module", libc::SYS_finit_module, "0, b'', 0", EPERM),
    ("delete_module", libc::SYS_delete_module, "b'x', 0", EPERM),
    (
        "open_by_handle_at",
        libc::SYS_open_by_handle_at,
        "-100, words, 0",
        EPERM,
    ),
    (
        "name_to_handle_at",
        libc::SYS_name_to_handle_at,
        "-100, b'.', words, words, 0",
        EPERM,
    ),
    ("personality", libc::SYS_personality, "0x0040000", EPERM),
    ("socket", libc::SYS_socket, "2, 1, 0", EPERM),
    ("bind", libc::SYS_bind, "0, words, 16", EPERM),
    ("connect", libc::SYS_connect, "0, words, 16", EPERM),
    ("listen", libc::SYS_listen, "0, 1", EPERM),
    ("accept4", libc::SYS_accept4, "0, None, None, 0", EPERM),
    ("sendmsg", libc::SYS_sendmsg, "0, words, 0", EPERM),
    ("recvmsg", libc::SYS_recvmsg, "0, words, 0", EPERM),
    (
        "setsockopt",
        libc::SYS_setsockopt,
        "0, 1, 2, words, 4",
        EPERM,
    ),
    (
        "socketpair, not of streams",
        libc::SYS_socketpair,
        "1, 2, 0, words",
        EPERM,
    ),
    (
        "sendto, out of band",
        libc::SYS_sendto,
        "0, b'x', 1, 1, None, 0",
        EPERM,
    ),
    (
        "sendto, with an address",
        libc::SYS_sendto,
        "0, b'x', 1, 0, words, 16",
        EPERM,
    ),
    (
        "recvfrom, out of band",
        libc::SYS_recvfrom,
        "0, words, 1, 1, None, None",
        EPERM,
    ),
    (
        "timer_create",
        libc::SYS_timer_create,
        "0, None, words",
        EPERM,
    ),
    (
        "futex, priorities",
        libc::SYS_futex,
        "words, 6 | 128, 0, None, None, 0",
        EPERM,
    ),
    (
        "mmap, huge pages",
        libc::SYS_mmap,
        "0, 2 << 20, 3, 0x40022, -1, 0",
        EPERM,
    ),
    ("quotactl", libc::SYS_quotactl, "0, None, 0, None", EPERM),
    ("swapon", libc::SYS_swapon, "b'x', 0", EPERM),
    ("swapoff", libc::SYS_swapoff, "b'x'", EPERM),
    (
        "reboot",
        libc::SYS_reboot,
        "0xfee1dead, 672274793, 0, None",
        EPERM,
    ),
    ("syslog", libc::SYS_syslog, "3, words, 8", EPERM),
    ("acct", libc::SYS_acct, "None", EPERM),
    ("sethostname", libc::SYS_sethostname, "b'x', 1", EPERM),
    ("setdomainname", libc::SYS_setdomainname, "b'x', 1", EPERM),
    ("vhangup", libc::SYS_vhangup, "", EPERM),
    ("ioctl, TIOCSTI", libc::SYS_ioctl, "0, 0x5412, b'x'", EPERM),
    ("setuid", libc::SYS_setuid, "0", EPERM),
    ("setgid", libc::SYS_setgid, "0", EPERM),
    ("setresuid", libc::SYS_setresuid, "0, 0, 0", EPERM),
    ("setgroups", libc::SYS_setgroups, "0, None", EPERM),
    ("setfsuid", libc::SYS_setfsuid, "0", EPERM),
    ("capset", libc::SYS_capset, "words, words", EPERM),
    (
        "prctl, parent's death",
        libc::SYS_prctl,
        "1, 0, 0, 0, 0",
        EPERM,
    ),
    ("prctl, dumpable", libc::SYS_prctl, "4, 1, 0, 0, 0", EPERM),
    ("prctl, subreaper", libc::SYS_prctl, "36, 1, 0, 0, 0", EPERM),
    ("prctl, seccomp", libc::SYS_prctl, "22, 1, 0, 0, 0", EPERM),
    (
        "prctl, ptracer",
        libc::SYS_prctl,
        "0x59616d61, -1, 0, 0, 0",
        EPERM,
    ),
    ("seccomp", libc::SYS_seccomp, "1, 0, words", EPERM),
    (
        "landlock_create_ruleset",
        libc::SYS_landlock_create_ruleset,
        "words, 8, 0",
        EPERM,
    ),
    (
        "landlock_restrict_self",
        libc::SYS_landlock_restrict_self,
        "0, 0",
        EPERM,
    ),
    ("clock_settime", libc::SYS_clock_settime, "0, words", EPERM),
    ("settimeofday", libc::SYS_settimeofday, "words, None", EPERM),
    ("setpriority", libc::SYS_setpriority, "0, 0, 19", EPERM),
    (
        "sched_setscheduler",
        libc::SYS_sched_setscheduler,
        "0, 0, words",
        EPERM,
    ),
    ("ioprio_set", libc::SYS_ioprio_set, "1, 0, 0", EPERM),
    ("mlock", libc::SYS_mlock, "words, 8", EPERM),
    ("mlockall", libc::SYS_mlockall, "1", EPERM),
    ("mbind", libc::SYS_mbind, "words, 8, 0, None, 0, 0", EPERM),
    (
        "move_pages",
        libc::SYS_move_pages,
        "0, 0, None, None, None, 0",
        EPERM,
    ),
    (
        "migrate_pages",
        libc::SYS_migrate_pages,
        "0, 0, None, None",
        EPERM,
    ),
    (
        "lookup_dcookie",
        libc::SYS_lookup_dcookie,
        "0, words, 8",
        EPERM,
    ),
    ("fanotify_init", libc::SYS_fanotify_init, "0, 0", EPERM),
    ("inotify_init1", libc::SYS_inotify_init1, "0", EPERM),
    ("signalfd4", libc::SYS_signalfd4, "-1, words, 8, 0", EPERM),
    ("vmsplice", libc::SYS_vmsplice, "1, words, 1, 0", EPERM),
    ("splice", libc::SYS_splice, "0, None, 1, None, 1, 0", EPERM),
    ("tee", libc::SYS_tee, "0, 1, 1, 0", EPERM),
    ("openat2", libc::SYS_openat2, "-100, b'.', words, 24", EPERM),
    ("fchown", libc::SYS_fchown, "1, 0, 0", EPERM),
    ("fchownat", libc::SYS_fchownat, "-100, b'.', 0, 0, 0", EPERM),
    (
        "setxattr",
        libc::SYS_setxattr,
        "b'.', b'user.x', b'x', 1, 0",
        EPERM,
    ),
    ("shmget", libc::SYS_shmget, "0, 4096, 0o1600", EPERM),
    ("msgget", libc::SYS_msgget, "0, 0o1600", EPERM),
    ("semget", libc::SYS_semget, "0, 1, 0o1600", EPERM),
    (
        "mq_open",
        libc::SYS_mq_open,
        "b'x', 0o102, 0o600, None",
        EPERM,
    ),
];

#[test]
fn dangerous_system_calls_fail() {
    in_each_tier(async |jail| {
        let mut attack = "words = (ctypes.c_long * 64)()\n".to_owned();
        for (name, number, arguments, _) in DANGEROUS {
            writeln!(attack, "say({name:?}, call(*({number}, {arguments})))").unwrap();
        }
        let said = jail.says(&attack).await;
        for (line, (name, _, _, errno)) in said.lines().zip(DANGEROUS) {
            assert_eq!(line, format!("{name} {errno}"), "{}", jail.tier);
        }
        assert_eq!(said.lines().count(), DANGEROUS.len());
    });
}

/// What kernels of tomorrow add is refused too.
#[test]
fn system_calls_that_nobody_knows_yet_fail() {
    in_each_tier(async |jail| {
        let said = jail
            .says("say({call(number, 0, 0, 0, 0, 0, 0) for number in range(463, 2000)})")
            .await;
        assert_eq!(said, "{'EPERM'}\n");
    });
}

/// A filter that looks at numbers alone is got around with those of another architecture.
#[cfg(target_arch = "x86_64")]
#[test]
fn numbers_of_another_architecture_do_not_get_around_the_filter() {
    in_each_tier(async |jail| {
        // x32: the same numbers with another bit.
        let said = jail
            .says("say({call(0x4000_0000 | number, 0, 0, 0, 0, 0, 0) for number in range(0, 600)})")
            .await;
        assert_eq!(said, "{'EPERM'}\n");
        // The gate of 32 bits: `mov eax, 20; int 0x80; ret`, which is `getpid` there.
        let gate = "
import mmap
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(b'\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3')
code = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
say('before')
say(code())
";
        assert_eq!(jail.ends(gate).await, ("killed", "before\n".to_owned()));
    });
}
