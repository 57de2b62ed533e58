//! `#[derive(Operations)]`.

use syn::ext::IdentExt;
use syn::{DeriveInput, Generics, Ident, LitStr, Path, Type};

use super::func::Param;
use super::name::valid;
use super::options::{Reader, shown};
use super::ty::{self, Passed};
use super::{arg, attribute, key, rename, server};
use crate::errors::Errors;
use crate::parse::derive::{self, Item, Style};
use crate::parse::docs::Text;
use crate::parse::func::ARG;

/// What names the operation where the user says nothing else.
const TAG: &str = "operation";

/// An enum of operations.
pub(crate) struct Operations {
    pub(crate) krate: Path,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) tag: String,
    pub(crate) description: Option<Text>,
    pub(crate) operations: Vec<Operation>,
    /// The arguments of all operations, each once.
    pub(crate) params: Vec<Param>,
}

/// One operation.
pub(crate) struct Operation {
    pub(crate) ident: Ident,
    pub(crate) name: String,
    pub(crate) description: Option<Text>,
    pub(crate) fields: Vec<Field>,
}

/// One argument of an operation.
pub(crate) struct Field {
    pub(crate) param: Param,
    /// Its place among the arguments of all operations.
    pub(crate) index: usize,
}

/// Checks an enum of operations.
pub(crate) fn check(input: DeriveInput, errors: &mut Errors) -> Operations {
    let item = Item::read(input, ARG, errors);
    let mut options = Reader::new(&attribute::OPERATIONS, item.notes.options, errors);
    let krate = server::krate(&mut options, errors);
    let tag = tag(&mut options, errors);
    let description = options
        .text(key::DESCRIPTION, errors)
        .or_else(|| item.notes.docs.text());
    let mut operations = Operations {
        krate,
        ident: item.ident,
        generics: item.generics,
        tag,
        description,
        operations: Vec::new(),
        params: Vec::new(),
    };
    for variant in variants(&operations.ident, item.body, errors) {
        operations.add(variant, errors);
    }
    operations
}

fn tag(options: &mut Reader, errors: &mut Errors) -> String {
    let Some(literal) = options.literal(key::TAG, errors) else {
        return TAG.to_owned();
    };
    arg::one_word(&literal, errors);
    literal.value()
}

fn variants(ident: &Ident, body: derive::Body, errors: &mut Errors) -> Vec<derive::Variant> {
    let variants = match body {
        derive::Body::Enum(variants) => variants,
        derive::Body::Struct(_) | derive::Body::Union(_) => {
            let message = "operations are the variants of an enum; what one operation takes \
                           derives `ToolArg`";
            errors.push(ident, message);
            return Vec::new();
        }
    };
    if variants.is_empty() {
        let message = format!("`{ident}` has no operation: add a variant");
        errors.push(ident, message);
    }
    variants
}

impl Operations {
    fn add(&mut self, parsed: derive::Variant, errors: &mut Errors) {
        let mut options = Reader::new(&attribute::OPERATION, parsed.notes.options, errors);
        let name = self.name(&parsed.ident, &mut options, errors);
        let description = options
            .text(key::DESCRIPTION, errors)
            .or_else(|| parsed.notes.docs.text());
        if parsed.fields.style == Style::Tuple {
            let message = format!(
                "an operation names its arguments: write `{} {{ name: Type }}`",
                parsed.ident,
            );
            errors.push(&parsed.ident, message);
            return;
        }
        let ident = parsed.ident;
        let fields = parsed.fields.list.into_iter();
        let fields = fields
            .filter_map(|field| self.field(&ident, field, errors))
            .collect();
        self.operations.push(Operation {
            ident,
            name,
            description,
            fields,
        });
    }

    fn name(&self, ident: &Ident, options: &mut Reader, errors: &mut Errors) -> String {
        let literal = options.literal(key::NAME, errors);
        let name = literal
            .as_ref()
            .map_or_else(|| rename::snake(&ident.unraw().to_string()), LitStr::value);
        let mistake = match self.operations.iter().find(|other| other.name == name) {
            Some(other) => format!(
                "two operations are called `{name}`: give `{}` or `{ident}` another \
                 `#[arg(name = \"…\")]`",
                other.ident,
            ),
            None => match valid(&name) {
                Ok(()) => return name,
                Err(mistake) => format!("the operation name `{name}` {mistake}"),
            },
        };
        match literal {
            Some(literal) => errors.push(literal, mistake),
            None => errors.push(ident, mistake),
        }
        name
    }

    fn field(
        &mut self,
        operation: &Ident,
        parsed: derive::Field,
        errors: &mut Errors,
    ) -> Option<Field> {
        let ident = parsed.ident?;
        ty::refuse_borrowed_field(&parsed.ty, errors);
        let passed = Passed::by_value(&parsed.ty);
        let docs = &parsed.notes.docs;
        let param = arg::check(ident, passed, docs, parsed.notes.options, errors);
        if param.wire == self.tag {
            let message = format!(
                "`{}` names the operation itself: give this another `#[arg(name = \"…\")]`, or \
                 the enum another `#[arg(tag = \"…\")]`",
                self.tag,
            );
            errors.push(&param.ident, message);
        }
        let index = self.place(operation, &param, errors);
        Some(Field { param, index })
    }

    /// The place of an argument. Several operations may have it, if it is the
    /// same for all: a schema has room for one.
    fn place(&mut self, operation: &Ident, param: &Param, errors: &mut Errors) -> usize {
        let same = |other: &Param| other.wire == param.wire;
        let Some(index) = self.params.iter().position(same) else {
            self.params.push(param.clone());
            return self.params.len() - 1;
        };
        let Some(first) = self.params.get_mut(index) else {
            return index;
        };
        let (mine, theirs) = (bare(param), bare(first));
        if shown(mine) != shown(theirs) {
            let message = format!(
                "the argument `{}` is `{}` in an operation above, and has one type for all: \
                 give it another `#[arg(name = \"…\")]` in `{operation}`",
                param.wire,
                shown(theirs),
            );
            errors.push(mine, message);
        } else if first.constraints.is_empty() {
            first.constraints.clone_from(&param.constraints);
        } else if !param.constraints.is_empty() && param.constraints != first.constraints {
            let message = format!(
                "the argument `{}` has other limits in an operation above, and has one schema \
                 for all: give it the same, or another `#[arg(name = \"…\")]` in `{operation}`",
                param.wire,
            );
            errors.push(&param.ident, message);
        }
        if first.description.is_none() {
            first.description.clone_from(&param.description);
        }
        index
    }
}

/// The type of a value that is there.
fn bare(param: &Param) -> &Type {
    ty::optional(&param.passed.written).unwrap_or(&param.passed.written)
}
