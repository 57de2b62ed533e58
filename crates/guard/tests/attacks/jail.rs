//! A server under attack, in each tier, and how it is seen to be healthy afterwards.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use std::{fs, thread};

use purlin_guard::CodeExecutor;
use purlin_guard::code::{CodeError, Language, Limits, Outcome, Run, Tier};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, SeccompRule};
use tempfile::TempDir;

use crate::processes;

/// What attacks are written with.
const PRELUDE: &str = "
import ctypes, errno, os, signal, stat, sys, time

libc = ctypes.CDLL(None, use_errno=True)

def call(number, *arguments):
    words = [ctypes.c_long(it) if isinstance(it, int) else it for it in arguments]
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *words)
    return 'done' if result != -1 else errno.errorcode[ctypes.get_errno()]

def attempt(what, *arguments, **named):
    try:
        what(*arguments, **named)
    except OSError as error:
        return errno.errorcode[error.errno]
    return 'done'

def read(path):
    with open(path, 'rb') as file:
        return file.read()

def write(path, data=b'x'):
    with open(path, 'wb') as file:
        file.write(data)

def say(*words):
    print(*words, flush=True)

";

/// The time of a run that is meant to have none left: enough to start on a busy machine.
pub(crate) const SOON: Duration = Duration::from_secs(1);

/// The user that runs have on the host where the server is root.
pub(crate) const NOBODY: u32 = 65_534;

/// A server, and what an attack has to do with it.
#[derive(Debug)]
pub(crate) struct Jail {
    pub(crate) tier: Tier,
    pub(crate) executor: CodeExecutor,
    host: TempDir,
}

/// One attack at a time, so that what is left was left by it.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes an attack in both tiers.
pub(crate) fn in_each_tier(attack: impl AsyncFn(&Jail) + Sync) {
    for tier in [Tier::Strict, Tier::Confined] {
        in_tier(tier, &attack);
    }
}

/// Makes an attack in one tier, and looks at the server afterwards.
pub(crate) fn in_tier(tier: Tier, attack: impl AsyncFn(&Jail) + Sync) {
    let _alone = alone();
    let before = Left::look();
    on_a_server(tier, async || {
        let jail = Jail::new(tier).await;
        attack(&jail).await;
        jail.is_healthy().await;
        // Meanwhile the server clears up behind those that end now.
        tokio::task::spawn_blocking(processes::all_end)
            .await
            .unwrap();
    });
    before.holds();
}

/// Runs something in a thread that is the server of a tier: one that may make namespaces, or one
/// that may not, as in most containers.
pub(crate) fn on_a_server(tier: Tier, serve: impl AsyncFnOnce() + Send) {
    let server = || {
        if tier == Tier::Confined {
            seccompiler::apply_filter(&container()).unwrap();
        }
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().build().unwrap().block_on(serve());
    };
    thread::scope(|threads| {
        if let Err(panic) = threads.spawn(server).join() {
            std::panic::resume_unwind(panic);
        }
    });
}

/// What containers do not let through: threads and processes that are started later inherit it.
fn container() -> BpfProgram {
    let calls = [
        libc::SYS_unshare,
        libc::SYS_setns,
        libc::SYS_mount,
        libc::SYS_fsopen,
        libc::SYS_open_tree,
        libc::SYS_pivot_root,
    ];
    let none: Vec<SeccompRule> = Vec::new();
    let rules = calls.map(|call| (call, none.clone())).into();
    let refuse = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let here = std::env::consts::ARCH.try_into().unwrap();
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, here).unwrap();
    filter.try_into().unwrap()
}

/// Limits that an attack meets soon.
pub(crate) fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.wall = Duration::from_secs(20);
    limits.cpu = Duration::from_secs(1);
    limits.memory = 128 << 20;
    limits.file = 1 << 20;
    limits.work = 4 << 20;
    limits.work_files = 64;
    limits.output = 64 << 10;
    limits.printed = 8 << 20;
    limits
}

/// Python, with a variable that all processes of a run inherit.
pub(crate) fn python() -> Language {
    Language::python()
        .program("/usr/bin/python3")
        .environment(processes::MARK, processes::mark())
}

/// An executor of a tier with other languages or limits than usual.
pub(crate) async fn build(tier: Tier, languages: &[Language], limits: Limits) -> CodeExecutor {
    let mut builder = CodeExecutor::builder().minimum(tier).limits(limits);
    for language in languages {
        builder = builder.language(language.clone());
    }
    let executor = builder.build().await;
    let executor = executor.unwrap_or_else(|error| panic!("{tier}: {error:?}"));
    assert!(executor.languages().all(|(_, here)| here == tier));
    executor
}

impl Jail {
    async fn new(tier: Tier) -> Self {
        static BUILT: [OnceLock<CodeExecutor>; 2] = [const { OnceLock::new() }; 2];
        let place = &BUILT[usize::from(tier == Tier::Confined)];
        let executor = match place.get() {
            Some(executor) => executor.clone(),
            None => {
                let executor = build(tier, &[python()], limits()).await;
                place.get_or_init(|| executor).clone()
            }
        };
        let host = tempfile::tempdir().unwrap();
        fs::set_permissions(host.path(), Permissions::from_mode(0o777)).unwrap();
        Self {
            tier,
            executor,
            host,
        }
    }

    /// A directory of the host that everybody may read and write.
    pub(crate) fn host(&self) -> &Path {
        self.host.path()
    }

    /// A file of the host with a secret, which everybody may read and write, and which belongs to
    /// the user that runs have.
    pub(crate) fn secret(&self) -> PathBuf {
        let path = self.host.path().join("secret");
        fs::write(&path, "canary").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
        // Where this is not root, runs have the same user anyway.
        let _ = std::os::unix::fs::chown(&path, Some(NOBODY), Some(NOBODY));
        path
    }

    /// A run in Python.
    pub(crate) fn attack(&self, source: &str) -> Run {
        Run::new("python", format!("{PRELUDE}{source}"))
    }

    pub(crate) async fn run(&self, source: &str) -> Result<Outcome, CodeError> {
        self.executor.run(self.attack(source)).await
    }

    /// What an attack prints that comes to its end.
    pub(crate) async fn says(&self, source: &str) -> String {
        match self.run(source).await {
            Ok(outcome) => outcome.stdout().text().into_owned(),
            Err(error) => panic!("{}: {}", self.tier, told(&error)),
        }
    }

    /// What is expected in `Strict`, and what in `Confined`.
    pub(crate) fn or<T>(&self, strict: T, confined: T) -> T {
        match self.tier {
            Tier::Strict => strict,
            _ => confined,
        }
    }

    /// The name of what ended an attack that does not come to its end, and what it had printed.
    pub(crate) async fn ends(&self, source: &str) -> (&'static str, String) {
        ended(self.run(source).await)
    }

    async fn is_healthy(&self) {
        let outcome = self.executor.run(Run::new("python", "print(6 * 7)")).await;
        let outcome = outcome.unwrap_or_else(|error| panic!("not healthy: {}", told(&error)));
        assert_eq!(outcome.stdout().text(), "42\n");
        assert_eq!(outcome.tier(), self.tier);
        assert!(outcome.files().is_empty(), "{:?}", outcome.files());
    }
}

/// How a run ended, and what it had printed.
pub(crate) fn ended(result: Result<Outcome, CodeError>) -> (&'static str, String) {
    match result {
        Ok(outcome) => ("done", outcome.stdout().text().into_owned()),
        Err(error) => {
            let printed = error.outcome().map(|it| it.stdout().text().into_owned());
            (error.name(), printed.unwrap_or_default())
        }
    }
}

/// An error with all that is known of it.
pub(crate) fn told(error: &CodeError) -> String {
    let printed = error.outcome().map(|outcome| {
        let (stdout, stderr) = (outcome.stdout().text(), outcome.stderr().text());
        format!("printed {stdout:?}, complained {stderr}")
    });
    format!("{error:?}, {}", printed.unwrap_or_default())
}

/// What runs could leave on the host, beside processes.
#[derive(Debug)]
struct Left {
    mounts: String,
    groups: Vec<PathBuf>,
    files: Vec<PathBuf>,
}

impl Left {
    fn look() -> Self {
        Self {
            mounts: fs::read_to_string("/proc/self/mounts").unwrap(),
            groups: groups(Path::new("/sys/fs/cgroup")),
            files: files(),
        }
    }
}

impl Left {
    /// Holds that there is nothing now that was not there before.
    fn holds(&self) {
        let now = Self::look();
        assert_eq!(now.mounts, self.mounts, "a mount is left");
        for (now, before) in [(now.groups, &self.groups), (now.files, &self.files)] {
            let left: Vec<_> = now.iter().filter(|it| !before.contains(it)).collect();
            assert!(left.is_empty(), "something is left: {left:?}");
        }
    }
}

/// The control groups that this process has made.
fn groups(directory: &Path) -> Vec<PathBuf> {
    let own = std::process::id().to_string();
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            let path = entry.path();
            if entry.file_name().to_string_lossy().contains(&own) {
                found.push(path.clone());
            }
            found.extend(groups(&path));
        }
    }
    found
}

/// What runs have left where everybody may write: of a name that other servers do not give, or
/// with the number of this one in it.
fn files() -> Vec<PathBuf> {
    let own = format!("purlin-{}-", std::process::id());
    let places = [std::env::temp_dir(), "/dev/shm".into(), "/var/tmp".into()];
    let entries = places
        .iter()
        .flat_map(|place| fs::read_dir(place).into_iter().flatten().flatten());
    let left = entries.filter(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        let of_run = entry.metadata().is_ok_and(|about| about.uid() == NOBODY);
        name.contains(&own) || of_run && !name.starts_with("purlin-")
    });
    let mut found: Vec<PathBuf> = left.map(|entry| entry.path()).collect();
    found.sort();
    found
}
