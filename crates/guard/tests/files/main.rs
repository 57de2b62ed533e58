//! Every rule of the file operations, on a real file system, with both ways of following paths.
#![allow(
    clippy::unwrap_used,
    clippy::field_reassign_with_default,
    reason = "these are tests, and `Limits` is non-exhaustive"
)]

mod ground;
mod limits;
mod links;
mod listing;
mod moving;
mod names;
mod reading;
mod room;
mod scopes;
mod watching;
mod writing;
