//! Files below a directory, named by somebody else.
//!
//! A root is an open directory. A name is read into a [`RelativePath`], which refuses what could
//! mean two things; the way from there to a file never leaves the root, whatever links there are
//! and whoever moves them meanwhile. Nothing here looks at a path first and opens it afterwards.
//!
//! | step | what it does | type |
//! |---|---|---|
//! | name | refuses texts that are no relative path on every system | [`RelativePath`] |
//! | turn | so many operations at once, for so long, away from the threads of the runtime | [`Limits`] |
//! | way | from the root to the file, with `openat2` or name by name | [`Resolver`] |
//! | look | what it is, before anything is opened | [`Stat`] |
//! | room | held against what there is and what is on its way | [`Quota`] |
//! | act | reading: that very file; writing: a new one that takes its name | [`FileOperations`] |
//!
//! What fails is a [`FileError`].

mod builder;
mod directory;
mod entry;
mod error;
mod ledger;
mod limits;
mod object;
mod opening;
mod operations;
mod path;
mod pool;
mod resolve;
mod root;
mod temporary;
mod tenants;
mod watch;

pub use builder::Builder;
pub use entry::{Entry, Found, Kind, Listing, Stat};
pub use error::{Bound, Cause, FileError};
pub use limits::{Limits, Quota, Usage};
pub use operations::FileOperations;
pub use path::RelativePath;
pub(crate) use path::is_invisible;
pub use resolve::Resolver;
pub use temporary::Temporary;
pub use watch::{Change, Watch};

/// How often something is tried again that went wrong because somebody changed it meanwhile.
const RETRIES: usize = 64;
