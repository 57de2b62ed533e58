//! `#[mount]` on a field.

use syn::{Attribute, Ident, Type};

use super::attribute;
use super::demand::{self, Demand};
use super::name;
use super::options::Reader;
use crate::errors::Errors;
use crate::parse;

/// A field that holds a server.
pub(crate) struct Mount {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) prefix: Option<String>,
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) demand: Demand,
}

/// Checks one mount.
pub(crate) fn check(parsed: parse::item::Field, errors: &mut Errors) -> Option<Mount> {
    let mut options = Reader::new(&attribute::MOUNTED, parsed.options, errors);
    let prefix = name::prefix(&mut options, errors).map(|prefix| prefix.text);
    let demand = demand::read(&mut options, errors);
    let Some(ident) = parsed.ident else {
        let message = "a mount needs a field with a name: `struct Platform { weather: Weather }`";
        errors.push(&parsed.path, message);
        return None;
    };
    Some(Mount {
        ident,
        ty: parsed.ty,
        prefix,
        cfgs: parsed.cfgs,
        demand,
    })
}
