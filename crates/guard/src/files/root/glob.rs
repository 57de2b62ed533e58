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

/// How many bytes the paths of one search may have together.
const BYTES: usize = 4 << 20;

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
            bytes: BYTES,
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
    /// How many bytes the paths that are found may still have.
    bytes: usize,
    found: Found,
}

impl Search<'_> {
    /// What is in a directory first, and what is below it when it is not read any more: however
    /// deep it goes, one handle is open for each directory on the way.
    fn directory(&mut self, at: &Directory, path: &str, depth: usize) -> Result<(), FileError> {
        let mut inner = Vec::new();
        for name in at.entries()? {
            self.stop.check()?;
            let name = name?;
            if let Some(path) = self.name(&name, path) {
                let is_inner = depth < self.pattern.depth && !self.found.more;
                if is_inner && at.stat(&name).is_ok_and(|it| it.is_dir()) {
                    inner.push((name, path));
                }
            }
            if self.found.more {
                return Ok(());
            }
        }
        for (name, path) in inner {
            self.inside(at, &name, &path, depth)?;
            if self.found.more {
                break;
            }
        }
        Ok(())
    }

    /// Looks at a name; its path, if that can be asked for.
    fn name(&mut self, name: &OsStr, path: &str) -> Option<String> {
        self.looks = self.looks.saturating_sub(1);
        self.found.more = self.looks == 0;
        let text = name.to_str().filter(|_| !is_draft(name))?;
        RelativePath::parse(text).ok()?;
        let path = if path.is_empty() {
            text.to_owned()
        } else {
            format!("{path}/{text}")
        };
        RelativePath::parse(&path).ok()?;
        if self.pattern.matcher.is_match(&path) {
            self.found(&path);
        }
        Some(path)
    }

    fn found(&mut self, path: &str) {
        self.bytes = self.bytes.saturating_sub(path.len());
        self.found.more |= self.found.paths.len() == self.most || self.bytes == 0;
        if !self.found.more {
            self.found.paths.push(path.to_owned());
        }
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
