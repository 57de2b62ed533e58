//! Hands as they are often seen: the path is made real, held against the root, and then opened. They
//! show that the attacker is fast enough to be noticed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::deeds::{Deed, Hands, Saw};

#[derive(Clone)]
pub(crate) struct Naive(Arc<PathBuf>);

impl Naive {
    pub(crate) fn new(root: &Path) -> Self {
        Self(Arc::new(root.canonicalize().unwrap()))
    }

    /// The path, if what it leads to is below the root, a moment ago.
    fn checked(&self, path: &str) -> io::Result<PathBuf> {
        let path = self.0.join(path);
        match path.canonicalize()?.starts_with(&*self.0) {
            true => Ok(path),
            false => Err(io::ErrorKind::PermissionDenied.into()),
        }
    }

    fn try_to(&self, deed: Deed) -> io::Result<Saw> {
        match deed {
            Deed::Read(path) => fs::read(self.checked(path)?).map(Saw::Bytes),
            Deed::Stat(path) => Ok(Saw::Size(fs::metadata(self.checked(path)?)?.len())),
            Deed::List(path) => {
                let entries = fs::read_dir(self.checked(path)?)?.flatten();
                let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
                Ok(Saw::Names(entries.map(name).collect()))
            }
            Deed::Write(path) => fs::write(self.checked(path)?, "ours").map(|()| Saw::Nothing),
            Deed::Remove(path) => fs::remove_file(self.checked(path)?).map(|()| Saw::Nothing),
            _ => Ok(Saw::Nothing),
        }
    }
}

impl Hands for Naive {
    async fn act(&self, deed: Deed) -> Saw {
        self.try_to(deed).unwrap_or(Saw::Refused("refused"))
    }
}
