//! `#[derive(ToolArg)]` and `#[derive(ToolOutput)]`.

use syn::{Attribute, DeriveInput, GenericParam, Generics, Ident, LitStr, Path, Type};

use super::func::Param;
use super::options::{Reader, shown};
use super::ty::{self, Passed};
use super::{arg, attribute, key, rename, server};
use crate::errors::Errors;
use crate::parse::derive::{self, Item, Notes, Style};
use crate::parse::docs::Text;
use crate::parse::func::ARG;

/// What a derived type is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Role {
    /// Clients send it, and tools may return it.
    Argument,
    /// Tools return it.
    Output,
}

/// A type whose form in JSON can be derived.
pub(crate) struct Data {
    pub(crate) role: Role,
    pub(crate) krate: Path,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) description: Option<Text>,
    pub(crate) rename_all: Option<LitStr>,
    pub(crate) kept: Kept,
    /// Unknown members are refused.
    pub(crate) closed: bool,
    /// Another derive implements the same traits.
    pub(crate) taken: bool,
    pub(crate) body: Body,
}

/// Attributes that are handed on.
#[derive(Default)]
pub(crate) struct Kept {
    pub(crate) serde: Vec<Attribute>,
    pub(crate) schemars: Vec<Attribute>,
}

/// Fields, or variants with fields.
pub(crate) enum Body {
    Struct(Fields),
    Enum(Vec<Variant>),
}

/// One variant.
pub(crate) struct Variant {
    pub(crate) ident: Ident,
    /// The name on the wire, where it is given.
    pub(crate) name: Option<LitStr>,
    pub(crate) description: Option<Text>,
    pub(crate) kept: Kept,
    pub(crate) fields: Fields,
}

/// The fields of a struct or variant.
pub(crate) struct Fields {
    pub(crate) style: Style,
    pub(crate) list: Vec<Field>,
}

/// One field.
pub(crate) struct Field {
    /// `None` in a tuple.
    pub(crate) ident: Option<Ident>,
    pub(crate) param: Param,
    /// Whether it is called otherwise on the wire.
    pub(crate) is_renamed: bool,
    pub(crate) kept: Kept,
    /// Whether its type is read and written as it is everywhere, not by
    /// functions of the user.
    pub(crate) is_plain: bool,
}

impl Role {
    /// The name of the derive.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Argument => "ToolArg",
            Self::Output => "ToolOutput",
        }
    }

    /// The derives that implement the same traits.
    const fn rivals(self) -> &'static [&'static str] {
        match self {
            Self::Argument => &["Deserialize", "Serialize", "JsonSchema", "ToolOutput"],
            Self::Output => &["Serialize", "JsonSchema", "ToolArg"],
        }
    }
}

impl Field {
    pub(crate) fn ty(&self) -> &Type {
        &self.param.passed.written
    }
}

impl Data {
    pub(crate) fn fields(&self) -> impl Iterator<Item = &Field> {
        let (fields, variants) = match &self.body {
            Body::Struct(fields) => (&fields.list[..], &[][..]),
            Body::Enum(variants) => (&[][..], &variants[..]),
        };
        fields
            .iter()
            .chain(variants.iter().flat_map(|variant| &variant.fields.list))
    }
}

/// Checks a type under one of the derives.
pub(crate) fn check(role: Role, input: DeriveInput, errors: &mut Errors) -> Data {
    let item = Item::read(input, ARG, errors);
    let closed = role == Role::Argument && is_closed(&item);
    let taken = rivals(role, &item.notes, errors);
    own_keys(role, &item.notes, errors);
    let mut options = Reader::new(&attribute::TYPE, item.notes.options, errors);
    let krate = server::krate(&mut options, errors);
    let rename_all = rename::all(&mut options, errors);
    once(
        rename_all.as_ref(),
        &item.notes.keys,
        key::RENAME_ALL,
        errors,
    );
    let description = options
        .text(key::DESCRIPTION, errors)
        .or_else(|| item.notes.docs.text());
    let body = body(role, &item.ident, item.body, errors);
    let data = Data {
        role,
        krate,
        ident: item.ident,
        generics: item.generics,
        description,
        rename_all,
        kept: Kept {
            serde: item.notes.serde,
            schemars: item.notes.schemars,
        },
        closed,
        taken,
        body,
    };
    owned(&data, errors);
    data
}

/// Whether members nobody asked for can be refused: not where fields of others
/// are mixed in, nor where the user has said how the whole is read.
fn is_closed(item: &Item) -> bool {
    let whole = [
        "deny_unknown_fields",
        "transparent",
        "untagged",
        "from",
        "try_from",
        "tag",
    ];
    let flat = |fields: &derive::Fields| {
        let mut notes = fields.list.iter().map(|field| &field.notes);
        notes.any(|notes| notes.has_any(&["flatten"]))
    };
    let has_names = |fields: &derive::Fields| fields.style == Style::Named;
    let fields: Vec<&derive::Fields> = match &item.body {
        derive::Body::Struct(fields) => vec![fields],
        derive::Body::Enum(variants) => variants.iter().map(|variant| &variant.fields).collect(),
        derive::Body::Union(_) => Vec::new(),
    };
    !item.notes.has_any(&whole)
        && fields.iter().any(|fields| has_names(fields))
        && !fields.iter().any(|fields| flat(fields))
}

/// Whether another derive, in an attribute further down, does the same.
fn rivals(role: Role, notes: &Notes, errors: &mut Errors) -> bool {
    let mut rivals = notes
        .derives
        .iter()
        .filter(|derive| role.rivals().iter().any(|rival| derive == rival));
    let Some(rival) = rivals.next() else {
        return false;
    };
    let message = match (role, rival.to_string().as_str()) {
        (_, "ToolArg" | "ToolOutput") => {
            "what is a `ToolArg` can be returned as well: derive `ToolArg` alone".to_owned()
        }
        (Role::Argument, name) => format!(
            "`ToolArg` derives `{name}` already: drop `{name}` here, or derive serde's \
             `Deserialize` and schemars' `JsonSchema` in place of `ToolArg`",
        ),
        (Role::Output, name) => format!(
            "`ToolOutput` derives `{name}` already: drop `{name}` here, or derive serde's \
             `Serialize` and schemars' `JsonSchema` in place of `ToolOutput`",
        ),
    };
    errors.push(rival, message);
    true
}

/// The keys of serde that the derive sets itself.
fn own_keys(role: Role, notes: &Notes, errors: &mut Errors) {
    for key in ["crate", "remote", "bound"] {
        if let Some(found) = notes.key(key) {
            let message = format!("`{}` sets `{key}` itself: drop it here", role.name());
            errors.push(found, message);
        }
    }
}

/// Refuses a key of ours beside the same key of serde's.
fn once<T>(ours: Option<&T>, theirs: &[Ident], key: &str, errors: &mut Errors) {
    let theirs = theirs.iter().find(|theirs| *theirs == key);
    if let (Some(_), Some(theirs)) = (ours, theirs) {
        let message = format!("`#[arg]` says `{key}` already: keep one of the two");
        errors.push(theirs, message);
    }
}

fn body(role: Role, ident: &Ident, body: derive::Body, errors: &mut Errors) -> Body {
    match body {
        derive::Body::Struct(parsed) => Body::Struct(fields(role, parsed, errors)),
        derive::Body::Enum(parsed) => {
            if parsed.is_empty() {
                let message = format!("`{ident}` has no value at all: add a variant");
                errors.push(ident, message);
            }
            let variants = parsed.into_iter();
            let variants: Vec<Variant> = variants.map(|one| variant(role, one, errors)).collect();
            distinct(&variants, errors);
            Body::Enum(variants)
        }
        derive::Body::Union(token) => {
            let message = "a union has no form in JSON: make it a struct or an enum";
            errors.push(token, message);
            Body::Enum(Vec::new())
        }
    }
}

/// Refuses a name that an earlier variant was given.
fn distinct(variants: &[Variant], errors: &mut Errors) {
    for (index, variant) in variants.iter().enumerate() {
        let Some(name) = &variant.name else {
            continue;
        };
        let same = |earlier: &&Variant| {
            earlier
                .name
                .as_ref()
                .is_some_and(|other| other.value() == name.value())
        };
        if let Some(earlier) = variants[..index].iter().find(same) {
            let (name_text, first, second) = (name.value(), &earlier.ident, &variant.ident);
            let message = format!(
                "two variants are called `{name_text}`: give `{first}` or `{second}` another name"
            );
            errors.push(name, message);
        }
    }
}

fn variant(role: Role, parsed: derive::Variant, errors: &mut Errors) -> Variant {
    let derive::Variant {
        ident,
        notes,
        fields: parsed,
    } = parsed;
    let mut options = Reader::new(&attribute::VARIANT, notes.options, errors);
    let name = options.literal(key::NAME, errors);
    once(name.as_ref(), &notes.keys, "rename", errors);
    let description = options
        .text(key::DESCRIPTION, errors)
        .or_else(|| notes.docs.text());
    Variant {
        ident,
        name,
        description,
        kept: Kept {
            serde: notes.serde,
            schemars: notes.schemars,
        },
        fields: fields(role, parsed, errors),
    }
}

fn fields(role: Role, parsed: derive::Fields, errors: &mut Errors) -> Fields {
    let mut list: Vec<Field> = Vec::new();
    for (index, parsed) in parsed.list.into_iter().enumerate() {
        let field = field(role, index, parsed, errors);
        if list
            .iter()
            .any(|other| other.param.wire == field.param.wire)
        {
            let message = format!(
                "two fields are called `{}`: give one another `#[arg(name = \"…\")]`",
                field.param.wire,
            );
            errors.push(&field.param.ident, message);
        }
        list.push(field);
    }
    let params: Vec<&Param> = list.iter().map(|field| &field.param).collect();
    arg::aliases(&params, errors);
    Fields {
        style: parsed.style,
        list,
    }
}

fn field(role: Role, index: usize, parsed: derive::Field, errors: &mut Errors) -> Field {
    let derive::Field { ident, ty, notes } = parsed;
    let shown = ident
        .clone()
        .unwrap_or_else(|| Ident::new(&format!("_{index}"), syn::spanned::Spanned::span(&ty)));
    if role == Role::Argument && !notes.has_any(&["skip", "skip_deserializing"]) {
        ty::refuse_borrowed_field(&ty, errors);
    }
    let passed = Passed::by_value(&ty);
    let options = &notes.options;
    for entry in &options.entries {
        let key = entry.key.to_string();
        if let Some(message) = misplaced(role, &key, ident.is_some()) {
            errors.push(&entry.key, message);
        }
    }
    let is_renamed = options.entries.iter().any(|entry| entry.key == key::NAME);
    let param = arg::check(shown, passed, &notes.docs, options.clone(), errors);
    once(is_renamed.then_some(&()), &notes.keys, "rename", errors);
    once(param.default.as_ref(), &notes.keys, key::DEFAULT, errors);
    Field {
        ident,
        param,
        is_renamed,
        is_plain: !notes.has_any(&[
            "with",
            "serialize_with",
            "deserialize_with",
            "schema_with",
            "skip",
            "skip_serializing",
            "skip_deserializing",
        ]),
        kept: Kept {
            serde: notes.serde,
            schemars: notes.schemars,
        },
    }
}

/// What is wrong with an option of a parameter on a field.
fn misplaced(role: Role, key: &str, is_named: bool) -> Option<&'static str> {
    match key {
        key::HEADER => Some("a header carries a whole argument: put `header` on the parameter"),
        key::LENIENT => {
            Some("leniency is for a whole argument: put `lenient` on the parameter or the server")
        }
        key::ALIAS | key::SENSITIVE if role == Role::Output => {
            Some("this is for what a client sends: derive `ToolArg` to be given values")
        }
        key::ALIAS if !is_named => {
            Some("a field without a name is known by its place: drop `alias`")
        }
        key::DEFAULT if role == Role::Output => {
            Some("a default is for what a client leaves out: derive `ToolArg` to be given values")
        }
        key::NAME if !is_named => Some("a field without a name is known by its place: drop `name`"),
        key::DEFAULT if !is_named => {
            Some("a field without a name cannot be left out: drop `default`, or name the fields")
        }
        _ => None,
    }
}

/// What is decoded owns all it holds.
fn owned(data: &Data, errors: &mut Errors) {
    let borrows = |field: &Field| ty::is_reference(field.ty());
    if data.role != Role::Argument || data.fields().any(borrows) {
        return;
    }
    for param in &data.generics.params {
        if let GenericParam::Lifetime(param) = param {
            let message = format!(
                "an argument owns what it holds: drop `{}`, and write `String` for `&str`",
                shown(&param.lifetime),
            );
            errors.push(param, message);
        }
    }
}
