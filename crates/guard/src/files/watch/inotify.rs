//! Changes that the kernel tells.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::mem::MaybeUninit;
use std::os::fd::AsRawFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::sync::{Arc, Mutex};

use rustix::fd::OwnedFd;
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use rustix::io::Errno;
use tokio::io::unix::AsyncFd;

use super::{Base, Change, Told, inside, lock};
use crate::files::FileError;
use crate::files::directory::Directory;
use crate::files::error::Bound;
use crate::files::pool::Stop;
use crate::files::root::{DEPTH, Root, is_draft};

/// What is asked of each directory. `ONLYDIR` holds that it is one.
const ASKED: WatchFlags = WatchFlags::CREATE
    .union(WatchFlags::CLOSE_WRITE)
    .union(WatchFlags::DELETE)
    .union(WatchFlags::DELETE_SELF)
    .union(WatchFlags::MOVE_SELF)
    .union(WatchFlags::MOVED_FROM)
    .union(WatchFlags::MOVED_TO)
    .union(WatchFlags::ONLYDIR);

/// Room for some dozens of events, each with a name.
const BUFFER: usize = 8 << 10;

/// A queue of the kernel, and what is watched by it.
#[derive(Debug)]
pub(super) struct Kernel {
    ready: AsyncFd<OwnedFd>,
    watched: Arc<Mutex<Watched>>,
}

#[derive(Debug)]
struct Watched {
    queue: OwnedFd,
    base: Base,
    /// The directories that are watched, as paths below the base.
    paths: HashMap<i32, String>,
    most: usize,
}

impl Kernel {
    pub(super) fn new(base: Base, root: &Root, stop: &Stop) -> Result<Self, FileError> {
        let queue = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        let ready = registered(queue.try_clone()?)?;
        let mut watched = Watched {
            queue,
            paths: HashMap::new(),
            most: root.limits.watched,
            base,
        };
        let directory = watched.base.open(root)?;
        watched.add(&directory, "", &mut |_| {}, stop)?;
        Ok(Self {
            ready,
            watched: Arc::new(Mutex::new(watched)),
        })
    }

    /// Waits for events, and takes those that are there.
    pub(super) async fn wait(
        &self,
        root: &Arc<Root>,
        told: Arc<Mutex<Told>>,
    ) -> Result<(), FileError> {
        if lock(&self.watched).paths.is_empty() {
            return Err(FileError::NotFound);
        }
        let mut ready = self.ready.readable().await?;
        let watched = Arc::clone(&self.watched);
        // What is taken from the queue is kept, even if nobody waits for it just now.
        let below = Arc::clone(root);
        let take = move |_: &Stop| lock(&watched).take(&below, &mut lock(&told), &Stop::default());
        if root.pool.run(take).await? {
            ready.clear_ready();
        }
        Ok(())
    }
}

/// What `new` is deprecated for are types that may close what they hold; this one does not.
#[allow(
    deprecated,
    reason = "its successor is unsafe to call, for types unlike this one"
)]
fn registered(queue: OwnedFd) -> std::io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::new(queue)
}

impl Watched {
    /// Watches a directory and all below, and tells what there is in it. No link is followed.
    fn add(
        &mut self,
        directory: &Directory,
        path: &str,
        tell: &mut dyn FnMut(String),
        stop: &Stop,
    ) -> Result<(), FileError> {
        stop.check()?;
        if self.paths.len() >= self.most || path.split('/').count() > DEPTH {
            return Err(FileError::Quota(Bound::Watched));
        }
        let id = self.ask(directory)?;
        self.paths.insert(id, path.to_owned());
        // Reading it has ended before what is in it is opened: however deep it goes, one handle
        // is open for each directory on the way.
        let mut inner = Vec::new();
        for name in directory.entries()? {
            stop.check()?;
            let name = name?;
            let Some(text) = name.to_str().filter(|_| !is_draft(&name)) else {
                continue;
            };
            let path = inside(path, text);
            tell(self.base.path("", &path));
            if directory.stat(&name).is_ok_and(|it| it.is_dir()) {
                if self.paths.len().saturating_add(inner.len()) >= self.most {
                    return Err(FileError::Quota(Bound::Watched));
                }
                inner.push((name, path));
            }
        }
        for (name, path) in inner {
            if let Ok(child) = directory.child(&name) {
                self.add(&child, &path, tell, stop)?;
            }
        }
        Ok(())
    }

    /// The kernel takes paths alone, so it gets the one that names the handle.
    fn ask(&self, directory: &Directory) -> Result<i32, FileError> {
        let path = format!("/proc/self/fd/{}", directory.0.as_raw_fd());
        match inotify::add_watch(&self.queue, path, ASKED) {
            Err(Errno::NOSPC) => Err(FileError::Quota(Bound::Watched)),
            other => Ok(other?),
        }
    }

    /// Takes events, until there are none or enough; whether there are none.
    fn take(&mut self, root: &Root, told: &mut Told, stop: &Stop) -> Result<bool, FileError> {
        let base = match self.base.open(root) {
            Err(FileError::NotFound) => {
                self.forget("");
                return Err(FileError::NotFound);
            }
            base => base?,
        };
        let queue = self.queue.try_clone()?;
        let mut buffer = [MaybeUninit::uninit(); BUFFER];
        let mut reader = Reader::new(queue, &mut buffer);
        loop {
            let event = match reader.next() {
                Err(Errno::AGAIN) => return Ok(true),
                event => event?,
            };
            let name = event
                .file_name()
                .map(|it| OsStr::from_bytes(it.to_bytes()).to_owned());
            let (id, what) = (event.wd(), event.events());
            self.event(&base, (id, what), name.as_deref(), told, stop)?;
            if told.changes.len() >= told.most && reader.is_buffer_empty() {
                return Ok(false);
            }
        }
    }

    fn event(
        &mut self,
        base: &Directory,
        (id, what): (i32, ReadFlags),
        name: Option<&OsStr>,
        told: &mut Told,
        stop: &Stop,
    ) -> Result<(), FileError> {
        if what.contains(ReadFlags::QUEUE_OVERFLOW) {
            told.add(Change::Missed);
        }
        // Of directories that were moved away, there may still be events.
        let Some(directory) = self.paths.get(&id).cloned() else {
            return Ok(());
        };
        if what.contains(ReadFlags::IGNORED) {
            self.paths.remove(&id);
            return Ok(());
        }
        let Some(name) = name.filter(|name| !is_draft(name)) else {
            return Ok(());
        };
        let Some(text) = name.to_str() else {
            return Ok(());
        };
        let below = inside(&directory, text);
        if what.contains(ReadFlags::ISDIR) {
            self.forget(&below);
        }
        self.look(base, &below, told, stop)
    }

    /// Tells of a name, by what is there now, whatever the event was.
    fn look(
        &mut self,
        base: &Directory,
        below: &str,
        told: &mut Told,
        stop: &Stop,
    ) -> Result<(), FileError> {
        let path = self.base.path("", below);
        let (parent, name) = below.rsplit_once('/').unwrap_or(("", below));
        let name = OsStr::new(name);
        let Some(parent) = reach(base, parent) else {
            told.add(Change::Gone(path));
            return Ok(());
        };
        let Ok(found) = parent.stat(name) else {
            told.add(Change::Gone(path));
            return Ok(());
        };
        told.add(Change::Made(path));
        let is_known = self.paths.values().any(|it| it == below);
        if let (true, false, Ok(child)) = (found.is_dir(), is_known, parent.child(name)) {
            let (most, mut new) = (told.most, Vec::new());
            // One more than may wait, so that what is too much is missed.
            let mut tell = |path| {
                if new.len() <= most {
                    new.push(path);
                }
            };
            let added = self.add(&child, below, &mut tell, stop);
            for path in new {
                told.add(Change::Made(path));
            }
            match added {
                Err(FileError::Timeout) => return Err(FileError::Timeout),
                // What cannot be watched is said to be missed; what went is told by itself.
                Err(FileError::Quota(_)) => told.add(Change::Missed),
                _ => {}
            }
        }
        Ok(())
    }

    /// Stops watching a directory and all below, because it is elsewhere now, or gone.
    fn forget(&mut self, below: &str) {
        let start = format!("{below}/");
        let ids = self.paths.iter();
        let ids =
            ids.filter(|(_, path)| below.is_empty() || *path == below || path.starts_with(&start));
        for id in ids.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.paths.remove(&id);
            // Of a directory that is gone, the kernel has forgotten it already.
            let _ = inotify::remove_watch(&self.queue, id);
        }
    }
}

/// The directory at a path below another, without following a link.
fn reach(base: &Directory, path: &str) -> Option<Directory> {
    let mut at = base.try_clone().ok()?;
    for name in path.split('/').filter(|name| !name.is_empty()) {
        at = at.child(OsStr::new(name)).ok()?;
    }
    Some(at)
}
