//! `#[derive(ToolError)]`.

use syn::{DeriveInput, Generics, Ident, Lit, LitStr, Path};

use super::nearest::nearest;
use super::options::Reader;
use super::{attribute, key, server};
use crate::errors::Errors;
use crate::parse::derive::{self, Fields, Item, Notes, Style};

/// The name of the helper attribute.
pub(crate) const ATTRIBUTE: &str = "tool_error";

/// The helper attribute of thiserror, whose derive implements
/// `std::error::Error`.
const THISERROR: &str = "error";

/// An error that says how it shows.
pub(crate) struct ErrorType {
    pub(crate) krate: Path,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    /// Whether it can be converted by `?`: a type with `std::error::Error`
    /// already is, with all of it private.
    pub(crate) converts: bool,
    pub(crate) cases: Vec<Case>,
}

/// What is said of a variant, or of a struct.
pub(crate) struct Case {
    /// `None` for a struct.
    pub(crate) variant: Option<Ident>,
    pub(crate) text: Option<Message>,
    pub(crate) code: Option<String>,
    pub(crate) recovery: Vec<String>,
    pub(crate) not_found: bool,
}

/// A text with fields in it.
pub(crate) struct Message {
    /// The text for `format!`, with a name for each field.
    pub(crate) format: LitStr,
    /// The fields by name or place, and what the text calls them.
    pub(crate) fields: Vec<(String, Ident)>,
}

/// Checks an error type.
pub(crate) fn check(input: DeriveInput, errors: &mut Errors) -> ErrorType {
    let mut item = Item::read(input, ATTRIBUTE, errors);
    let is_thiserror = is_thiserror(&item);
    let (whole, cases) = match item.body {
        derive::Body::Struct(fields) => structure(item.notes, &fields, errors),
        derive::Body::Enum(variants) => {
            let mut options = std::mem::take(&mut item.notes.options);
            for text in options.literals.drain(..) {
                errors.push(text, "each variant has a text of its own: write it there");
            }
            let mut options = Reader::new(&attribute::ERRORS, options, errors);
            let whole = Whole::read(&mut options, errors);
            if variants.is_empty() {
                errors.push(
                    &item.ident,
                    "an error without a variant never happens: add one",
                );
            }
            let cases = variants.into_iter();
            (whole, cases.map(|one| variant(one, errors)).collect())
        }
        derive::Body::Union(token) => {
            errors.push(token, "an error is an enum or a struct");
            let krate = syn::parse_quote!(::purlin);
            (
                Whole {
                    krate,
                    std_error: true,
                },
                Vec::new(),
            )
        }
    };
    ErrorType {
        krate: whole.krate,
        ident: item.ident,
        generics: item.generics,
        converts: !is_thiserror && !whole.std_error,
        cases,
    }
}

fn is_thiserror(item: &Item) -> bool {
    let has = |notes: &Notes| notes.others.iter().any(|other| other == THISERROR);
    let in_variants = match &item.body {
        derive::Body::Enum(variants) => variants.iter().any(|variant| has(&variant.notes)),
        _ => false,
    };
    has(&item.notes) || in_variants
}

/// What is said of the type as a whole.
struct Whole {
    krate: Path,
    std_error: bool,
}

impl Whole {
    fn read(options: &mut Reader, errors: &mut Errors) -> Self {
        Self {
            krate: server::krate(options, errors),
            std_error: options.flag(key::STD_ERROR, errors) == Some(true),
        }
    }
}

fn structure(notes: Notes, fields: &Fields, errors: &mut Errors) -> (Whole, Vec<Case>) {
    let mut options = notes.options;
    let text = text(&mut options.literals, fields, errors);
    let mut options = Reader::new(&attribute::ERROR_STRUCT, options, errors);
    let whole = Whole::read(&mut options, errors);
    let case = case(None, text, &mut options, errors);
    (whole, vec![case])
}

fn variant(parsed: derive::Variant, errors: &mut Errors) -> Case {
    let mut options = parsed.notes.options;
    let text = text(&mut options.literals, &parsed.fields, errors);
    let mut options = Reader::new(&attribute::ERROR, options, errors);
    case(Some(parsed.ident), text, &mut options, errors)
}

fn case(
    variant: Option<Ident>,
    text: Option<Message>,
    options: &mut Reader,
    errors: &mut Errors,
) -> Case {
    let code = options.literal(key::CODE, errors);
    if let Some(code) = &code
        && (code.value().is_empty() || code.value().contains(char::is_whitespace))
    {
        errors.push(code, "a code is one word: `code = \"sold_out\"`");
    }
    let recovery = options.words(key::RECOVERY, errors);
    Case {
        variant,
        text,
        code: code.as_ref().map(LitStr::value),
        recovery: recovery.iter().map(LitStr::value).collect(),
        not_found: options.flag(key::NOT_FOUND, errors) == Some(true),
    }
}

fn text(literals: &mut Vec<Lit>, fields: &Fields, errors: &mut Errors) -> Option<Message> {
    let mut texts = literals.drain(..);
    let literal = match texts.next()? {
        Lit::Str(literal) => literal,
        other => {
            errors.push(
                other,
                "what a model reads is a text: `#[tool_error(\"…\")]`",
            );
            return None;
        }
    };
    for more in texts {
        errors.push(
            more,
            "one text is enough: drop this, or put it into `recovery(…)`",
        );
    }
    if literal.value().trim().is_empty() {
        errors.push(&literal, "the text is empty: write it or leave it out");
    }
    message(&literal, fields, errors)
}

/// Finds the fields in a text. In a tuple `{0}` becomes `{_0}`, a name that a
/// pattern can bind.
fn message(literal: &LitStr, fields: &Fields, errors: &mut Errors) -> Option<Message> {
    let text = literal.value();
    let mut format = String::new();
    let mut found: Vec<(String, Ident)> = Vec::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find(['{', '}']) {
        let (before, after) = rest.split_at(at);
        format.push_str(before);
        if let Some(escaped) = ["{{", "}}"].iter().find(|two| after.starts_with(**two)) {
            format.push_str(escaped);
            rest = &after[2..];
            continue;
        }
        let Some((inside, after)) = after.strip_prefix('{').and_then(|it| it.split_once('}'))
        else {
            let message = "a brace stands alone: write `{{` or `}}` for the sign itself";
            errors.push(literal, message);
            return None;
        };
        let (name, spec) = inside.split_at(inside.find(':').unwrap_or(inside.len()));
        let (field, local) = placeholder(literal, name.trim(), fields, errors)?;
        format.push_str(&format!("{{{local}{spec}}}"));
        if !found.iter().any(|(earlier, _)| *earlier == field) {
            found.push((field, local));
        }
        rest = after;
    }
    format.push_str(rest);
    Some(Message {
        format: LitStr::new(&format, literal.span()),
        fields: found,
    })
}

fn placeholder(
    literal: &LitStr,
    name: &str,
    fields: &Fields,
    errors: &mut Errors,
) -> Option<(String, Ident)> {
    let names: Vec<String> = fields
        .list
        .iter()
        .enumerate()
        .map(|(index, field)| match &field.ident {
            Some(ident) => ident.to_string(),
            None => index.to_string(),
        })
        .collect();
    if names.iter().any(|known| known == name) {
        let local = match fields.style {
            Style::Tuple => format!("_{name}"),
            Style::Named | Style::Unit => name.to_owned(),
        };
        return Some((name.to_owned(), Ident::new(&local, literal.span())));
    }
    let message = match nearest(name, names.iter().map(String::as_str)) {
        _ if name.is_empty() => "say which field: `{name}`, or `{0}` in a tuple".to_owned(),
        Some(meant) => format!("there is no field `{name}`: did you mean `{{{meant}}}`?"),
        None => format!("there is no field `{name}` to put into the text"),
    };
    errors.push(literal, message);
    None
}
