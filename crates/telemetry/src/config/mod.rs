//! Settings out of layers.
//!
//! A program says which settings it has as a type that derives `Config`, and
//! loads it once: [`Config::load`]. Data flows one way:
//!
//! 1. Each layer ([`Layer`]) becomes a tree of texts that know where they were
//!    written ([`Node`], [`Origin`]): variables and flags are looked up by what
//!    settings there are, files are parsed and their `${VAR}` filled in.
//! 2. The trees are laid over each other in the order of the [`Loader`].
//! 3. A [`Reader`] takes the type out of the tree, setting by setting
//!    ([`Setting`]), and notes every mistake instead of stopping at one.
//! 4. Either all mistakes ([`ConfigError`]) or a [`Loaded`] come out: the type,
//!    the settings of serving ([`ServerSettings`]), and for each value where it
//!    was written. Nothing changes it afterwards.
//!
//! Secrets ([`Secret`], `#[config(secret)]`) show nowhere on that way.
//!
//! Environment and command line are always there, for `serve()` itself reads
//! them; files, `.env` and profiles are the feature `config`.

mod arguments;
mod auth;
mod explain;
#[cfg(feature = "config")]
mod files;
mod help;
mod json;
mod layer;
mod loaded;
mod loader;
mod nearest;
mod node;
mod origin;
mod problem;
mod profile;
mod reader;
mod reference;
mod server;
mod setting;
mod shape;
mod shown;
mod variables;

pub use auth::{AuthMode, AuthProvider, AuthSettings, AuthStore};
#[doc(hidden)]
pub use explain::conclude;
pub use explain::wants_explanation;
#[doc(hidden)]
pub use help::tell;
pub use help::{help, wants_help};
pub use layer::Layer;
#[doc(hidden)]
pub use loaded::{Again, Change};
pub use loaded::{Entry, Loaded};
pub use loader::Loader;
pub use node::Node;
pub use origin::{Origin, Place};
pub use problem::{ConfigError, Invalid, Problem};
pub use profile::{NoProfile, Profile};
pub use reader::Reader;
pub use reference::reference;
pub use server::{LogFormat, ServerSettings, TransportSetting};
pub use setting::{ByteSize, NoByteSize, Secret, Setting, Wipe};
pub use shape::Shape;

pub use purlin_macros::Config;

pub(crate) use shape::Field;

/// The settings of a program: what a struct that derives `Config` is.
///
/// ```
/// use std::time::Duration;
/// use purlin_telemetry::config::{Config, Loader, Secret};
///
/// #[derive(Config)]
/// # #[config(crate = purlin_telemetry)]
/// struct Shop {
///     /// Where orders are kept.
///     #[config(env = "DATABASE_URL")]
///     database_url: Secret,
///     /// How many connections to it.
///     #[config(default = 20, range = 1..=200, env = "POOL_SIZE")]
///     pool_size: u32,
///     /// For how long answers are kept.
///     #[config(default = "5m")]
///     cache_ttl: Duration,
/// }
///
/// let shop = Loader::new()
///     .variables([("DATABASE_URL", "postgres://db/shop"), ("MCP_CACHE_TTL", "30s")])
///     .load::<Shop>()?;
/// assert_eq!(shop.pool_size, 20);
/// assert_eq!(shop.cache_ttl, Duration::from_secs(30));
/// assert!(shop.explain().contains("database_url = [redacted]"));
/// # Ok::<_, purlin_telemetry::config::ConfigError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the settings of a program",
    label = "not a struct that derives `Config`",
    note = "the whole of a configuration is a struct under `#[derive(purlin::Config)]`"
)]
pub trait Config: Setting + Send + Sync + 'static {
    /// Reads the settings from this process and the files of its working
    /// directory ([`Loader::standard`]). When the command line is
    /// `config explain`, prints them and ends the process; with `--help` prints
    /// what there is to set.
    ///
    /// # Errors
    /// With every mistake there is.
    #[cfg(feature = "config")]
    fn load() -> Result<Loaded<Self>, ConfigError> {
        let loader = Loader::standard();
        if help::is_asked(&loader.arguments) {
            tell::<Self>(&loader);
        }
        let explains = explain::is_asked(&loader.arguments);
        let loaded = loader.load();
        match explains {
            true => conclude(loaded),
            false => loaded,
        }
    }
}

/// No settings besides those of serving.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSettings;

impl Setting for NoSettings {
    fn shape() -> Shape {
        Shape::group(&[])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        reader.group(node, &[]).map(|_| Self)
    }

    fn show(&self) -> String {
        "{}".to_owned()
    }
}

impl Config for NoSettings {}

/// What the expansion of the derive calls. Not part of the public interface.
#[doc(hidden)]
pub mod private {
    pub use super::reader::{Access, Group, Range};
    pub use super::shape::{Field, show_group};
    pub use super::{Config, Node, Reader, Setting, Shape};
    pub use std::option::Option;
    pub use std::string::String;
}
