//! Name by name, from directory to directory.
//!
//! Every directory on the way is open, and each step takes one name in the last of them and follows
//! no link. A link is read, and its target takes its place in what is left of the path. `..` goes
//! back to the directory that was open before, so it never asks the system for a parent.

use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind};
use std::path::{Component, Path};

use crate::files::directory::{Directory, is_link, is_magic};
use crate::files::object::Object;
use crate::files::{FileError, RETRIES};

/// How many links Linux follows.
const LINKS: usize = 40;

/// Where a path ends: in a directory that is open, or at a name in it that is no link.
struct End {
    directory: Directory,
    name: Option<OsString>,
}

pub(super) fn directory(root: &Directory, path: &str) -> Result<Directory, FileError> {
    // With this, the last name has to be a directory as any other.
    let end = Walk::new(root, &format!("{path}/."))?.end()?;
    Ok(end.directory)
}

pub(super) fn object(root: &Directory, path: &str) -> Result<Object, FileError> {
    for _ in 0..RETRIES {
        let end = Walk::new(root, path)?.end()?;
        let object = match end.name {
            None => Some(Object::of_directory(end.directory)?),
            Some(name) => Object::of_entry(&end.directory, &name)?,
        };
        if let Some(object) = object {
            return Ok(object);
        }
    }
    Err(FileError::Busy)
}

struct Walk {
    /// The directories on the way, the root first.
    open: Vec<Directory>,
    /// What is left, the next name last.
    left: Vec<OsString>,
    links: usize,
}

impl Walk {
    fn new(root: &Directory, path: &str) -> Result<Self, FileError> {
        let mut walk = Self {
            open: vec![root.try_clone()?],
            left: Vec::new(),
            links: 0,
        };
        walk.add(OsStr::new(path));
        Ok(walk)
    }

    /// Puts a path before what is left. A slash at its end means that there has to be a directory.
    fn add(&mut self, path: &OsStr) {
        let bytes = path.as_encoded_bytes();
        if bytes.ends_with(b"/") || bytes.ends_with(b"/.") {
            self.left.push(".".into());
        }
        let names = Path::new(path).components().rev();
        self.left
            .extend(names.map(|name| name.as_os_str().to_owned()));
    }

    fn end(mut self) -> Result<End, FileError> {
        while let Some(name) = self.left.pop() {
            match name.as_encoded_bytes() {
                b"." => {}
                b".." if self.open.len() == 1 => return Err(FileError::Escape),
                b".." => drop(self.open.pop()),
                _ if self.step(&name)? => {
                    return Ok(End {
                        directory: self.last()?,
                        name: Some(name),
                    });
                }
                _ => {}
            }
        }
        Ok(End {
            directory: self.last()?,
            name: None,
        })
    }

    fn last(&mut self) -> Result<Directory, FileError> {
        self.open.pop().ok_or(FileError::Escape)
    }

    /// Takes one name; whether the path ends with it.
    fn step(&mut self, name: &OsStr) -> Result<bool, FileError> {
        for _ in 0..RETRIES {
            let Some(here) = self.open.last() else {
                return Err(FileError::Escape);
            };
            let found = here.stat(name)?;
            if found.is_symlink() {
                match here.target(name) {
                    // It was a link a moment ago.
                    Err(error) if is_other(&error) => continue,
                    target => {
                        let target = target?;
                        let magic = is_magic(here, &target);
                        return self.link(&target, magic).map(|()| false);
                    }
                }
            }
            if self.left.is_empty() {
                return Ok(true);
            }
            if !found.is_dir() {
                return Err(FileError::NotDirectory);
            }
            match here.child(name) {
                Ok(child) => self.open.push(child),
                Err(error) if is_other(&error) => continue,
                Err(error) => return Err(error.into()),
            }
            return Ok(false);
        }
        Err(FileError::Busy)
    }

    fn link(&mut self, target: &OsStr, magic: bool) -> Result<(), FileError> {
        self.links += 1;
        if self.links > LINKS {
            return Err(FileError::Loop);
        }
        if magic {
            return Err(FileError::Symlink);
        }
        if Path::new(target).has_root() || has_drive(target) {
            return Err(FileError::Escape);
        }
        self.add(target);
        Ok(())
    }
}

/// Whether a name is no longer what it was when it was looked at.
fn is_other(error: &io::Error) -> bool {
    let kinds = [ErrorKind::NotADirectory, ErrorKind::InvalidInput];
    is_link(error) || kinds.contains(&error.kind())
}

fn has_drive(target: &OsStr) -> bool {
    let first = Path::new(target).components().next();
    matches!(first, Some(Component::Prefix(_)))
}
