//! Changes below a directory, told as they happen.
//!
//! On Linux the kernel tells them (`inotify`). Each directory is watched through a handle that was
//! opened without following a link, so nothing outside is. Elsewhere, and where paths are followed
//! name by name, what there is is looked at again and again.

#[cfg(target_os = "linux")]
mod inotify;
mod looks;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cap_std::fs::Metadata;

use super::FileError;
use super::directory::{Directory, is_same};
use super::pool::Stop;
use super::root::Root;

/// A change below a directory that is watched. Paths are relative to the root.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Change {
    /// Something is there that was made, written or moved there.
    Made(String),
    /// Something is not there any more.
    Gone(String),
    /// There were more changes than are kept. Look at everything again.
    Missed,
}

/// Tells the changes below a directory; see [`FileOperations::watch`](super::FileOperations::watch).
#[derive(Debug)]
pub struct Watch {
    root: Arc<Root>,
    source: Source,
    told: Arc<Mutex<Told>>,
}

/// Where changes come from.
#[derive(Debug)]
enum Source {
    #[cfg(target_os = "linux")]
    Kernel(inotify::Kernel),
    Looks(Arc<Mutex<looks::Looks>>),
}

/// What is to be told, up to a bound.
#[derive(Debug)]
struct Told {
    changes: VecDeque<Change>,
    most: usize,
}

impl Told {
    /// Adds a change, unless it is the last one again.
    fn add(&mut self, change: Change) {
        if self.changes.back() == Some(&change) {
            return;
        }
        if self.changes.len() < self.most {
            self.changes.push_back(change);
        } else if self.changes.back() != Some(&Change::Missed) {
            self.changes.pop_back();
            self.changes.push_back(Change::Missed);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Watch {
    /// Begins; on a thread that may block, and within a runtime.
    pub(super) fn new(root: &Arc<Root>, path: &str, stop: &Stop) -> Result<Self, FileError> {
        let base = Base {
            seen: root.open(path)?.metadata()?,
            given: path.to_owned(),
            path: plain(path),
        };
        let source = match root.way.name() {
            #[cfg(target_os = "linux")]
            super::Resolver::Openat2 => Source::Kernel(inotify::Kernel::new(base, root, stop)?),
            _ => Source::Looks(Arc::new(Mutex::new(looks::Looks::new(base, root, stop)?))),
        };
        let told = Told {
            changes: VecDeque::new(),
            most: root.limits.changes.max(1),
        };
        Ok(Self {
            root: Arc::clone(root),
            source,
            told: Arc::new(Mutex::new(told)),
        })
    }

    /// The next change; waits for it. A change may be told more than once, and several of one file
    /// as one.
    ///
    /// # Errors
    /// `not_found` when the directory itself is gone; nothing comes after that.
    ///
    /// # Cancellation
    /// No change is lost if the future is dropped.
    pub async fn next(&mut self) -> Result<Change, FileError> {
        loop {
            if let Some(change) = lock(&self.told).changes.pop_front() {
                return Ok(change);
            }
            self.wait().await?;
        }
    }

    async fn wait(&self) -> Result<(), FileError> {
        let told = Arc::clone(&self.told);
        match &self.source {
            #[cfg(target_os = "linux")]
            Source::Kernel(kernel) => kernel.wait(&self.root, told).await,
            Source::Looks(looks) => {
                tokio::time::sleep(self.root.limits.look).await;
                let (looks, root) = (Arc::clone(looks), Arc::clone(&self.root));
                let look = move |stop: &Stop| lock(&looks).look(&root, &mut lock(&told), stop);
                self.root.pool.run(look).await
            }
        }
    }
}

/// The directory that is watched. It is not kept open: it could not go then, as far as the kernel
/// is concerned.
#[derive(Debug)]
struct Base {
    seen: Metadata,
    /// Its path as it was given.
    given: String,
    /// Its path, as paths of changes begin.
    path: String,
}

impl Base {
    /// The very directory that was there in the beginning.
    fn open(&self, root: &Root) -> Result<Directory, FileError> {
        use FileError as E;
        let found = match root.open(&self.given) {
            Err(E::NotDirectory | E::Escape | E::Symlink | E::Loop) => return Err(E::NotFound),
            // Whatever else it is may pass: the directory may still be there.
            found => found?,
        };
        match is_same(&found.metadata()?, &self.seen) {
            true => Ok(found),
            false => Err(FileError::NotFound),
        }
    }

    /// The path of something in a directory below, as seen from the root.
    fn path(&self, directory: &str, name: &str) -> String {
        let names = [self.path.as_str(), directory, name];
        let names: Vec<_> = names.into_iter().filter(|it| !it.is_empty()).collect();
        names.join("/")
    }
}

/// A path without what means nothing in it.
fn plain(path: &str) -> String {
    let names = path.split('/').filter(|name| !matches!(*name, "" | "."));
    names.collect::<Vec<_>>().join("/")
}

/// The path of a name in a directory.
fn inside(directory: &str, name: &str) -> String {
    match directory {
        "" => name.to_owned(),
        directory => format!("{directory}/{name}"),
    }
}
