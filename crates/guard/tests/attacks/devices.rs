//! `/proc`, `/sys`, devices, terminals, clocks.

use crate::jail::in_each_tier;

#[test]
fn proc_and_sys_show_nothing() {
    in_each_tier(async |jail| {
        let server = std::process::id();
        let said = jail
            .says(&format!(
                "
for path in ['/proc/self/environ', '/proc/self/mem', '/proc/self/maps', '/proc/cpuinfo', '/proc/kcore',
             '/proc/{server}/environ', '/proc/{server}/mem', '/proc/{server}/maps', '/proc/{server}/cmdline',
             '/proc/1/environ', '/proc/sys/kernel/hostname', '/proc/keys', '/proc/mounts',
             '/sys/kernel/notes', '/sys/fs/cgroup/cgroup.procs']:
    say(attempt(read, path))
for path in '/proc', '/proc/self/fd', '/proc/{server}/fd', '/proc/{server}/root', '/proc/{server}/cwd', '/sys':
    say(attempt(os.listdir, path))
for path in '/proc/{server}/root/etc/passwd', '/proc/{server}/cwd/Cargo.toml', '/proc/1/root/etc/passwd':
    say(attempt(read, path))
"
            ))
            .await;
        let refused = ["ENOENT", "EACCES"];
        assert!(said.lines().all(|it| refused.contains(&it)), "{said}");
        assert_eq!(said.lines().count(), 24, "{said}");
        let all = jail.or("ENOENT", "EACCES");
        assert_eq!(said.lines().next(), Some(all));
    });
}

#[test]
fn there_are_three_devices_and_no_others() {
    in_each_tier(async |jail| {
        let said = jail
            .says(
                "
write('/dev/null')
say(len(read('/dev/null')))
with open('/dev/zero', 'rb') as zero: say(zero.read(2))
with open('/dev/urandom', 'rb') as random: say(len(random.read(2)))
for name in ['mem', 'kmem', 'port', 'kmsg', 'tty', 'ptmx', 'pts/0', 'console', 'tty0', 'vda', 'sda', 'loop-control',
             'fuse', 'kvm', 'net/tun', 'vhost-vsock', 'uinput', 'random', 'full', 'shm']:
    say(attempt(os.open, '/dev/' + name, os.O_RDWR))
",
            )
            .await;
        let (allowed, refused) = said.split_at(said.find("2\n").unwrap() + 2);
        assert_eq!(allowed, "0\nb'\\x00\\x00'\n2\n");
        let no = ["ENOENT", "EACCES", "ENOTDIR", "EISDIR"];
        assert!(refused.lines().all(|it| no.contains(&it)), "{refused}");
        assert_eq!(refused.lines().count(), 20);
    });
}

#[test]
fn devices_cannot_be_made() {
    in_each_tier(async |jail| {
        let said = jail
            .says(
                "
for kind in stat.S_IFCHR, stat.S_IFBLK:
    for number in os.makedev(1, 1), os.makedev(1, 3), os.makedev(254, 0):
        say(attempt(os.mknod, 'device', kind | 0o666, number), attempt(os.mknod, '/tmp/device', kind | 0o666, number))
say(attempt(os.mknod, 'device', stat.S_IFSOCK | 0o666))
",
            )
            .await;
        assert_eq!(said, format!("{}EPERM\n", "EPERM EPERM\n".repeat(6)));
    });
}

#[test]
fn there_is_no_terminal_to_type_into() {
    in_each_tier(async |jail| {
        let said = jail
            .says(
                "
import fcntl
TIOCSTI, TIOCLINUX, TIOCSCTTY, TIOCNOTTY = 0x5412, 0x541C, 0x540E, 0x5422
for request in TIOCSTI, TIOCLINUX, TIOCSCTTY, TIOCNOTTY, 0x1_0000_5412:
    for descriptor in 0, 1, 2:
        say(call({ioctl}, descriptor, request, b'x'))
say(attempt(os.open, '/dev/tty', os.O_RDWR) in ('ENOENT', 'EACCES', 'ENXIO'))
say(os.getsid(0) == os.getpid())
"
                .replace("{ioctl}", &libc::SYS_ioctl.to_string())
                .as_str(),
            )
            .await;
        assert_eq!(said, format!("{}True\nTrue\n", "EPERM\n".repeat(15)));
    });
}

#[test]
fn clocks_cannot_be_set() {
    in_each_tier(async |jail| {
        let said = jail
            .says(&format!(
                "
words = (ctypes.c_long * 64)()
say(attempt(time.clock_settime, time.CLOCK_REALTIME, 0))
say(call({}, ctypes.byref(words), 0))
say(call({}, ctypes.byref(words)))
say(call({}, 0, ctypes.byref(words)))
",
                libc::SYS_settimeofday,
                libc::SYS_adjtimex,
                libc::SYS_clock_adjtime,
            ))
            .await;
        assert_eq!(said, "EPERM\n".repeat(4));
    });
}

/// The time that another process has used tells what it does.
#[test]
fn clocks_of_other_processes_cannot_be_read() {
    in_each_tier(async |jail| {
        let host = std::process::id();
        let said = jail
            .says(&format!(
                "
say(attempt(time.clock_gettime, (~{host} << 3) | 2), attempt(time.clock_getres, (~{host} << 3) | 2))
say(time.process_time() > 0, time.thread_time() > 0, time.monotonic() > 0, time.time() > 0)
say(attempt(time.clock_gettime, -6), attempt(time.clock_gettime, time.CLOCK_TAI))
time.sleep(0.001)
"
            ))
            .await;
        let others = jail.or("EINVAL EINVAL", "EPERM EPERM");
        assert_eq!(said, format!("{others}\nTrue True True True\ndone done\n"));
    });
}

/// Nothing may be more important than the server.
#[test]
fn priorities_cannot_be_raised() {
    in_each_tier(async |jail| {
        let said = jail
            .says(&format!(
                "
say(attempt(os.nice, -5))
say(attempt(os.setpriority, os.PRIO_PROCESS, 0, -1))
say(attempt(os.setpriority, os.PRIO_USER, os.getuid(), 19))
say(attempt(os.sched_setscheduler, 0, os.SCHED_FIFO, os.sched_param(50)))
say(attempt(os.sched_setaffinity, 0, [0]))
say(call({}, 1, 0, 1 << 13))
",
                libc::SYS_ioprio_set
            ))
            .await;
        assert_eq!(said, "EPERM\n".repeat(6));
    });
}

#[test]
fn limits_cannot_be_raised_and_no_core_is_dumped() {
    in_each_tier(async |jail| {
        let said = jail
            .says(
                "
import resource
for name in 'CPU', 'DATA', 'NPROC', 'FSIZE', 'NOFILE', 'MEMLOCK', 'CORE', 'MSGQUEUE':
    limit = getattr(resource, 'RLIMIT_' + name, 12)
    try:
        resource.setrlimit(limit, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        say(name, 'raised')
    except (OSError, ValueError):
        pass
say(resource.getrlimit(resource.RLIMIT_CORE), resource.getrlimit(resource.RLIMIT_MEMLOCK))
say(call({prlimit}, {server}, 7, None, b' ' * 16))
"
                .replace("{prlimit}", &libc::SYS_prlimit64.to_string())
                .replace("{server}", &std::process::id().to_string())
                .as_str(),
            )
            .await;
        assert_eq!(said, "(0, 0) (0, 0)\nEPERM\n");
        let (how, _) = jail.ends("os.abort()").await;
        assert_eq!(how, "killed");
    });
}
