//! JSON Schemas from types, made portable, and arguments held against them.
//!
//! schemars says what a type looks like in JSON; [`portable`] rewrites that into what every
//! client accepts; [`write`] gives it a stable order. Nothing here runs per call but [`raw`],
//! [`path`] and [`check`], which work on raw JSON and are not generic.

pub(crate) mod check;
mod constraint;
mod form;
mod format;
mod generate;
pub(crate) mod path;
mod portable;
pub(crate) mod raw;
mod titles;
mod write;

pub use constraint::{Constraint, Number};
pub(crate) use form::form;
pub(crate) use generate::{Generator, Part, object_root};
pub(crate) use portable::Side;
pub(crate) use write::write;

#[cfg(test)]
mod tests;
