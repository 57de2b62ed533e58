//! Why nothing was done.

use std::error::Error;
use std::{fmt, io};

/// What is known of a cause; for the log, never for the caller.
pub type Cause = Box<dyn Error + Send + Sync>;

/// Why an operation on files was not done.
///
/// The text (`Display`) is for whoever asked, which may be a model: it holds no path. What
/// operators want to know is in [`name`](Self::name), in [`source`](Error::source) and in the log.
#[derive(Debug)]
#[non_exhaustive]
pub enum FileError {
    /// The text names nothing below the root; what is wrong about it.
    InvalidPath(&'static str),
    /// The path, or a name in it, is too long, or it has too many names.
    TooLong,
    /// The path leads out of the root: by `..`, or by a link with an absolute target.
    Escape,
    /// There is a link where none is followed or replaced.
    Symlink,
    /// There are more than 40 links on the way.
    Loop,
    /// There is no such file or directory.
    NotFound,
    /// There is something else where a directory has to be.
    NotDirectory,
    /// It is no regular file, but a directory, a pipe, a socket or a device.
    NotRegular,
    /// There is something of that name already.
    Exists,
    /// The directory is not empty.
    NotEmpty,
    /// The file is larger than allowed.
    TooLarge,
    /// There is no room for more.
    Quota(Bound),
    /// The system, or the configuration, does not permit it.
    Denied,
    /// The file is no text in UTF-8.
    NotText,
    /// Too much is going on at once.
    Busy,
    /// The file system did not answer in time.
    Timeout,
    /// The system cannot do that; what it lacks, and what to do about it.
    Unsupported(&'static str),
    /// The file system failed.
    Io(Cause),
}

/// What there is no room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Bound {
    /// More bytes: [`Quota::bytes`](super::Quota::bytes).
    Bytes,
    /// More files and directories: [`Quota::files`](super::Quota::files).
    Files,
    /// Anything at all: the disk is full, or the quota of the system is used up.
    Disk,
    /// More tenants at once: [`Limits::tenants`](super::Limits::tenants).
    Tenants,
    /// More directories to watch: [`Limits::watched`](super::Limits::watched).
    Watched,
}

impl FileError {
    /// The name of this kind of error, for logs and metrics.
    ///
    /// ```
    /// use purlin_guard::files::FileError;
    ///
    /// assert_eq!(FileError::NotRegular.name(), "not_regular");
    /// ```
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::InvalidPath(_) => "invalid_path",
            Self::TooLong => "too_long",
            Self::Escape => "escape",
            Self::Symlink => "symlink",
            Self::Loop => "loop",
            Self::NotFound => "not_found",
            Self::NotDirectory => "not_directory",
            Self::NotRegular => "not_regular",
            Self::Exists => "exists",
            Self::NotEmpty => "not_empty",
            Self::TooLarge => "too_large",
            Self::Quota(_) => "quota",
            Self::Denied => "denied",
            Self::NotText => "not_text",
            Self::Busy => "busy",
            Self::Timeout => "timeout",
            Self::Unsupported(_) => "unsupported",
            Self::Io(_) => "io",
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidPath(why) => return write!(f, "that is no path of a file here: {why}"),
            Self::TooLong => "the path is too long",
            Self::Escape => "the path leads out of the directory that it belongs to",
            Self::Symlink => "there is a link, and links are not followed or replaced here",
            Self::Loop => "there are too many links on the way",
            Self::NotFound => "there is no such file or directory",
            Self::NotDirectory => "that is no directory",
            Self::NotRegular => "that is no regular file",
            Self::Exists => "there is something of that name already",
            Self::NotEmpty => "the directory is not empty",
            Self::TooLarge => "the file is larger than allowed",
            Self::Quota(Bound::Bytes) => "there is no room for so many bytes",
            Self::Quota(Bound::Files) => "there is no room for another file or directory",
            Self::Quota(Bound::Disk) => "the disk is full",
            Self::Quota(Bound::Tenants) => "there are too many tenants at once",
            Self::Quota(Bound::Watched) => "there are too many directories to be watched",
            Self::Denied => "that is not permitted",
            Self::NotText => "the file is no text in UTF-8",
            Self::Busy => "too much is going on at once: try again later",
            Self::Timeout => "the file system did not answer in time",
            Self::Unsupported(why) => return write!(f, "the system cannot do that: {why}"),
            Self::Io(_) => "the file system failed",
        })
    }
}

impl Error for FileError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Io(cause) => Some(&**cause),
            _ => None,
        }
    }
}

/// What a failed call of the system means, where nothing particular is known of it.
impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind as Kind;
        match error.kind() {
            Kind::NotFound => Self::NotFound,
            Kind::PermissionDenied | Kind::ReadOnlyFilesystem | Kind::ResourceBusy => Self::Denied,
            Kind::AlreadyExists => Self::Exists,
            Kind::NotADirectory => Self::NotDirectory,
            Kind::IsADirectory => Self::NotRegular,
            Kind::DirectoryNotEmpty => Self::NotEmpty,
            Kind::FileTooLarge => Self::TooLarge,
            Kind::StorageFull | Kind::QuotaExceeded => Self::Quota(Bound::Disk),
            Kind::InvalidFilename => Self::TooLong,
            Kind::OutOfMemory | Kind::WouldBlock => Self::Busy,
            _ => Self::of_number(error),
        }
    }
}

impl FileError {
    /// Errors that `std` has no kind for.
    #[cfg(unix)]
    fn of_number(error: io::Error) -> Self {
        use rustix::io::Errno;
        match Errno::from_io_error(&error) {
            Some(Errno::LOOP) => Self::Loop,
            Some(Errno::MFILE | Errno::NFILE) => Self::Busy,
            Some(Errno::NXIO | Errno::NODEV) => Self::NotRegular,
            _ => Self::Io(Box::new(error)),
        }
    }

    #[cfg(not(unix))]
    fn of_number(error: io::Error) -> Self {
        Self::Io(Box::new(error))
    }
}

#[cfg(unix)]
impl From<rustix::io::Errno> for FileError {
    fn from(error: rustix::io::Errno) -> Self {
        io::Error::from(error).into()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use rustix::io::Errno;

    use super::*;

    #[test]
    fn what_the_system_has_no_room_for_is_a_quota() {
        for (number, name) in [
            (Errno::NOSPC, "quota"),
            (Errno::DQUOT, "quota"),
            (Errno::FBIG, "too_large"),
            (Errno::MFILE, "busy"),
            (Errno::NFILE, "busy"),
            (Errno::NOMEM, "busy"),
            (Errno::ROFS, "denied"),
            (Errno::IO, "io"),
        ] {
            assert_eq!(FileError::from(number).name(), name, "{number:?}");
        }
    }
}
