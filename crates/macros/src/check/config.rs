//! `#[derive(Config)]`.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{DeriveInput, Expr, ExprLit, Generics, Ident, Lit, LitStr, Path, Type, UnOp};

use super::constraint::Constraint;
use super::options::{Reader, bare, shown};
use super::ty::{self, Known};
use super::{arg, attribute, duration, key, limits, rename, server};
use crate::errors::Errors;
use crate::parse::derive::{self, Item, Style};
use crate::parse::docs::Text;

/// The name of the helper attribute.
pub(crate) const ATTRIBUTE: &str = "config";

/// The flags of serving.
const TAKEN: [&str; 4] = ["config", "http", "profile", "stdio"];

/// A type that can be read from a configuration.
pub(crate) struct Config {
    pub(crate) krate: Path,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) body: Body,
}

/// A group of settings, or one of several words.
pub(crate) enum Body {
    Group {
        settings: Vec<Setting>,
        validate: Option<Expr>,
    },
    Choice(Vec<Choice>),
}

/// One setting.
pub(crate) struct Setting {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) name: String,
    pub(crate) help: Option<Text>,
    pub(crate) variables: Vec<LitStr>,
    pub(crate) flag: Option<LitStr>,
    pub(crate) default: Option<Default>,
    /// Bounds of a number.
    pub(crate) range: Vec<Constraint>,
    pub(crate) range_span: Option<Span>,
    pub(crate) secret: bool,
    pub(crate) validate: Option<Expr>,
}

/// What holds where nothing is written.
pub(crate) enum Default {
    /// Read as if it were written.
    Text(String),
    Value(Expr),
}

/// One of the words.
pub(crate) struct Choice {
    pub(crate) ident: Ident,
    pub(crate) name: String,
}

/// Checks a type.
pub(crate) fn check(input: DeriveInput, errors: &mut Errors) -> Config {
    let item = Item::read(input, ATTRIBUTE, errors);
    if let Some(first) = item.generics.params.first() {
        let message =
            "what is read from a configuration is known by its type alone: drop the parameters";
        errors.push(first, message);
    }
    let is_enum = matches!(item.body, derive::Body::Enum(_));
    let known = match is_enum {
        true => &attribute::SETTING_ENUM,
        false => &attribute::SETTINGS,
    };
    let mut options = Reader::new(known, item.notes.options, errors);
    let krate = server::krate(&mut options, errors);
    let validate = function(&mut options, errors);
    let body = match item.body {
        derive::Body::Struct(fields) => Body::Group {
            settings: settings(&item.ident, fields, errors),
            validate,
        },
        derive::Body::Enum(variants) => Body::Choice(choices(&item.ident, variants, errors)),
        derive::Body::Union(token) => {
            errors.push(
                token,
                "a union cannot be written in a configuration: make it a struct",
            );
            Body::Choice(Vec::new())
        }
    };
    Config {
        krate,
        ident: item.ident,
        generics: item.generics,
        body,
    }
}

fn settings(ident: &Ident, fields: derive::Fields, errors: &mut Errors) -> Vec<Setting> {
    if fields.style == Style::Tuple {
        errors.push(ident, "a setting is found by its name: name the fields");
        return Vec::new();
    }
    let mut settings: Vec<Setting> = Vec::new();
    for field in fields.list {
        let Some(setting) = setting(field, errors) else {
            continue;
        };
        once(&settings, &setting, errors);
        settings.push(setting);
    }
    settings
}

/// Refuses a name, a variable or a flag that an earlier setting has.
fn once(earlier: &[Setting], setting: &Setting, errors: &mut Errors) {
    if earlier.iter().any(|other| other.name == setting.name) {
        let message = format!(
            "two settings are called `{}`: give one another `#[config(name = \"…\")]`",
            setting.name,
        );
        errors.push(&setting.ident, message);
    }
    for variable in &setting.variables {
        let same = |other: &LitStr| other.value() == variable.value();
        if let Some(other) = earlier
            .iter()
            .find(|other| other.variables.iter().any(same))
        {
            let message = format!(
                "`{}` is read from this variable already: name another",
                other.name
            );
            errors.push(variable, message);
        }
    }
    if let Some(flag) = &setting.flag {
        let same = |other: &&Setting| {
            other
                .flag
                .as_ref()
                .is_some_and(|other| other.value() == flag.value())
        };
        if let Some(other) = earlier.iter().find(same) {
            let message = format!("`{}` has this flag already: name another", other.name);
            errors.push(flag, message);
        }
    }
}

fn setting(field: derive::Field, errors: &mut Errors) -> Option<Setting> {
    let derive::Field { ident, ty, notes } = field;
    let ident = ident?;
    let mut options = Reader::new(&attribute::SETTING, notes.options, errors);
    let name = match options.literal(key::NAME, errors) {
        Some(literal) => {
            one_name(&literal, errors);
            literal.value()
        }
        None => ident.unraw().to_string(),
    };
    let help = options
        .text(key::DESCRIPTION, errors)
        .or_else(|| notes.docs.text());
    let variables = options.words(key::ENV, errors);
    for variable in &variables {
        one_variable(variable, errors);
    }
    let flag = options.literal(key::FLAG, errors);
    if let Some(flag) = &flag {
        one_flag(flag, errors);
    }
    let range_span = options.span(key::RANGE);
    let range = limits::read(&name, &ty, &mut options, errors);
    let secret = options.flag(key::SECRET, errors) == Some(true);
    let default = options.expr(key::DEFAULT, "value", errors);
    let default = default.map(|default| self::default(&name, default, &ty, &range, secret, errors));
    Some(Setting {
        validate: function(&mut options, errors),
        ident,
        ty,
        name,
        help,
        variables,
        flag,
        default,
        range,
        range_span,
        secret,
    })
}

/// `validate = path`, or a closure.
fn function(options: &mut Reader, errors: &mut Errors) -> Option<Expr> {
    let expr = options.expr(key::VALIDATE, "check", errors)?;
    if matches!(bare(&expr), Expr::Lit(_)) {
        errors.push(
            &expr,
            "`validate` names a function: `validate = check`, without quotes",
        );
        return None;
    }
    Some(expr)
}

fn one_name(literal: &LitStr, errors: &mut Errors) {
    let name = literal.value();
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !name.contains("__");
    if !is_name {
        let message = "the name of a setting is small letters, digits and single `_`: variables and flags \
                       are made of it";
        errors.push(literal, message);
    }
}

fn one_variable(literal: &LitStr, errors: &mut Errors) {
    let name = literal.value();
    let is_name = !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_name {
        let message = "the name of a variable is letters, digits and `_`";
        errors.push(literal, message);
    }
}

fn one_flag(literal: &LitStr, errors: &mut Errors) {
    let name = literal.value();
    let plain = name.trim_start_matches('-');
    let is_name = plain.starts_with(|c: char| c.is_ascii_lowercase())
        && plain
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c));
    if !is_name {
        errors.push(
            literal,
            "a flag is small letters, digits and `-`: `flag = \"pool-size\"`",
        );
    } else if plain.len() != name.len() {
        errors.push(
            literal,
            format!("the dashes are understood: write `{plain}`"),
        );
    } else if TAKEN.contains(&plain) {
        errors.push(
            literal,
            format!("the flag `--{plain}` belongs to serving: name another"),
        );
    }
}

/// A default, held against the type where that is plain to see, and against the
/// limits.
fn default(
    name: &str,
    default: Expr,
    ty: &Type,
    range: &[Constraint],
    secret: bool,
    errors: &mut Errors,
) -> Default {
    let Some((lit, text)) = literal(&default) else {
        return Default::Value(default);
    };
    if secret {
        let message = "everybody can read a default, so it is no secret: drop one of the two";
        errors.push(&default, message);
    } else if ty::is_option(ty) {
        let message = format!("with a default `{name}` is never `None`: drop the `Option`");
        errors.push(&default, message);
    } else if let Some(known) = ty::known(ty).filter(|known| !fits(*known, lit)) {
        let message = format!(
            "the default of `{name}` is {}, and `{}` is not",
            known.noun(),
            shown(&default),
        );
        errors.push(&default, message);
    } else if is_duration(ty) && !duration::is_setting(&text) {
        let message = format!(
            "`{text}` is not a length of time: write a whole number and a unit, such as `\"250ms\"`, \
             `\"5s\"`, `\"2m\"` or `\"1h\"`",
        );
        errors.push(&default, message);
    } else {
        arg::admitted(&default, range, errors);
    }
    Default::Text(text)
}

/// Whether the type goes by the name of the standard one.
fn is_duration(ty: &Type) -> bool {
    matches!(ty, Type::Path(path)
        if path.path.segments.last().is_some_and(|last| last.ident == "Duration" && last.arguments.is_empty()))
}

fn fits(known: Known, lit: &Lit) -> bool {
    match lit {
        Lit::Str(_) => matches!(known, Known::Text | Known::List),
        Lit::Bool(_) => known == Known::Bool,
        Lit::Int(_) => matches!(known, Known::Integer { .. } | Known::Float),
        Lit::Float(_) => known == Known::Float,
        _ => false,
    }
}

/// A literal, and how one would write it in a configuration.
fn literal(expr: &Expr) -> Option<(&Lit, String)> {
    match bare(expr) {
        Expr::Lit(ExprLit { lit, .. }) => {
            let text = match lit {
                Lit::Str(text) => text.value(),
                Lit::Int(number) => number.base10_digits().to_owned(),
                Lit::Float(number) => number.base10_digits().to_owned(),
                Lit::Bool(value) => value.value().to_string(),
                _ => return None,
            };
            Some((lit, text))
        }
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => {
            let (lit, text) = literal(&unary.expr)?;
            matches!(lit, Lit::Int(_) | Lit::Float(_)).then(|| (lit, format!("-{text}")))
        }
        _ => None,
    }
}

fn choices(ident: &Ident, variants: Vec<derive::Variant>, errors: &mut Errors) -> Vec<Choice> {
    if variants.is_empty() {
        errors.push(
            ident,
            format!("`{ident}` has no value at all: add a variant"),
        );
    }
    let mut choices: Vec<Choice> = Vec::new();
    for variant in variants {
        let choice = choice(variant, errors);
        if choices.iter().any(|other| other.name == choice.name) {
            let message = format!("two variants are written `{}`: rename one", choice.name);
            errors.push(&choice.ident, message);
        }
        choices.push(choice);
    }
    choices
}

fn choice(variant: derive::Variant, errors: &mut Errors) -> Choice {
    let mut options = Reader::new(&attribute::SETTING_VARIANT, variant.notes.options, errors);
    if variant.fields.style != Style::Unit {
        let message = "a setting is one of several words: drop the fields of this variant";
        errors.push(&variant.ident, message);
    }
    let name = match options.literal(key::NAME, errors) {
        Some(literal) => {
            arg::one_word(&literal, errors);
            literal.value()
        }
        None => rename::snake(&variant.ident.unraw().to_string()),
    };
    Choice {
        ident: variant.ident,
        name,
    }
}
