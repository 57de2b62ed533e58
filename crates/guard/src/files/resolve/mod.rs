//! From a path to what is there, without ever leaving the root.
//!
//! There are two ways. [`openat2`] lets the kernel do it in one call. [`walk`] goes from directory
//! to directory with handles, for systems without that call. What they find and what they refuse
//! is the same.

#[cfg(target_os = "linux")]
mod openat2;
mod walk;

use super::FileError;
use super::directory::Directory;
use super::object::Object;

/// How a path is followed; see [`Builder::resolver`](super::Builder::resolver).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resolver {
    /// By the kernel if it can, which it is asked once when the root is opened.
    #[default]
    Detected,
    /// By the kernel: `openat2`, of Linux 5.6 and later.
    Openat2,
    /// Name by name: on every system.
    Emulated,
}

/// The way that was decided for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    #[cfg(target_os = "linux")]
    Kernel,
    Walk,
}

impl Resolver {
    /// Decides, once for each root.
    pub(super) fn decide(self, root: &Directory) -> Result<Way, FileError> {
        match self {
            Self::Emulated => Ok(Way::Walk),
            Self::Detected => Ok(kernel(root).unwrap_or(Way::Walk)),
            Self::Openat2 => kernel(root).ok_or(FileError::Unsupported(
                "it has no `openat2` (Linux 5.6), or a filter hides it: use `Resolver::Detected`",
            )),
        }
    }
}

#[cfg(target_os = "linux")]
fn kernel(root: &Directory) -> Option<Way> {
    openat2::works(root).then_some(Way::Kernel)
}

#[cfg(not(target_os = "linux"))]
fn kernel(_root: &Directory) -> Option<Way> {
    None
}

impl Way {
    pub(super) fn name(self) -> Resolver {
        match self {
            #[cfg(target_os = "linux")]
            Self::Kernel => Resolver::Openat2,
            Self::Walk => Resolver::Emulated,
        }
    }

    /// The directory at a path, links followed.
    pub(super) fn directory(self, root: &Directory, path: &str) -> Result<Directory, FileError> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Kernel => openat2::directory(root, path),
            Self::Walk => walk::directory(root, path),
        }
    }

    /// What is at a path, links followed, and not opened yet.
    pub(super) fn object(self, root: &Directory, path: &str) -> Result<Object, FileError> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Kernel => openat2::object(root, path),
            Self::Walk => walk::object(root, path),
        }
    }
}
