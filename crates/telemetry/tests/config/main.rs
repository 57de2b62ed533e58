//! Configuration, as a program meets it: a type, layers, and either all of it or
//! every mistake.

mod files;
mod layers;
mod mistakes;
mod pages;
mod properties;
mod secrets;
mod shop;

use purlin_telemetry::config::{Config, ConfigError, Loader};

/// The problems of a configuration that must not load.
fn refused<T: Config>(loader: Loader) -> ConfigError {
    loader.load::<T>().expect_err("it is refused")
}
