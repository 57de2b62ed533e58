//! Which system calls a payload may make, and why.
//!
//! Everything that is not here fails with `EPERM`: namespaces, mounts, sockets, ptrace, other
//! processes' memory, bpf, io_uring, keys, modules, clocks, memory without a file name, handles of
//! files, `execveat`, ids of users, and what a kernel of tomorrow adds. The one exception is `clone3`,
//! whose flags a filter cannot see: it does not exist (`ENOSYS`), and C libraries use `clone` instead.

use libc::c_long;

use crate::plan::Tier;

use Arguments::{
    Always, EitherIs, FifoMode, Futex, Is, Lacks, NoNamespace, OwnClock, OwnPid, Send, Thread,
    UnixStream,
};

/// Calls that are allowed for the same reason.
pub(super) struct Group {
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "for those who read the table, and its tests")
    )]
    pub(super) reason: &'static str,
    pub(super) tier: Option<Tier>,
    pub(super) calls: &'static [(c_long, Arguments)],
}

/// For which arguments a call is allowed; the others are looked at by nobody.
#[derive(Clone, Copy, Debug)]
pub(super) enum Arguments {
    /// For all.
    Always,
    /// Where the argument at this place has this value.
    Is(u8, u64),
    /// Where the argument at this place has one of these values.
    EitherIs(u8, &'static [u64]),
    /// Where the argument at this place is the mode of a named pipe.
    FifoMode(u8),
    /// Where the flags at place 0 ask for no namespace.
    NoNamespace,
    /// Where the flags at place 0 ask for a thread.
    Thread,
    /// Where the argument at place 0 is the process itself.
    OwnPid,
    /// Where the argument at this place has none of these flags.
    Lacks(u8, u64),
    /// To whom the socket is connected, and not out of the order.
    Send,
    /// Operations that wait and wake, without priorities to be inherited.
    Futex,
    /// Where the clock at place 0 is one for all, or the process's or thread's own.
    OwnClock,
    /// A connected pair that has no name and reaches nobody.
    UnixStream,
}

macro_rules! calls {
    ($($name:ident $(: $arguments:expr)?),* $(,)?) => {
        &[$((libc::$name, calls!(@ $($arguments)?))),*]
    };
    (@) => { Always };
    (@ $arguments:expr) => { $arguments };
}

/// Requests of `ioctl` that ask about a terminal or a pipe, or set flags of a descriptor.
#[allow(
    clippy::unnecessary_cast,
    reason = "their type is another one with musl"
)]
const IOCTLS: &[u64] = &[
    libc::TCGETS as u64,
    libc::TCGETS2 as u64,
    libc::TIOCGWINSZ as u64,
    libc::FIONREAD as u64,
    libc::FIONBIO as u64,
    libc::FIOCLEX as u64,
    libc::FIONCLEX as u64,
];

/// Commands of `fcntl` on descriptors, flags and locks. Those that make the kernel send signals
/// (`F_SETOWN`, `F_SETSIG`) reach processes of the same user and are not among them.
const FCNTLS: &[u64] = &[
    libc::F_DUPFD as u64,
    libc::F_DUPFD_CLOEXEC as u64,
    libc::F_GETFD as u64,
    libc::F_SETFD as u64,
    libc::F_GETFL as u64,
    libc::F_SETFL as u64,
    libc::F_GETLK as u64,
    libc::F_SETLK as u64,
    libc::F_SETLKW as u64,
    libc::F_OFD_GETLK as u64,
    libc::F_OFD_SETLK as u64,
    libc::F_OFD_SETLKW as u64,
    libc::F_GETPIPE_SZ as u64,
    libc::F_GET_SEALS as u64,
];

/// Options of `prctl` that concern the name of a thread alone. `PR_SET_PDEATHSIG` is not one: the
/// payload has to die with its parent.
const PRCTLS: &[u64] = &[libc::PR_SET_NAME as u64, libc::PR_GET_NAME as u64];

/// Codes of `arch_prctl` by which threads find their own data (`ARCH_SET_FS`, `ARCH_GET_FS`).
#[cfg(target_arch = "x86_64")]
const ARCH_PRCTLS: &[u64] = &[0x1002, 0x1003];

/// The number of `fchmodat2` on every architecture, which the C library does not tell on each.
const FCHMODAT2: c_long = 452;

pub(super) const TABLE: &[Group] = &[
    Group {
        reason: "memory of its own; what is mapped from files was opened under Landlock",
        tier: None,
        calls: calls![
            SYS_brk,
            SYS_mmap: Lacks(3, libc::MAP_HUGETLB as u64),
            SYS_munmap,
            SYS_mprotect,
            SYS_mremap,
            SYS_madvise,
            SYS_mincore,
            SYS_msync,
            SYS_membarrier,
        ],
    },
    Group {
        reason: "reading and writing what is open",
        tier: None,
        calls: calls![
            SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_pwrite64, SYS_preadv,
            SYS_pwritev, SYS_preadv2, SYS_pwritev2, SYS_lseek, SYS_close, SYS_close_range, SYS_dup,
            SYS_dup3, SYS_fcntl: EitherIs(1, FCNTLS), SYS_flock, SYS_fsync, SYS_fdatasync, SYS_ftruncate, SYS_fallocate,
            SYS_fadvise64, SYS_copy_file_range, SYS_sendfile, SYS_ioctl: EitherIs(1, IOCTLS),
        ],
    },
    Group {
        reason: "files by name: mount tree and Landlock say which",
        tier: None,
        calls: calls![
            SYS_openat, SYS_newfstatat, SYS_fstat, SYS_statx, SYS_statfs, SYS_fstatfs,
            SYS_faccessat, SYS_faccessat2, SYS_readlinkat, SYS_getdents64, SYS_getcwd, SYS_chdir,
            SYS_fchdir, SYS_umask, SYS_truncate,
             SYS_mkdirat, SYS_unlinkat, SYS_renameat, SYS_renameat2, SYS_linkat, SYS_symlinkat,

             SYS_mknodat: FifoMode(2),
        ],
    },
    Group {
        reason: "waiting, and pipes within the box",
        tier: None,
        calls: calls![
            SYS_ppoll,
            SYS_pselect6,
            SYS_epoll_create1,
            SYS_epoll_ctl,
            SYS_epoll_pwait,
            SYS_epoll_pwait2,
            SYS_eventfd2,
            SYS_pipe2,
            SYS_nanosleep,
        ],
    },
    Group {
        reason: "pairs of sockets without a name, by which event loops of Python and Node wake \
                 themselves and talk to their children; none can be bound, connected or passed on",
        tier: None,
        calls: calls![
            SYS_socketpair: UnixStream, SYS_sendto: Send,
            SYS_recvfrom: Lacks(3, libc::MSG_OOB as u64), SYS_shutdown,
            SYS_getsockname, SYS_getpeername, SYS_getsockopt,
        ],
    },
    Group {
        reason: "clocks that are read, timers of its own",
        tier: None,
        calls: calls![SYS_gettimeofday, SYS_times, SYS_getitimer, SYS_setitimer,],
    },
    Group {
        reason: "threads, their locks and signals",
        tier: None,
        calls: calls![
            SYS_futex: Futex, SYS_futex_waitv, SYS_set_tid_address, SYS_set_robust_list,
             SYS_rseq, SYS_gettid, SYS_sched_yield, SYS_sched_getaffinity,
            SYS_sched_getparam, SYS_sched_getscheduler, SYS_sched_get_priority_max,
            SYS_sched_get_priority_min, SYS_getcpu, SYS_rt_sigaction, SYS_rt_sigprocmask,
            SYS_rt_sigreturn, SYS_rt_sigpending, SYS_rt_sigsuspend, SYS_rt_sigtimedwait,
            SYS_sigaltstack, SYS_restart_syscall, SYS_prctl: EitherIs(0, PRCTLS),
        ],
    },
    Group {
        reason: "its own life; Landlock says what may be run",
        tier: None,
        calls: calls![SYS_execve, SYS_exit, SYS_exit_group, SYS_wait4, SYS_waitid],
    },
    Group {
        reason: "questions about itself and the machine, its own limits, randomness",
        tier: None,
        calls: calls![
            SYS_getpid, SYS_getppid, SYS_getpgid, SYS_getsid, SYS_setsid, SYS_setpgid, SYS_getuid,
            SYS_geteuid, SYS_getgid, SYS_getegid, SYS_getgroups, SYS_getresuid, SYS_getresgid,
            SYS_uname, SYS_sysinfo, SYS_getrusage, SYS_getpriority,
            SYS_prlimit64: Is(0, 0), SYS_getrandom,
        ],
    },
    Group {
        reason: "processes and signals within a pid namespace, from which nobody else is seen",
        tier: Some(Tier::Strict),
        calls: calls![
            SYS_clone: NoNamespace, SYS_kill, SYS_tkill, SYS_tgkill, SYS_rt_sigqueueinfo,
        ],
    },
    Group {
        reason: "clocks, of which those of processes are for processes of the pid namespace",
        tier: Some(Tier::Strict),
        calls: calls![SYS_clock_gettime, SYS_clock_getres, SYS_clock_nanosleep],
    },
    Group {
        reason: "clocks, none of which is that of another process",
        tier: Some(Tier::Confined),
        calls: calls![
            SYS_clock_gettime: OwnClock,
            SYS_clock_getres: OwnClock,
            SYS_clock_nanosleep: OwnClock,
        ],
    },
    Group {
        reason: "modes, times and attributes of files, about which Landlock says nothing: only where \
                 no file of the host can be named but on read-only mounts",
        tier: Some(Tier::Strict),
        calls: calls![
            SYS_fchmod,
            SYS_fchmodat,
            SYS_utimensat,
            SYS_getxattr,
            SYS_lgetxattr,
            SYS_fgetxattr,
            SYS_listxattr,
            SYS_llistxattr,
            SYS_flistxattr,
        ],
    },
    Group {
        reason: "modes of files, as above",
        tier: Some(Tier::Strict),
        calls: &[(FCHMODAT2, Always)],
    },
    Group {
        reason: "one process, whose signals reach itself alone",
        tier: Some(Tier::Confined),
        calls: calls![SYS_clone: Thread, SYS_kill: OwnPid, SYS_tgkill: OwnPid],
    },
    #[cfg(target_arch = "x86_64")]
    Group {
        reason: "older calls for what is allowed above, which only this architecture has",
        tier: None,
        calls: calls![
            SYS_open, SYS_creat, SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_getdents,
            SYS_mkdir, SYS_rmdir, SYS_unlink, SYS_rename,  SYS_link, SYS_symlink,
                SYS_mknod: FifoMode(1), SYS_dup2,
            SYS_pipe, SYS_poll, SYS_select, SYS_epoll_create, SYS_epoll_wait, SYS_eventfd,
            SYS_time, SYS_alarm, SYS_pause, SYS_getrlimit, SYS_setrlimit, SYS_getpgrp, SYS_arch_prctl: EitherIs(0, ARCH_PRCTLS),
        ],
    },
    #[cfg(target_arch = "x86_64")]
    Group {
        reason: "older calls for processes, modes and times, in `Strict` alone like the newer ones",
        tier: Some(Tier::Strict),
        calls: calls![
            SYS_fork,
            SYS_vfork,
            SYS_chmod,
            SYS_utime,
            SYS_utimes,
            SYS_futimesat
        ],
    },
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_call_is_in_a_tier_twice() {
        for tier in [Tier::Strict, Tier::Confined] {
            let groups = TABLE
                .iter()
                .filter(|group| group.tier.is_none_or(|only| only == tier));
            let mut seen = HashSet::new();
            for (number, _) in groups.flat_map(|group| group.calls) {
                assert!(seen.insert(*number), "{number}");
            }
        }
    }

    #[test]
    fn every_group_has_its_reason_and_its_calls() {
        for group in TABLE {
            assert!(!group.reason.is_empty() && !group.calls.is_empty());
        }
    }

    #[test]
    fn what_nobody_may_call_is_in_no_group() {
        let never = [
            libc::SYS_clone3,
            libc::SYS_unshare,
            libc::SYS_setns,
            libc::SYS_socket,
            libc::SYS_connect,
            libc::SYS_bind,
            libc::SYS_accept4,
            libc::SYS_sendmsg,
            libc::SYS_recvmsg,
            libc::SYS_ptrace,
            libc::SYS_process_vm_readv,
            libc::SYS_process_vm_writev,
            libc::SYS_bpf,
            libc::SYS_io_uring_setup,
            libc::SYS_add_key,
            libc::SYS_keyctl,
            libc::SYS_request_key,
            libc::SYS_mount,
            libc::SYS_umount2,
            libc::SYS_fsopen,
            libc::SYS_open_tree,
            libc::SYS_move_mount,
            libc::SYS_mount_setattr,
            libc::SYS_pivot_root,
            libc::SYS_chroot,
            libc::SYS_memfd_create,
            libc::SYS_memfd_secret,
            libc::SYS_execveat,
            libc::SYS_open_by_handle_at,
            libc::SYS_name_to_handle_at,
            libc::SYS_setuid,
            libc::SYS_setresuid,
            libc::SYS_setgroups,
            libc::SYS_capset,
            libc::SYS_personality,
            libc::SYS_userfaultfd,
            libc::SYS_perf_event_open,
            libc::SYS_kcmp,
            libc::SYS_seccomp,
            libc::SYS_landlock_restrict_self,
            libc::SYS_pidfd_getfd,
            libc::SYS_pidfd_open,
            libc::SYS_init_module,
            libc::SYS_finit_module,
            libc::SYS_kexec_load,
            libc::SYS_clock_settime,
            libc::SYS_settimeofday,
            libc::SYS_reboot,
            libc::SYS_swapon,
            libc::SYS_syslog,
            libc::SYS_shmget,
            libc::SYS_msgget,
            libc::SYS_semget,
            libc::SYS_mq_open,
            libc::SYS_io_setup,
            libc::SYS_fanotify_init,
            libc::SYS_vmsplice,
            libc::SYS_splice,
            libc::SYS_tee,
            libc::SYS_setsockopt,
            libc::SYS_sched_setaffinity,
            libc::SYS_timer_create,
        ];
        let calls = TABLE.iter().flat_map(|group| group.calls);
        let calls: HashSet<_> = calls.map(|(number, _)| *number).collect();
        for call in never {
            assert!(!calls.contains(&call), "{call}");
        }
    }
}
