//! What is on its way out: `deprecated(since = "1.2.0", remove_in = "2.0.0",
//! note = "…")`, and Rust's own `#[deprecated]` on the function.

use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Lit, LitStr, Meta, MetaNameValue, Token};

use super::component::Component;
use super::options::{Reader, nested};
use super::version::Version;
use super::{attribute, key};
use crate::errors::Errors;
use crate::parse::docs::Text;
use crate::parse::options::Value;

/// What clients are told.
#[derive(Default)]
pub(crate) struct Deprecation {
    pub(crate) since: Option<String>,
    pub(crate) remove_in: Option<String>,
    pub(crate) note: Option<String>,
    /// Where and when it has to be gone.
    due: Option<(LitStr, Version)>,
}

/// The option `deprecated`; what it leaves open, the attribute of the function
/// says.
pub(crate) fn read(
    attribute: Option<&Attribute>,
    options: &mut Reader,
    errors: &mut Errors,
) -> Option<Deprecation> {
    let said = attribute.map(of_attribute);
    let Some(option) = option(options, errors) else {
        return said;
    };
    let said = said.unwrap_or_default();
    Some(Deprecation {
        since: option.since.or(said.since),
        note: option.note.or(said.note),
        ..option
    })
}

fn option(options: &mut Reader, errors: &mut Errors) -> Option<Deprecation> {
    let entry = options.take(key::DEPRECATED)?;
    let values = match entry.value {
        Value::Flag => Vec::new(),
        Value::List(values) => values,
        Value::Assign(value) => {
            let message = "say it in parentheses: `deprecated(since = \"1.2.0\", note = \"…\")`";
            errors.push(value, message);
            return None;
        }
    };
    let mut options = Reader::new(
        &attribute::DEPRECATION,
        nested(&values, "note = \"…\"", errors),
        errors,
    );
    let since = version(key::SINCE, &mut options, errors);
    let remove_in = version(key::REMOVE_IN, &mut options, errors);
    let note = options.literal(key::NOTE, errors);
    if let (Some((_, since)), Some((literal, remove_in))) = (&since, &remove_in)
        && since >= remove_in
    {
        let message = "it is removed before it is deprecated: \
                       `remove_in` has to be a later version than `since`";
        errors.push(literal, message);
    }
    let text = |version: &Option<(LitStr, Version)>| version.as_ref().map(|(text, _)| text.value());
    Some(Deprecation {
        since: text(&since),
        remove_in: text(&remove_in),
        note: note.map(|note| note.value()),
        due: remove_in,
    })
}

fn version(key: &str, options: &mut Reader, errors: &mut Errors) -> Option<(LitStr, Version)> {
    let literal = options.literal(key, errors)?;
    match Version::parse(&literal.value()) {
        Some(version) => Some((literal, version)),
        None => {
            let message = format!(
                "`{}` is not a version: write three numbers, `{key} = \"2.0.0\"`",
                literal.value(),
            );
            errors.push(literal, message);
            None
        }
    }
}

/// What `#[deprecated]`, `#[deprecated = ".."]` or `#[deprecated(..)]` says.
/// Whether it is well formed is the compiler's to judge.
fn of_attribute(attribute: &Attribute) -> Deprecation {
    let mut said = Deprecation::default();
    match &attribute.meta {
        Meta::Path(_) => {}
        Meta::NameValue(pair) => said.note = text(&pair.value),
        Meta::List(list) => {
            let pairs = Punctuated::<MetaNameValue, Token![,]>::parse_terminated;
            for pair in list.parse_args_with(pairs).unwrap_or_default() {
                if pair.path.is_ident(key::SINCE) {
                    said.since = text(&pair.value);
                } else if pair.path.is_ident(key::NOTE) {
                    said.note = text(&pair.value);
                }
            }
        }
    }
    said
}

fn text(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// Refuses what should be gone by now. `version` is that of the server; the
/// version of the user's crate where it has none of its own.
pub(crate) fn check_due(component: &Component, version: Option<&Text>, errors: &mut Errors) {
    let deprecation = component.deprecation.as_ref();
    let Some((literal, due)) = deprecation.and_then(|deprecation| deprecation.due.as_ref()) else {
        return;
    };
    let version = match version {
        Some(Text::Literal(version)) => Some(version.clone()),
        // What the compiler alone can read says nothing here.
        Some(Text::Lines(_) | Text::Expr(_)) => None,
        None => std::env::var("CARGO_PKG_VERSION").ok(),
    };
    let Some(version) = version else {
        return;
    };
    if Version::parse(&version).is_some_and(|version| version >= *due) {
        let message = format!(
            "`{}` was to be gone in {}, and this is version {version}: \
             remove it, or raise `remove_in`",
            component.name.text,
            literal.value(),
        );
        errors.push(literal, message);
    }
}
