//! What can go wrong between the store and its file.

use std::io;

use purlin_core::store::{StoreError, StoreErrorKind};

/// Why a transaction did not happen. All of its operations fail for the same reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// There is no room on the disk.
    Full,
    /// The disk does not do what it is asked.
    Io,
    /// What is in the file makes no sense.
    Damaged,
}

impl Fault {
    fn of_io(error: &io::Error) -> Self {
        use io::ErrorKind::{FileTooLarge, InvalidData, QuotaExceeded, StorageFull, UnexpectedEof};
        match error.kind() {
            StorageFull | QuotaExceeded | FileTooLarge => Self::Full,
            InvalidData | UnexpectedEof => Self::Damaged,
            _ => Self::Io,
        }
    }
}

impl<E: Into<redb::Error>> From<E> for Fault {
    fn from(error: E) -> Self {
        match error.into() {
            redb::Error::Io(error) => Self::of_io(&error),
            redb::Error::PreviousIo | redb::Error::DatabaseClosed => Self::Io,
            _ => Self::Damaged,
        }
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Full => Self::new(StoreErrorKind::Quota, "the disk of the store is full"),
            Fault::Io => Self::new(
                StoreErrorKind::Unavailable,
                "the disk of the store does not work",
            ),
            Fault::Damaged => Self::new(
                StoreErrorKind::Corrupt,
                "the file of the store was found damaged",
            ),
        }
    }
}
