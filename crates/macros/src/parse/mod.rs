//! First stage: from tokens to a description of what the user wrote.
//!
//! Nothing is judged here beyond syntax, and nothing is emitted. The helper
//! attributes are moved from the user's item into the description, so what
//! remains of the item is what the compiler gets back.

pub(crate) mod code;
mod conditional;
pub(crate) mod derive;
pub(crate) mod docs;
pub(crate) mod func;
pub(crate) mod item;
pub(crate) mod options;
