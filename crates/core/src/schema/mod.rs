//! JSON Schemas from types, made portable, and values held against them.
//!
//! schemars says what a type looks like in JSON; [`portable`] rewrites that into what every
//! client accepts; [`write`] gives it a stable order. Nothing here runs per call but [`raw`],
//! [`path`] and [`Validator`], which work on raw JSON and are not generic.

mod branch;
mod constraint;
mod form;
mod format;
mod generate;
mod limit;
mod mistakes;
mod number;
pub(crate) mod path;
mod pattern;
mod portable;
pub(crate) mod raw;
mod rewrite;
mod titles;
mod validator;
mod walk;
pub(crate) mod wording;
mod write;

pub use constraint::{Constraint, Number};
pub(crate) use form::form;
pub(crate) use generate::{Generator, Part, object_root};
pub(crate) use limit::Limit;
pub use mistakes::schema_mistakes;
pub(crate) use portable::Side;
pub(crate) use validator::Validator;
pub(crate) use write::write;

#[cfg(test)]
mod tests;
