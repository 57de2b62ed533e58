//! What can be done below a root.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;

use super::pool::Stop;
use super::root::{Pattern, Place, Root, random};
use super::tenants::directory_name;
use super::{
    Builder, FileError, Found, Listing, Quota, RelativePath, Resolver, Stat, Temporary, Usage,
    Watch,
};
use crate::Tenant;
#[cfg(feature = "mcp")]
use crate::events::GuardEvents;
use crate::events::{Observers, Operation, Outcome};

/// Files below a directory, named by somebody else.
///
/// Cheap to clone; clones share quota and limits. Whoever has one can reach what is below its root,
/// and nothing else. Paths are relative to the root, with `/` between names; `.` is the root itself,
/// which can be listed, and neither written nor moved nor removed.
///
/// Each operation runs on a thread for blocking work, needs a tokio runtime with its clock, and
/// fails with `busy` or `timeout` as [`Limits`](super::Limits) say.
///
/// # Cancellation
/// An operation whose future is dropped, or that is out of time, either does not happen any more or
/// happens as a whole: no file is ever seen half written. It keeps its turn until it has ended.
///
/// ```
/// use purlin_guard::FileOperations;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = tempfile::tempdir()?;
/// let files = FileOperations::builder(directory.path()).build()?;
/// files.create_dir("notes").await?;
/// files.write("notes/today.md", "Rain.").await?;
/// assert_eq!(files.read_text("notes/today.md").await?, "Rain.");
/// assert_eq!(files.read("../../etc/passwd").await.unwrap_err().name(), "escape");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct FileOperations {
    root: Arc<Root>,
    observers: Observers,
}

impl FileOperations {
    /// Below this directory, which the configuration names: it may be absolute, and links on the
    /// way to it are followed, once.
    #[must_use]
    pub fn builder(root: impl Into<PathBuf>) -> Builder {
        Builder::new(root.into())
    }

    pub(super) fn new(root: Arc<Root>, observers: Observers) -> Self {
        Self { root, observers }
    }

    /// The files of a tenant: a root of its own, in a directory of this one that is made if it is
    /// missing. No two tenants have the same, and no tenant reaches another's. Whoever has the outer
    /// root reaches all of them.
    ///
    /// Take the tenant from a verified claim or from the configuration, never from an argument.
    ///
    /// When a tenant's directory is removed or renamed through the outer root, this makes a new one
    /// the next time; what was returned before stays with the old directory. Whoever removes it by
    /// other means builds the outer root again.
    ///
    /// # Errors
    /// `quota` if there are too many at once; `busy` if too much of a tenant that is not known yet
    /// is asked for at once.
    pub async fn scoped(&self, tenant: &Tenant) -> Result<Self, FileError> {
        let name = directory_name(tenant.name());
        let root = match self.root.tenants.get(&name) {
            // Nothing is done, so no turn is needed: whatever the others do, this is not `busy`.
            Some(root) => root,
            None => self.opened(name).await?,
        };
        Ok(Self {
            root,
            observers: self.observers.scoped(tenant),
        })
    }

    /// The root of a tenant that is not known yet. One of each tenant takes a turn of this root.
    async fn opened(&self, name: String) -> Result<Arc<Root>, FileError> {
        let opening = self.root.tenants.openings.at(&name, &self.root.limits)?;
        let work = async {
            let turn = opening.turn().await?;
            if let Some(root) = self.root.tenants.get(&name) {
                return Ok(root);
            }
            self.run(move |root, stop| {
                // Kept until the work has ended, whether anybody waits for it or not.
                let _turn = turn;
                root.scoped(&name, stop)
            })
            .await
        };
        self.root.pool.in_time(work).await
    }

    /// The same, of which one more is told.
    #[cfg(feature = "mcp")]
    pub(crate) fn telling(mut self, events: impl GuardEvents) -> Self {
        self.observers = self.observers.and(events);
        self
    }

    /// The same files, of which is told that it was for a tenant.
    #[cfg(feature = "mcp")]
    pub(crate) fn on_behalf_of(&self, tenant: &Tenant) -> Self {
        Self {
            root: Arc::clone(&self.root),
            observers: self.observers.scoped(tenant),
        }
    }

    /// Whether everything but reading is `denied`.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.root.read_only
    }

    /// How much there may be below the root.
    #[must_use]
    pub fn quota(&self) -> &Quota {
        self.root.quota()
    }

    /// How paths are followed: never [`Detected`](Resolver::Detected).
    #[must_use]
    pub fn resolver(&self) -> Resolver {
        self.root.way.name()
    }

    /// How much there is below the root, as it was last counted and kept count of since.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.root.ledger.usage()
    }

    /// Counts everything below the root anew.
    ///
    /// # Errors
    /// When the file system fails.
    pub async fn recount(&self) -> Result<Usage, FileError> {
        self.tell(
            Operation::file("recount", ".", None),
            nothing,
            self.run(Root::recount),
        )
        .await
    }

    /// The bytes of a regular file.
    ///
    /// # Errors
    /// `not_regular` for a directory, a pipe, a socket or a device, none of which is opened;
    /// `too_large` beyond [`Quota::file_size`].
    pub async fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        let operation = Operation::file("read", path, None);
        let work = self.at(path, |root, path, _| root.read(path));
        self.tell(operation, Vec::len, work).await
    }

    /// The text of a file.
    ///
    /// # Errors
    /// As [`read`](Self::read), and `not_text` if it is not in UTF-8.
    pub async fn read_text(&self, path: &str) -> Result<String, FileError> {
        let bytes = self.read(path).await?;
        String::from_utf8(bytes).map_err(|_| FileError::NotText)
    }

    /// What is at a path. Links that stay below the root are followed.
    ///
    /// # Errors
    /// When there is nothing.
    pub async fn stat(&self, path: &str) -> Result<Stat, FileError> {
        let operation = Operation::file("stat", path, None);
        let work = self.at(path, |root, path, _| root.stat(path));
        self.tell(operation, nothing, work).await
    }

    /// What is in a directory. Of links in it, the links are listed, not what they lead to.
    ///
    /// # Errors
    /// `not_directory` if it is none.
    pub async fn list(&self, path: &str) -> Result<Listing, FileError> {
        let operation = Operation::file("list", path, None);
        self.tell(operation, nothing, self.at(path, Root::list))
            .await
    }

    /// The paths that match a pattern: `*` and `?` stand for characters of a name, `**` for any number
    /// of names, `[a-z]` for one of these characters, `{a,b}` for one of these texts. The names before
    /// the first of these are a path like others, and follow links that stay below; from there on
    /// none is followed, and one that matches is found. Paths that are too long to be asked for are
    /// not found.
    ///
    /// The search ends when [`Quota::listing`] paths were found, or 4 MiB of them, or ten times as
    /// many entries were looked at; then [`Found::more`] says so.
    ///
    /// ```
    /// # use purlin_guard::FileOperations;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let directory = tempfile::tempdir()?;
    /// # let files = FileOperations::builder(directory.path()).build()?;
    /// files.create_dir_all("notes/old").await?;
    /// files.write("notes/old/a.md", "").await?;
    /// assert_eq!(files.glob("notes/**/*.md").await?.paths, ["notes/old/a.md"]);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// `invalid_path` for a pattern that leads up, or that is not closed.
    pub async fn glob(&self, pattern: &str) -> Result<Found, FileError> {
        let operation = Operation::file("glob", pattern, None);
        let work = async {
            let pattern = Pattern::parse(pattern)?;
            self.run(move |root, stop| root.glob(&pattern, stop)).await
        };
        self.tell(operation, nothing, work).await
    }

    /// Writes a file, whole or not at all: a new one is written, is on disk, and then takes the name.
    /// What had the name before keeps its contents wherever else it has one. The mode of the new
    /// file is 0600.
    ///
    /// # Errors
    /// `symlink` if there is a link of that name, `not_regular` if there is anything else but a
    /// file, `not_found` if the directory is missing, `too_large` and `quota`.
    pub async fn write(&self, path: &str, contents: impl AsRef<[u8]>) -> Result<(), FileError> {
        let operation = Operation::file("write", path, None);
        self.with(
            operation,
            path,
            contents.as_ref(),
            |root, path, contents, stop| root.write(path, contents, Place::Any, stop),
        )
        .await
    }

    /// As [`write`](Self::write), where there is nothing of that name.
    ///
    /// # Errors
    /// As of `write`, and `exists`.
    pub async fn create_new(
        &self,
        path: &str,
        contents: impl AsRef<[u8]>,
    ) -> Result<(), FileError> {
        let operation = Operation::file("create_new", path, None);
        self.with(
            operation,
            path,
            contents.as_ref(),
            |root, path, contents, stop| root.write(path, contents, Place::Free, stop),
        )
        .await
    }

    /// Adds to the end of a file, and makes it if there is none. Appends of one root do not
    /// overwrite each other.
    ///
    /// The file is replaced by a new one with all of it, as by [`write`](Self::write): each append
    /// costs as much as the file is large.
    ///
    /// # Errors
    /// As of `write`.
    pub async fn append(&self, path: &str, contents: impl AsRef<[u8]>) -> Result<(), FileError> {
        let operation = Operation::file("append", path, None);
        self.with(operation, path, contents.as_ref(), Root::append)
            .await
    }

    /// Makes a file of what is in another.
    ///
    /// # Errors
    /// As of [`read`](Self::read) and of [`create_new`](Self::create_new).
    pub async fn copy(&self, from: &str, to: &str) -> Result<(), FileError> {
        let operation = Operation::file("copy", from, Some(to));
        self.tell(operation, nothing, self.between(from, to, Root::copy))
            .await
    }

    /// Moves a file, a directory or a link to another name, where there is nothing.
    ///
    /// # Errors
    /// `exists` or `symlink` if there is something of the new name, which is never replaced;
    /// `invalid_path` if a directory would get into itself.
    pub async fn rename(&self, from: &str, to: &str) -> Result<(), FileError> {
        let operation = Operation::file("rename", from, Some(to));
        self.tell(operation, nothing, self.between(from, to, Root::rename))
            .await
    }

    /// Removes a file, a link or an empty directory. Of a link, what it leads to stays.
    ///
    /// # Errors
    /// `not_empty`, `not_found`.
    pub async fn remove(&self, path: &str) -> Result<(), FileError> {
        let operation = Operation::file("remove", path, None);
        self.tell(operation, nothing, self.at(path, Root::remove))
            .await
    }

    /// Removes a file, a link, or a directory with all that is in it. No link is followed. What was
    /// removed before it failed is gone.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn remove_all(&self, path: &str) -> Result<(), FileError> {
        let operation = Operation::file("remove_all", path, None);
        self.tell(operation, nothing, self.at(path, Root::remove_all))
            .await
    }

    /// Makes a directory of mode 0700.
    ///
    /// # Errors
    /// `exists`, `not_found` if the directory that it is to be in is missing.
    pub async fn create_dir(&self, path: &str) -> Result<(), FileError> {
        let operation = Operation::file("create_dir", path, None);
        self.tell(operation, nothing, self.at(path, Root::create_dir))
            .await
    }

    /// Makes a directory and those that it is in, as far as they are missing.
    ///
    /// # Errors
    /// `not_directory` if there is something else.
    pub async fn create_dir_all(&self, path: &str) -> Result<(), FileError> {
        let operation = Operation::file("create_dir_all", path, None);
        self.tell(operation, nothing, self.at(path, Root::create_dir_all))
            .await
    }

    /// A file with these contents and a name that nobody guesses, which is removed when what this
    /// returns is dropped.
    ///
    /// # Errors
    /// As of [`create_new`](Self::create_new).
    pub async fn temporary(&self, contents: impl AsRef<[u8]>) -> Result<Temporary, FileError> {
        let operation = Operation::file("temporary", ".", None);
        let contents = contents.as_ref();
        let size = contents.len();
        let work = async {
            let contents = self.taken(contents)?;
            let (root, observers) = (Arc::clone(&self.root), self.observers.clone());
            // Made where the file is, so that it is removed even if nobody waits for it any more.
            self.run(move |_, stop| {
                let path = RelativePath::parse(&format!("temporary-{}", random()?))?;
                root.write(&path, &contents, Place::Free, stop)?;
                Ok(Temporary::new(root, observers, path))
            })
            .await
        };
        self.tell(operation, |_| size, work).await
    }

    /// Tells the changes below a directory as they happen, whoever makes them. Directories that are
    /// made later are watched too. No link is followed.
    ///
    /// ```
    /// # use purlin_guard::FileOperations;
    /// use purlin_guard::files::Change;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let directory = tempfile::tempdir()?;
    /// # let files = FileOperations::builder(directory.path()).build()?;
    /// let mut changes = files.watch(".").await?;
    /// files.write("notes.md", "Rain.").await?;
    /// assert_eq!(changes.next().await?, Change::Made("notes.md".into()));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// `quota` if there are more directories than [`Limits::watched`](super::Limits::watched), or
    /// than the system allows; `not_directory`.
    pub async fn watch(&self, path: &str) -> Result<Watch, FileError> {
        let operation = Operation::file("watch", path, None);
        let root = Arc::clone(&self.root);
        let work = self.at(path, move |_, path, stop| {
            Watch::new(&root, path.as_str(), stop)
        });
        self.tell(operation, nothing, work).await
    }

    /// Contents that may be written, in a place of their own: the work may outlive its future.
    fn taken(&self, contents: &[u8]) -> Result<Vec<u8>, FileError> {
        let size = u64::try_from(contents.len()).unwrap_or(u64::MAX);
        match size > self.quota().file_size {
            true => Err(FileError::TooLarge),
            false => Ok(contents.to_vec()),
        }
    }

    /// Work that brings contents along.
    async fn with(
        &self,
        operation: Operation,
        path: &str,
        contents: &[u8],
        work: impl FnOnce(&Root, &RelativePath, &[u8], &Stop) -> Result<(), FileError> + Send + 'static,
    ) -> Result<(), FileError> {
        let size = contents.len();
        let work = async {
            let contents = self.taken(contents)?;
            self.at(path, move |root, path, stop| {
                work(root, path, &contents, stop)
            })
            .await
        };
        self.tell(operation, |()| size, work).await
    }

    /// Work at a path.
    async fn at<T: Send + 'static>(
        &self,
        path: &str,
        work: impl FnOnce(&Root, &RelativePath, &Stop) -> Result<T, FileError> + Send + 'static,
    ) -> Result<T, FileError> {
        let path = RelativePath::parse(path)?;
        self.run(move |root, stop| work(root, &path, stop)).await
    }

    /// Work between two paths.
    async fn between(
        &self,
        from: &str,
        to: &str,
        work: impl FnOnce(&Root, &RelativePath, &RelativePath, &Stop) -> Result<(), FileError>
        + Send
        + 'static,
    ) -> Result<(), FileError> {
        let (from, to) = (RelativePath::parse(from)?, RelativePath::parse(to)?);
        self.run(move |root, stop| work(root, &from, &to, stop))
            .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Root, &Stop) -> Result<T, FileError> + Send + 'static,
    ) -> Result<T, FileError> {
        let root = Arc::clone(&self.root);
        self.root.pool.run(move |stop| work(&root, stop)).await
    }

    /// Tells of work, and of how many bytes it was about.
    async fn tell<T>(
        &self,
        operation: Operation,
        size: impl FnOnce(&T) -> usize,
        work: impl Future<Output = Result<T, FileError>>,
    ) -> Result<T, FileError> {
        let mut in_flight = self.observers.begin(operation);
        let result = work.await;
        if let Ok(value) = &result {
            let size = u64::try_from(size(value)).unwrap_or(u64::MAX);
            in_flight.note(|operation| operation.moved(size));
        }
        in_flight.end(outcome(&result));
        result
    }
}

fn nothing<T>(_value: &T) -> usize {
    0
}

/// What became of it: refused by a rule or a limit, or tried in vain.
fn outcome<T>(result: &Result<T, FileError>) -> Outcome {
    use FileError as E;
    match result {
        Ok(_) => Outcome::Done,
        Err(
            error @ (E::NotFound
            | E::NotDirectory
            | E::Exists
            | E::NotEmpty
            | E::NotText
            | E::Timeout
            | E::Unsupported(_)
            | E::Io(_)),
        ) => Outcome::Failed(error.name()),
        Err(error) => Outcome::Refused(error.name()),
    }
}
