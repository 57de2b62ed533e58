//! Second stage: every mistake a user can make, on its token.
//!
//! Each file turns what `parse` read into a validated twin that `expand` can
//! write out without a question. A check that fails notes the mistake and goes
//! on with a harmless stand-in, so the mistakes after it are found too; nothing
//! is expanded once a mistake was noted.

pub(crate) mod arg;
pub(crate) mod attribute;
pub(crate) mod completion;
pub(crate) mod component;
pub(crate) mod config;
pub(crate) mod constraint;
pub(crate) mod data;
pub(crate) mod demand;
pub(crate) mod deprecated;
pub(crate) mod duration;
pub(crate) mod error;
pub(crate) mod format;
pub(crate) mod func;
pub(crate) mod icon;
pub(crate) mod json;
pub(crate) mod key;
pub(crate) mod layer;
pub(crate) mod limits;
pub(crate) mod lint;
pub(crate) mod listed;
pub(crate) mod lone;
pub(crate) mod middleware;
pub(crate) mod mount;
pub(crate) mod name;
pub(crate) mod nearest;
pub(crate) mod operations;
pub(crate) mod options;
pub(crate) mod pattern;
pub(crate) mod placement;
pub(crate) mod policy;
pub(crate) mod prompt;
pub(crate) mod rate;
pub(crate) mod rename;
pub(crate) mod resource;
pub(crate) mod runtime;
pub(crate) mod server;
pub(crate) mod template;
pub(crate) mod tool;
pub(crate) mod ty;
pub(crate) mod unique;
pub(crate) mod version;
