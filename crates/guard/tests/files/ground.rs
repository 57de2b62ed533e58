//! A directory to stand on, with another one outside of it.

use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::task::{Context, Waker};

use purlin_guard::FileOperations;
use purlin_guard::files::{Builder, Resolver};

/// What nobody may see.
pub(crate) const CANARY: &str = "canary";

/// `root` is what the operations know, `outside` lies beside it.
pub(crate) struct Ground {
    whole: PathBuf,
    /// Removes it in the end, unless it is somebody else's.
    _whole: Option<tempfile::TempDir>,
    pub(crate) resolver: Resolver,
}

/// Runs a test with both ways of following paths.
pub(crate) async fn both<F: Future<Output = ()>>(test: impl Fn(Ground) -> F) {
    let ways = [Resolver::Emulated, Resolver::Openat2];
    // In a process that has no `openat2`, the other way has to do.
    let count = if std::env::var_os("PURLIN_FILES_EMULATED").is_some() {
        1
    } else {
        2
    };
    for resolver in ways.into_iter().take(count) {
        test(Ground::new(resolver)).await;
    }
}

impl Ground {
    pub(crate) fn new(resolver: Resolver) -> Self {
        let whole = tempfile::tempdir().unwrap();
        fs::create_dir(whole.path().join("root")).unwrap();
        fs::create_dir(whole.path().join("outside")).unwrap();
        fs::write(whole.path().join("outside/secret"), CANARY).unwrap();
        Self {
            whole: whole.path().to_owned(),
            _whole: Some(whole),
            resolver,
        }
    }

    /// The ground of another process.
    pub(crate) fn at_path(whole: PathBuf, resolver: Resolver) -> Self {
        Self {
            whole,
            _whole: None,
            resolver,
        }
    }

    pub(crate) fn whole(&self) -> &Path {
        &self.whole
    }

    pub(crate) fn builder(&self) -> Builder {
        FileOperations::builder(self.root()).resolver(self.resolver)
    }

    pub(crate) fn files(&self) -> FileOperations {
        self.builder().build().unwrap()
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.whole.join("root")
    }

    pub(crate) fn outside(&self) -> PathBuf {
        self.whole.join("outside")
    }

    /// A path below the root, for the hands of others.
    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    pub(crate) fn file(self, path: &str, contents: &str) -> Self {
        fs::write(self.at(path), contents).unwrap();
        self
    }

    pub(crate) fn directory(self, path: &str) -> Self {
        fs::create_dir_all(self.at(path)).unwrap();
        self
    }

    pub(crate) fn link(self, path: &str, target: impl AsRef<Path>) -> Self {
        std::os::unix::fs::symlink(target, self.at(path)).unwrap();
        self
    }

    /// All names below the root, the names of drafts too.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        let mut left = vec![self.root()];
        while let Some(directory) = left.pop() {
            for entry in fs::read_dir(directory).unwrap() {
                let entry = entry.unwrap();
                let path = entry.path();
                let name = path.strip_prefix(self.root()).unwrap();
                names.push(name.to_str().unwrap().to_owned());
                if entry.file_type().unwrap().is_dir() {
                    left.push(path);
                }
            }
        }
        names.sort();
        names
    }
}

/// Polls a future so many times, and drops it.
pub(crate) async fn given_up<T>(future: impl Future<Output = T>, polls: usize) {
    let mut future = pin!(future);
    for _ in 0..polls {
        if future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_ready()
        {
            return;
        }
        tokio::task::yield_now().await;
    }
}
