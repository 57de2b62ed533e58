//! `#[mount]` on a field.

use syn::{Attribute, Expr, Ident, Type};

use super::demand::{self, Demand};
use super::options::Reader;
use super::{attribute, layer, name};
use crate::errors::Errors;
use crate::parse;

/// A field that holds a server.
pub(crate) struct Mount {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) prefix: Option<String>,
    /// What is put around it.
    pub(crate) layers: Vec<Expr>,
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) demand: Demand,
}

/// Checks one mount.
pub(crate) fn check(parsed: parse::item::Field, errors: &mut Errors) -> Option<Mount> {
    let mut options = Reader::new(&attribute::MOUNTED, parsed.options, errors);
    let prefix = name::prefix(&mut options, errors).map(|prefix| prefix.text);
    let demand = demand::read(&mut options, errors);
    let layers = layer::read(&mut options, errors);
    let Some(ident) = parsed.ident else {
        let message = "a mount needs a field with a name: `struct Platform { weather: Weather }`";
        errors.push(&parsed.path, message);
        return None;
    };
    Some(Mount {
        ident,
        ty: parsed.ty,
        prefix,
        layers,
        cfgs: parsed.cfgs,
        demand,
    })
}
