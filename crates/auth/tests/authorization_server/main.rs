//! An authorization server over sockets, with browsers that keep cookies as browsers do. Tests are
//! named after the rules they hold.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod assertions;
mod attacks;
mod binding;
mod codes;
mod consent;
mod development;
mod metadata;
mod outage;
mod properties;
mod requests;
mod scene;
