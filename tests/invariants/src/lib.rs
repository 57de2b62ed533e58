//! What must hold for every input that a parser is given.
//!
//! A module for each target, with one function: `check` takes any bytes and panics when something
//! does not hold. `cargo xtask fuzz` looks for bytes for which it does, guided by coverage; the
//! tests of this package pass it the seeds, among them whatever was once found.
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a panic is how an invariant says that it does not hold"
)]

#[cfg(feature = "parsers")]
pub mod config;
#[cfg(feature = "parsers")]
pub mod envelope;
pub mod fetched_answer;
#[cfg(feature = "parsers")]
pub mod http_bytes;
#[cfg(feature = "parsers")]
pub mod json_schema;
#[cfg(feature = "parsers")]
pub mod jwt;
#[cfg(feature = "parsers")]
pub mod mcp_headers;
#[cfg(target_os = "linux")]
pub mod path_resolver;
mod public;
#[cfg(feature = "parsers")]
pub mod redirect;
#[cfg(feature = "parsers")]
pub mod stored_record;
#[cfg(feature = "parsers")]
pub mod uri_template;
pub mod url_guard;

/// A parser, by the name of its module.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name of the module, of the program that fuzzes it, and of the directory of its seeds.
    pub name: &'static str,
    /// What must hold.
    pub check: fn(&[u8]),
}

macro_rules! targets {
    ($($(#[$only:meta])* $name:ident),* $(,)?) => {
        /// All of them.
        pub const TARGETS: &[Target] = &[
            $($(#[$only])* Target { name: stringify!($name), check: $name::check }),*
        ];
    };
}

targets![
    #[cfg(feature = "parsers")]
    config,
    #[cfg(feature = "parsers")]
    envelope,
    fetched_answer,
    #[cfg(feature = "parsers")]
    http_bytes,
    #[cfg(feature = "parsers")]
    json_schema,
    #[cfg(feature = "parsers")]
    jwt,
    #[cfg(feature = "parsers")]
    mcp_headers,
    #[cfg(target_os = "linux")]
    path_resolver,
    #[cfg(feature = "parsers")]
    redirect,
    #[cfg(feature = "parsers")]
    stored_record,
    #[cfg(feature = "parsers")]
    uri_template,
    url_guard,
];
