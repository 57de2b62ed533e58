//! The options of `#[arg(..)]`.

use syn::ext::IdentExt;
use syn::{Expr, ExprLit, Ident, Lit, LitStr, Type};

use super::constraint::Constraint;
use super::func::Param;
use super::options::{Reader, bare, shown};
use super::ty::{self, Known, Passed};
use super::{attribute, key, limits};
use crate::errors::Errors;
use crate::parse::docs::Docs;
use crate::parse::item::Marker;
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
    let aliases = options.words(key::ALIAS, errors);
    for alias in &aliases {
        one_word(alias, errors);
    }
    let sensitive = sensitive(&mut options, errors);
    let lenient = options.flag(key::LENIENT, errors) == Some(true);
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
        aliases,
        lenient,
        sensitive,
    }
}

/// What an option of a parameter has no meaning for, with the reason.
const UNFIT: [(Marker, &str, &str); 6] = [
    (
        Marker::Resource,
        key::ALIAS,
        "the template names the variables of a resource: drop `alias`",
    ),
    (
        Marker::Resource,
        key::LENIENT,
        "the variables of a resource are read from texts anyway: drop `lenient`",
    ),
    (
        Marker::Resource,
        key::SENSITIVE,
        "a URI is shown and logged everywhere: take what is `sensitive` as an argument of a tool",
    ),
    (
        Marker::Resource,
        key::HEADER,
        "only the arguments of a tool are sent as headers: drop `header`",
    ),
    (
        Marker::Prompt,
        key::LENIENT,
        "the arguments of a prompt are read from texts anyway: drop `lenient`",
    ),
    (
        Marker::Prompt,
        key::HEADER,
        "only the arguments of a tool are sent as headers: drop `header`",
    ),
];

/// The options that make sense on a parameter of a `noun`.
pub(crate) fn fitting(noun: &str, mut options: Options, errors: &mut Errors) -> Options {
    options.entries.retain(|entry| {
        let unfit = UNFIT
            .iter()
            .find(|(marker, key, _)| marker.noun() == noun && entry.key == key);
        if let Some((.., reason)) = unfit {
            errors.push(&entry.key, reason);
        }
        unfit.is_none()
    });
    options
}

/// Notes aliases that are names of something else already.
pub(crate) fn aliases(params: &[&Param], errors: &mut Errors) {
    let mut seen: Vec<String> = Vec::new();
    for param in params {
        for alias in &param.aliases {
            let name = alias.value();
            let message = if name == param.wire {
                format!("the argument is called `{name}` anyway: drop the alias")
            } else if params.iter().any(|other| other.wire == name) || seen.contains(&name) {
                format!("another argument is called `{name}`: choose another alias")
            } else {
                seen.push(name);
                continue;
            };
            errors.push(alias, message);
        }
    }
}

/// Whether nobody may see the value.
fn sensitive(options: &mut Reader, errors: &mut Errors) -> bool {
    let sensitive = options.flag(key::SENSITIVE, errors) == Some(true);
    for (key, reason) in [
        (key::HEADER, "proxies log headers"),
        (key::EXAMPLE, "the schema shows an example to everybody"),
    ] {
        if sensitive && let Some(entry) = options.take(key) {
            let message = format!("{reason}: drop `{key}` or `sensitive`");
            errors.push(&entry.key, message);
        }
    }
    sensitive
}

fn wire(ident: &Ident, options: &mut Reader, errors: &mut Errors) -> String {
    let Some(literal) = options.literal(key::NAME, errors) else {
        return ident.unraw().to_string();
    };
    one_word(&literal, errors);
    literal.value()
}

/// Refuses the name of an argument that has spaces in it, or nothing.
pub(crate) fn one_word(literal: &LitStr, errors: &mut Errors) {
    let name = literal.value();
    if name.is_empty() || name.chars().any(|c| c.is_control() || c.is_whitespace()) {
        let words: Vec<&str> = name.split_whitespace().collect();
        let instead = match &*words.join("_") {
            "" => "write one, or leave the option out".to_owned(),
            joined => format!("write `{joined}`"),
        };
        errors.push(
            literal,
            format!("the name of an argument is one word: {instead}"),
        );
    }
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

/// Notes a default that the limits refuse.
pub(crate) fn admitted(default: &Expr, constraints: &[Constraint], errors: &mut Errors) {
    let broken = constraints
        .iter()
        .find_map(|constraint| constraint.broken_by(default));
    if let Some(wanted) = broken {
        let message = format!("the default is refused by the limits of its own argument: {wanted}");
        errors.push(default, message);
    }
}
