//! The options of `#[arg(..)]`.

use syn::ext::IdentExt;
use syn::{Expr, ExprLit, Ident, Lit, Type};

use super::constraint::Constraint;
use super::func::Param;
use super::options::{Reader, bare, shown};
use super::ty::{self, Known, Passed};
use super::{attribute, key, limits};
use crate::errors::Errors;
use crate::parse::docs::Docs;
use crate::parse::options::Options;

/// Checks what was written on one parameter.
pub(crate) fn check(
    ident: Ident,
    passed: Passed,
    docs: &Docs,
    options: Options,
    errors: &mut Errors,
) -> Param {
    let mut options = Reader::new(&attribute::PARAM, options, errors);
    let wire = wire(&ident, &mut options, errors);
    let description = options
        .text(key::DESCRIPTION, errors)
        .or_else(|| docs.text());
    let default = options.expr(key::DEFAULT, "value", errors);
    let constraints = limits::read(&wire, &passed.written, &mut options, errors);
    if let Some(default) = &default {
        default_fits(&wire, default, &passed.written, &constraints, errors);
    }
    Param {
        ident,
        wire,
        passed,
        description,
        default,
        constraints,
    }
}

fn wire(ident: &Ident, options: &mut Reader, errors: &mut Errors) -> String {
    let Some(literal) = options.literal(key::NAME, errors) else {
        return ident.unraw().to_string();
    };
    let name = literal.value();
    if name.is_empty() || name.chars().any(|c| c.is_control() || c.is_whitespace()) {
        errors.push(&literal, "the name of an argument is one word");
    }
    name
}

/// Holds a literal default against the type, where both are plain to see, and
/// against the limits.
fn default_fits(
    name: &str,
    default: &Expr,
    ty: &Type,
    constraints: &[Constraint],
    errors: &mut Errors,
) {
    let Expr::Lit(ExprLit { lit, .. }) = bare(default) else {
        return admitted(default, constraints, errors);
    };
    if ty::is_option(ty) {
        let message = format!(
            "`{name}` has a default by being an `Option`: write `Some({})`, or drop the `Option`",
            shown(lit),
        );
        errors.push(default, message);
        return;
    }
    let Some(known) = ty::known(ty) else {
        return;
    };
    let fits = match lit {
        Lit::Str(_) => known == Known::Text,
        Lit::Bool(_) => known == Known::Bool,
        Lit::Int(_) => matches!(known, Known::Integer { .. } | Known::Float),
        Lit::Float(_) => known == Known::Float,
        _ => true,
    };
    if fits {
        return admitted(default, constraints, errors);
    }
    let message = format!(
        "the default of `{name}` is {}, and `{}` is not",
        known.noun(),
        shown(lit)
    );
    errors.push(default, message);
}

fn admitted(default: &Expr, constraints: &[Constraint], errors: &mut Errors) {
    if !constraints
        .iter()
        .all(|constraint| constraint.admits(default))
    {
        errors.push(
            default,
            "the default is refused by the limits of its own argument",
        );
    }
}
