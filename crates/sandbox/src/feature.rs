//! What of the system a box is made of, for those who have to provide it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Something that a [`Tier`](crate::Tier) needs and the system may lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Feature {
    /// Linux on x86_64 or aarch64.
    Linux,
    /// A helper process that starts and answers.
    Helper,
    /// User namespaces.
    UserNamespace,
    /// Mount namespaces.
    MountNamespace,
    /// Namespaces of processes.
    PidNamespace,
    /// Network namespaces.
    NetworkNamespace,
    /// Namespaces of System V and POSIX message queues.
    IpcNamespace,
    /// Namespaces of the host's name.
    UtsNamespace,
    /// Namespaces of control groups.
    CgroupNamespace,
    /// Mounts inside of such namespaces: tmpfs, binds, another root.
    PrivateMounts,
    /// Landlock from its fourth ABI on.
    Landlock,
    /// Filters of system calls.
    Seccomp,
    /// Closing all descriptors at once.
    CloseRange,
    /// Giving up root for an unprivileged user.
    ChangeUser,
}

impl Feature {
    /// The name in errors, logs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linux => "linux",
            Self::Helper => "helper",
            Self::UserNamespace => "user_namespace",
            Self::MountNamespace => "mount_namespace",
            Self::PidNamespace => "pid_namespace",
            Self::NetworkNamespace => "network_namespace",
            Self::IpcNamespace => "ipc_namespace",
            Self::UtsNamespace => "uts_namespace",
            Self::CgroupNamespace => "cgroup_namespace",
            Self::PrivateMounts => "private_mounts",
            Self::Landlock => "landlock",
            Self::Seccomp => "seccomp",
            Self::CloseRange => "close_range",
            Self::ChangeUser => "change_user",
        }
    }

    /// What to do to have it.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Linux => "run on Linux, on x86_64 or aarch64",
            Self::Helper => {
                "let the program start itself: `/proc` has to be mounted, and the program must not be set-uid; \
                 or name the shipped helper `purlin-sandbox`"
            }
            Self::UserNamespace => {
                "allow user namespaces: `user.max_user_namespaces` above 0, `kernel.unprivileged_userns_clone=1`, \
                 `kernel.apparmor_restrict_unprivileged_userns=0` or a profile, and in a container a seccomp \
                 profile that lets `unshare` through"
            }
            Self::MountNamespace => {
                "raise `user.max_mnt_namespaces`, and let `unshare` through in a container"
            }
            Self::PidNamespace => {
                "raise `user.max_pid_namespaces`, and let `unshare` through in a container"
            }
            Self::NetworkNamespace => {
                "raise `user.max_net_namespaces`, and let `unshare` through in a container"
            }
            Self::IpcNamespace => {
                "raise `user.max_ipc_namespaces`, and let `unshare` through in a container"
            }
            Self::UtsNamespace => {
                "raise `user.max_uts_namespaces`, and let `unshare` through in a container"
            }
            Self::CgroupNamespace => {
                "raise `user.max_cgroup_namespaces`, and let `unshare` through in a container"
            }
            Self::PrivateMounts => {
                "let `mount`, `fsopen`, `move_mount` and `pivot_root` through in a container, on Linux 5.12 or later"
            }
            Self::Landlock => {
                "run on Linux 6.7 or later with `landlock` in the boot parameter `lsm=`"
            }
            Self::Seccomp => "run on a kernel with `CONFIG_SECCOMP_FILTER`",
            Self::CloseRange => "let `close_range` through, on Linux 5.9 or later",
            Self::ChangeUser => {
                "run unprivileged, or as root with CAP_SETUID, CAP_SETGID and CAP_CHOWN"
            }
        }
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name(), self.advice())
    }
}
