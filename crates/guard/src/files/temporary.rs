//! A file that does not stay.

use std::sync::Arc;

use tokio::runtime::Handle;

use super::pool::Stop;
use super::root::Root;
use super::{FileError, FileOperations, RelativePath};
use crate::events::Observers;

/// A file in the root that is removed when this is dropped, unless it is [kept](Self::persist).
///
/// It is a file like others: it counts for the quota, and its path can be given to everything that
/// takes one. A process that is killed leaves it behind.
#[derive(Debug)]
#[must_use = "the file is removed when this is dropped"]
pub struct Temporary {
    root: Arc<Root>,
    observers: Observers,
    path: RelativePath,
    is_kept: bool,
}

impl Temporary {
    pub(super) fn new(root: Arc<Root>, observers: Observers, path: RelativePath) -> Self {
        Self {
            root,
            observers,
            path,
            is_kept: false,
        }
    }

    /// Its path, relative to the root.
    #[must_use]
    pub fn path(&self) -> &str {
        self.path.as_str()
    }

    /// Keeps it, under another name, where there is nothing.
    ///
    /// # Errors
    /// As of [`rename`](FileOperations::rename); the file is removed then.
    pub async fn persist(mut self, to: &str) -> Result<(), FileError> {
        let files = FileOperations::new(Arc::clone(&self.root), self.observers.clone());
        files.rename(self.path.as_str(), to).await?;
        self.is_kept = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        let (root, path) = (Arc::clone(&self.root), self.path.clone());
        // Somebody may have removed it, which is as well.
        let remove = move || drop(root.remove(&path, &Stop::default()));
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(remove)),
            Err(_) => remove(),
        }
    }
}
