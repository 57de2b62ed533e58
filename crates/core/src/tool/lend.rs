//! What is decoded for a parameter that is borrowed.

use std::path::{Path, PathBuf};

/// A type that a handler can borrow, and what owns the value meanwhile.
pub trait Lend {
    /// What is decoded.
    type Owned;
}

impl<T> Lend for T {
    type Owned = T;
}

impl Lend for Path {
    type Owned = PathBuf;
}
