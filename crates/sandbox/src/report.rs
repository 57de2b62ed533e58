//! What the helper tells of a run.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::feature::Feature;
use crate::plan::File;

/// One message of the helper. A run is `Failed`, or `Started` and then `Ended`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Report {
    /// The payload was not started, or ended with nobody knowing how.
    Failed(Failure),
    /// The box stands and the payload runs.
    Started,
    /// All processes of the run are dead.
    Ended(Ended),
    /// The answer to a [probe](crate::probe()): what is missing, nothing at best.
    Probed(Vec<Feature>),
}

/// Why the payload was not started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Failure {
    /// What was being done.
    pub stage: Stage,
    /// What the kernel said, if it was asked.
    pub errno: Option<i32>,
    /// What is missing, where a system that has it would not have failed.
    pub missing: Option<Feature>,
}

impl Failure {
    /// A failure at a stage, of which nothing else is known yet.
    pub fn new(stage: Stage) -> Self {
        Self {
            stage,
            errno: None,
            missing: None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the box was not made: {}", self.stage.name())?;
        if let Some(errno) = self.errno {
            write!(f, ": {}", std::io::Error::from_raw_os_error(errno))?;
        }
        match self.missing {
            Some(feature) => write!(f, " (missing {feature})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}

/// What the helper does, in the order in which it does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Stage {
    /// Reading the plan and judging it.
    Plan,
    /// Going into the control groups.
    Cgroup,
    /// Leaving the namespaces of the host.
    Namespaces,
    /// Making the file tree.
    Mounts,
    /// Starting the processes of the box.
    Fork,
    /// Becoming an unprivileged user.
    User,
    /// Writing the files of the plan.
    Files,
    /// Wiring standard input and output.
    Descriptors,
    /// Setting limits.
    Limits,
    /// Giving up capabilities.
    Privileges,
    /// Landlock.
    Landlock,
    /// The filter of system calls.
    Seccomp,
    /// Starting the program.
    Exec,
    /// Waiting for its end.
    Wait,
}

impl Stage {
    /// The name in errors and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Cgroup => "cgroup",
            Self::Namespaces => "namespaces",
            Self::Mounts => "mounts",
            Self::Fork => "fork",
            Self::User => "user",
            Self::Files => "files",
            Self::Descriptors => "descriptors",
            Self::Limits => "limits",
            Self::Privileges => "privileges",
            Self::Landlock => "landlock",
            Self::Seccomp => "seccomp",
            Self::Exec => "exec",
            Self::Wait => "wait",
        }
    }
}

/// How a run ended, what it used and what it left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Ended {
    /// How.
    pub how: How,
    /// What it used.
    pub usage: Usage,
    /// The regular files of the work directory, by name. Files of the plan that still hold what
    /// they held are not among them.
    pub files: Vec<File>,
    /// How many entries are not among them: links, sockets and pipes, names that a plan
    /// could not give to a file, files that could not be read, and what is more than
    /// [`OutputFiles`](crate::OutputFiles) allows.
    pub files_left_out: u64,
}

impl Ended {
    /// An end without files.
    pub fn new(how: How, usage: Usage) -> Self {
        Self {
            how,
            usage,
            files: Vec::new(),
            files_left_out: 0,
        }
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum How {
    /// By itself, with this code.
    Exited(i32),
    /// By this signal.
    Killed(i32),
    /// It took longer than [`Limits::wall`](crate::Limits::wall).
    WallClock,
    /// It used more time of a processor than [`Limits::cpu`](crate::Limits::cpu).
    Cpu,
    /// It used more memory than [`Limits::memory`](crate::Limits::memory), as the control group saw.
    Memory,
    /// It put more into its directories than `Confined` lets it
    /// ([`Limits::work_bytes`](crate::Limits::work_bytes)); `Strict` refuses the write instead.
    Disk,
}

/// What a run used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Usage {
    /// Time of processors, in user and system mode, of the payload and those of its children that it
    /// waited for; of all processes where there is a control group that counts it.
    pub cpu: Duration,
    /// The most memory there was at once, in bytes: of all processes where there is a control group,
    /// else of the largest one.
    pub peak_memory: u64,
}

impl Usage {
    /// What was used.
    pub fn new(cpu: Duration, peak_memory: u64) -> Self {
        Self { cpu, peak_memory }
    }
}
