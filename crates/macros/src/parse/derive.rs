//! A type under one of the derives.

use syn::punctuated::Punctuated;
use syn::{
    Attribute, Data, DataEnum, DeriveInput, Generics, Ident, Meta, Token, Type, token::Union,
};

use super::docs::Docs;
use super::func;
use super::options::Options;
use crate::errors::Errors;

/// A struct or an enum, with what was written on each piece.
pub(crate) struct Item {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) notes: Notes,
    pub(crate) body: Body,
}

/// What kind of type it is.
pub(crate) enum Body {
    Struct(Fields),
    Enum(Vec<Variant>),
    Union(Union),
}

/// One variant of an enum.
pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) notes: Notes,
    pub(crate) fields: Fields,
}

/// The fields of a struct or variant.
pub(crate) struct Fields {
    pub(crate) style: Style,
    pub(crate) list: Vec<Field>,
}

/// How fields are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Style {
    Named,
    Tuple,
    Unit,
}

/// One field.
pub(crate) struct Field {
    /// `None` in a tuple.
    pub(crate) ident: Option<Ident>,
    pub(crate) ty: Type,
    pub(crate) notes: Notes,
}

/// The doc comment and the attributes on one piece.
pub(crate) struct Notes {
    pub(crate) docs: Docs,
    /// What the derive's own attribute says.
    pub(crate) options: Options,
    /// `#[serde(..)]`, to be handed on.
    pub(crate) serde: Vec<Attribute>,
    /// `#[schemars(..)]`, to be handed on.
    pub(crate) schemars: Vec<Attribute>,
    /// The keys in both.
    pub(crate) keys: Vec<Ident>,
    /// The attributes of other derives, by name.
    pub(crate) others: Vec<Ident>,
    /// What is derived by attributes further down.
    pub(crate) derives: Vec<Ident>,
}

impl Item {
    /// Takes the type apart. `attribute` is the name of the derive's own.
    pub(crate) fn read(input: DeriveInput, attribute: &str, errors: &mut Errors) -> Self {
        let notes = Notes::read(&input.attrs, attribute, errors);
        let body = match input.data {
            Data::Struct(data) => Body::Struct(Fields::read(data.fields, attribute, errors)),
            Data::Enum(data) => Body::Enum(variants(data, attribute, errors)),
            Data::Union(data) => Body::Union(data.union_token),
        };
        Self {
            ident: input.ident,
            generics: input.generics,
            notes,
            body,
        }
    }
}

fn variants(data: DataEnum, attribute: &str, errors: &mut Errors) -> Vec<Variant> {
    let variants = data.variants.into_iter().map(|variant| Variant {
        notes: Notes::read(&variant.attrs, attribute, errors),
        ident: variant.ident,
        fields: Fields::read(variant.fields, attribute, errors),
    });
    variants.collect()
}

impl Fields {
    fn read(fields: syn::Fields, attribute: &str, errors: &mut Errors) -> Self {
        let style = match fields {
            syn::Fields::Named(_) => Style::Named,
            syn::Fields::Unnamed(_) => Style::Tuple,
            syn::Fields::Unit => Style::Unit,
        };
        let list = fields.into_iter().map(|field| Field {
            notes: Notes::read(&field.attrs, attribute, errors),
            ident: field.ident,
            ty: field.ty,
        });
        let list = list.collect();
        Self { style, list }
    }
}

impl Notes {
    fn read(attrs: &[Attribute], attribute: &str, errors: &mut Errors) -> Self {
        let mut notes = Self {
            docs: Docs::read(attrs),
            options: Options::default(),
            serde: Vec::new(),
            schemars: Vec::new(),
            keys: Vec::new(),
            others: Vec::new(),
            derives: Vec::new(),
        };
        for attr in attrs {
            notes.add(attr, attribute, errors);
        }
        notes
    }

    fn add(&mut self, attr: &Attribute, attribute: &str, errors: &mut Errors) {
        let path = attr.path();
        if path.is_ident(attribute) {
            self.options.extend(func::options(attr, errors));
        } else if path.is_ident("serde") {
            self.keys.extend(words(attr));
            self.serde.push(attr.clone());
        } else if path.is_ident("schemars") {
            self.keys.extend(words(attr));
            self.schemars.push(attr.clone());
        } else if path.is_ident("derive") {
            self.derives.extend(words(attr));
        } else {
            self.others.extend(path.get_ident().cloned());
        }
    }

    /// The key of this name in `#[serde(..)]` or `#[schemars(..)]`.
    pub(crate) fn key(&self, name: &str) -> Option<&Ident> {
        self.keys.iter().find(|key| *key == name)
    }

    /// Whether one of these keys is there.
    pub(crate) fn has_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.key(name).is_some())
    }
}

/// The last words of the paths in a list; what cannot be read, others refuse.
fn words(attr: &Attribute) -> Vec<Ident> {
    let list = attr.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
    let words = list.into_iter().flatten();
    words
        .filter_map(|meta| Some(meta.path().segments.last()?.ident.clone()))
        .collect()
}
