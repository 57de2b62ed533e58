//! What there is, compared with what there was.

use std::collections::BTreeMap;

use super::{Base, Change, Told, inside};
use crate::files::directory::Directory;
use crate::files::directory::known;
use crate::files::error::Bound;
use crate::files::pool::Stop;
use crate::files::root::{DEPTH, Root, is_draft};
use crate::files::{FileError, Stat};

/// What there was.
#[derive(Debug)]
pub(super) struct Looks {
    base: Base,
    there: BTreeMap<String, Stat>,
}

impl Looks {
    pub(super) fn new(base: Base, root: &Root, stop: &Stop) -> Result<Self, FileError> {
        let there = all(&base, root, stop)?.ok_or(FileError::Quota(Bound::Watched))?;
        Ok(Self { base, there })
    }

    /// Looks again, and tells what is different.
    pub(super) fn look(
        &mut self,
        root: &Root,
        told: &mut Told,
        stop: &Stop,
    ) -> Result<(), FileError> {
        let Some(now) = all(&self.base, root, stop)? else {
            told.add(Change::Missed);
            return Ok(());
        };
        for (path, stat) in &now {
            if self.there.get(path) != Some(stat) {
                told.add(Change::Made(self.base.path("", path)));
            }
        }
        for path in self.there.keys().filter(|path| !now.contains_key(*path)) {
            told.add(Change::Gone(self.base.path("", path)));
        }
        self.there = now;
        Ok(())
    }
}

/// Everything below, unless there is too much.
fn all(base: &Base, root: &Root, stop: &Stop) -> Result<Option<BTreeMap<String, Stat>>, FileError> {
    let most = usize::try_from(root.quota().files).unwrap_or(usize::MAX);
    let mut found = BTreeMap::new();
    directory(&base.open(root)?, "", 0, &mut found, most, stop)?;
    Ok(Some(found).filter(|it| it.len() <= most))
}

fn directory(
    at: &Directory,
    path: &str,
    depth: usize,
    found: &mut BTreeMap<String, Stat>,
    most: usize,
    stop: &Stop,
) -> Result<(), FileError> {
    // Reading it has ended before what is in it is opened: however deep it goes, one handle is
    // open for each directory on the way.
    let mut inner = Vec::new();
    for name in at.entries()? {
        stop.check()?;
        let name = name?;
        let Some(text) = name.to_str().filter(|_| !is_draft(&name)) else {
            continue;
        };
        let Ok(metadata) = at.stat(&name) else {
            continue;
        };
        let path = inside(path, text);
        let mut stat = known(&metadata);
        let is_directory = metadata.is_dir();
        if is_directory {
            // It changes with what is in it, which is told by itself.
            stat.modified = None;
        }
        found.insert(path.clone(), stat);
        if found.len() > most {
            return Ok(());
        }
        if is_directory && depth < DEPTH {
            inner.push((name, path));
        }
    }
    for (name, path) in inner {
        if let Ok(child) = at.child(&name) {
            // It may go while it is looked at.
            let _ = directory(&child, &path, depth + 1, found, most, stop);
        }
        if found.len() > most {
            return Ok(());
        }
    }
    Ok(())
}
