//! Names that match a pattern.

use std::ffi::OsStr;
use std::io::ErrorKind;

use globset::{GlobBuilder, GlobMatcher};

use super::draft::is_draft;
use super::{DEPTH, Root};
use crate::files::directory::Directory;
use crate::files::pool::Stop;
use crate::files::{FileError, Found, RelativePath};

/// How many bytes a pattern may have. What matches it takes time in proportion to it.
const PATTERN: usize = 1_024;

/// How many entries are looked at, as a multiple of how many may be found.
const LOOKS: usize = 10;

/// A pattern that was read: where the search begins, and what it looks for.
#[derive(Debug)]
pub(in super::super) struct Pattern {
    /// The names before the first that is none but a pattern.
    base: String,
    matcher: GlobMatcher,
    /// How deep below the base there can be a match.
    depth: usize,
}

impl Pattern {
    pub(in super::super) fn parse(text: &str) -> Result<Self, FileError> {
        if text.len() > PATTERN {
            return Err(FileError::TooLong);
        }
        RelativePath::parse(text)?;
        let names = text.split('/').filter(|name| !matches!(*name, "" | "."));
        let names: Vec<_> = names.collect();
        if names.contains(&"..") {
            return Err(FileError::InvalidPath("a pattern leads down only"));
        }
        let plain = names.iter().take_while(|name| !is_pattern(name)).count();
        let plain = plain.min(names.len().saturating_sub(1));
        let is_deep = text.contains("**") || text.contains('{');
        let glob = GlobBuilder::new(&names.join("/"))
            .literal_separator(true)
            .backslash_escape(false)
            .build()
            .map_err(|_| FileError::InvalidPath("the pattern is not closed, or empty"))?;
        Ok(Self {
            base: names[..plain].join("/"),
            matcher: glob.compile_matcher(),
            depth: if is_deep { DEPTH } else { names.len() - plain },
        })
    }
}

fn is_pattern(name: &str) -> bool {
    name.contains(['*', '?', '[', ']', '{', '}'])
}

impl Root {
    pub(in super::super) fn glob(
        &self,
        pattern: &Pattern,
        stop: &Stop,
    ) -> Result<Found, FileError> {
        let base = match pattern.base.as_str() {
            "" => self.open("."),
            base => self.open(base),
        };
        let base = match base {
            Err(FileError::NotFound | FileError::NotDirectory) => return Ok(Found::default()),
            base => base?,
        };
        let most = self.quota().listing;
        let mut search = Search {
            pattern,
            stop,
            most,
            looks: most.saturating_mul(LOOKS),
            found: Found::default(),
        };
        search.directory(&base, &pattern.base, 1)?;
        let mut found = search.found;
        found.paths.sort();
        Ok(found)
    }
}

struct Search<'a> {
    pattern: &'a Pattern,
    stop: &'a Stop,
    most: usize,
    /// How many entries may still be looked at.
    looks: usize,
    found: Found,
}

impl Search<'_> {
    fn directory(&mut self, at: &Directory, path: &str, depth: usize) -> Result<(), FileError> {
        for name in at.entries()? {
            self.stop.check()?;
            self.name(at, path, &name?, depth)?;
            if self.found.more {
                break;
            }
        }
        Ok(())
    }

    fn name(
        &mut self,
        at: &Directory,
        path: &str,
        name: &OsStr,
        depth: usize,
    ) -> Result<(), FileError> {
        let Some(text) = name.to_str().filter(|it| RelativePath::parse(it).is_ok()) else {
            return Ok(());
        };
        if is_draft(name) {
            return Ok(());
        }
        let is_new = self.found.paths.len() < self.most;
        self.looks = self.looks.saturating_sub(1);
        let path = if path.is_empty() {
            text.to_owned()
        } else {
            format!("{path}/{text}")
        };
        let is_match = self.pattern.matcher.is_match(&path);
        self.found.more = self.looks == 0 || (is_match && !is_new);
        if self.found.more {
            return Ok(());
        }
        if depth < self.pattern.depth && at.stat(name).is_ok_and(|it| it.is_dir()) {
            self.inside(at, name, &path, depth)?;
        }
        if is_match && !self.found.more {
            self.found.paths.push(path);
        }
        Ok(())
    }

    /// A directory that went, or that may not be looked into, has nothing to be found.
    fn inside(
        &mut self,
        at: &Directory,
        name: &OsStr,
        path: &str,
        depth: usize,
    ) -> Result<(), FileError> {
        let passed = [
            ErrorKind::NotFound,
            ErrorKind::NotADirectory,
            ErrorKind::PermissionDenied,
        ];
        match at.child(name) {
            Ok(child) => match self.directory(&child, path, depth + 1) {
                Err(FileError::Denied | FileError::NotFound) => Ok(()),
                other => other,
            },
            Err(error) if passed.contains(&error.kind()) => Ok(()),
            Err(error) if crate::files::directory::is_link(&error) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
