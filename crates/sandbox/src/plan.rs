//! What the helper is asked to run, and within which bounds.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How strong a box is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Tier {
    /// Landlock, seccomp and limits, without namespaces: one process, which sees the names of the
    /// host's files, but opens none that the plan does not name.
    Confined,
    /// Every layer: a file tree, processes and a network of its own, then all of `Confined`.
    Strict,
}

impl Tier {
    /// The name in logs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Confined => "confined",
            Self::Strict => "strict",
        }
    }
}

/// One run: a program, what it may see, and how much of everything it may use.
///
/// The program starts in its work directory with no other variable in its environment than those
/// named here, besides `HOME` and `TMPDIR`, which are set unless they are named.
///
/// ```
/// use purlin_sandbox::{Bind, Plan, Tier};
///
/// let mut plan = Plan::new(Tier::Strict, "/bin/sh");
/// plan.args = vec!["-c".into(), "echo hello".into()];
/// plan.read_only = vec![Bind::same("/usr"), Bind::new("/usr/bin", "/bin"), Bind::new("/usr/lib", "/lib")];
/// plan.executable = vec!["/usr/bin".into(), "/bin".into(), "/usr/lib".into(), "/lib".into()];
/// assert!(plan.check().is_ok());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Plan {
    /// How strong the box must be. The run fails where it cannot be that strong.
    pub tier: Tier,
    /// The program, as an absolute path inside the box.
    pub program: PathBuf,
    /// Its arguments, without the program's own name.
    pub args: Vec<String>,
    /// Its environment, names with values.
    pub environment: Vec<(String, String)>,
    /// What it reads from standard input.
    #[serde(skip)]
    pub stdin: Vec<u8>,
    /// Files and directories it may read. Where the server runs as root, the payload does not: what
    /// is named here has to be readable by everybody.
    pub read_only: Vec<Bind>,
    /// Directories inside of what is shown that `Strict` shows empty, as paths inside the box.
    /// `Confined` cannot: there, what is beside them has to be named instead.
    pub hidden: Vec<PathBuf>,
    /// What of that it may run, files or directories, as paths inside the box. The loader that
    /// [`program`](Self::program) names in its ELF header is allowed without being named.
    pub executable: Vec<PathBuf>,
    /// Files that lie in its work directory when it starts.
    pub files: Vec<File>,
    /// How much of everything it may use.
    pub limits: Limits,
    /// Directories of control groups that were made for this run alone; the helper puts the payload
    /// into each. Whoever starts the helper makes and removes them (`Cgroup`, on Linux), since
    /// a helper may be killed at any moment and could then not clear up.
    pub cgroup: Vec<PathBuf>,
    /// A directory in which `Confined` makes the work directory, and removes it afterwards
    /// (`Scratch`, on Linux). Where the server is root, every user has to be able to enter it. `Strict`
    /// has a file system in memory and needs none.
    pub scratch: Option<PathBuf>,
}

impl Plan {
    /// A plan for `program`, with the default limits and nothing that it may read.
    pub fn new(tier: Tier, program: impl Into<PathBuf>) -> Self {
        Self {
            tier,
            program: program.into(),
            args: Vec::new(),
            environment: Vec::new(),
            stdin: Vec::new(),
            read_only: Vec::new(),
            hidden: Vec::new(),
            executable: Vec::new(),
            files: Vec::new(),
            limits: Limits::default(),
            cgroup: Vec::new(),
            scratch: None,
        }
    }
}

/// A file or directory of the host, and where it is seen in the box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Bind {
    /// The path on the host.
    pub source: PathBuf,
    /// The path inside. `Confined` cannot move anything: there it equals the source.
    pub target: PathBuf,
}

impl Bind {
    /// Shows `source` at `target`.
    pub fn new(source: impl Into<PathBuf>, target: impl Into<PathBuf>) -> Self {
        Self {
            source: source.into(),
            target: target.into(),
        }
    }

    /// Shows a path at the place it has on the host.
    pub fn same(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self {
            source: path.clone(),
            target: path,
        }
    }
}

/// A file on its way into the work directory or out of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct File {
    /// The name, relative to the work directory; parts are separated by `/`.
    pub name: String,
    /// The content.
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

impl File {
    /// A file of that name with that content.
    pub fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            bytes: bytes.into(),
        }
    }
}

/// How much of everything a run may use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Limits {
    /// How long the run may take: 30 s.
    pub wall: Duration,
    /// How much time of a processor each process may use, in whole seconds, rounded up: 10 s.
    pub cpu: Duration,
    /// How much memory in bytes: 512 MiB. All processes together where there is a control group
    /// ([`Plan::cgroup`]); what each process may write to in any case.
    pub memory: u64,
    /// How much address space in bytes each process may have, if that is bounded. Runtimes that
    /// reserve far more than they use (V8) do not start with a small one.
    pub address_space: Option<u64>,
    /// How many processes and threads there may be: 16.
    pub processes: u64,
    /// How large a file may become, in bytes: 16 MiB.
    pub file: u64,
    /// How much the work directory and the one for temporary files may hold together, in bytes: 64 MiB.
    pub work_bytes: u64,
    /// How many files and directories they may hold: 4,096.
    pub work_inodes: u64,
    /// How many descriptors a process may have open: 64.
    pub open_files: u64,
    /// How much of what lies in the work directory at the end is handed out.
    pub output_files: OutputFiles,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wall: Duration::from_secs(30),
            cpu: Duration::from_secs(10),
            memory: 512 << 20,
            address_space: None,
            processes: 16,
            file: 16 << 20,
            work_bytes: 64 << 20,
            work_inodes: 4096,
            open_files: 64,
            output_files: OutputFiles::default(),
        }
    }
}

/// How many files are handed out, and how large they may be in all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OutputFiles {
    /// How many: 64.
    pub count: u64,
    /// How many bytes in all: 16 MiB.
    pub bytes: u64,
}

impl Default for OutputFiles {
    fn default() -> Self {
        Self {
            count: 64,
            bytes: 16 << 20,
        }
    }
}

impl OutputFiles {
    /// At most `count` files of `bytes` bytes in all.
    pub fn new(count: u64, bytes: u64) -> Self {
        Self { count, bytes }
    }
}
