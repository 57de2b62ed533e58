//! What a type says by its shape alone.
//!
//! Whether a type fits is decided by traits, in the compiler. Here is only what
//! must be known to write the call: borrowed parameters are decoded into an
//! owned value first. [`Known`] names a few standard types, so that an option
//! that contradicts one of them is refused where it is written.

use syn::{GenericArgument, PathArguments, Type, TypeReference};

use super::options::shown;
use crate::errors::Errors;

/// How a parameter gets its value.
#[derive(Clone)]
pub(crate) struct Passed {
    /// The type as written, to point at.
    pub(crate) written: Type,
    pub(crate) owned: Owned,
    /// Whether the function takes a borrow of the owned value.
    pub(crate) borrowed: bool,
}

/// The type that is decoded.
#[derive(Clone)]
pub(crate) enum Owned {
    /// The type itself, or what `&T` points to.
    Same(Type),
    /// `String`, for `&str`.
    Text,
    /// `Vec<T>`, for `&[T]`.
    List(Type),
    /// What owns it, for `&Path`. The name only says that a trait is asked: a
    /// type of the user may be called so too.
    Lent(Type),
}

/// A standard type that the options of `#[arg]` can be held against.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Known {
    Integer { min: i128, max: i128 },
    Float,
    Text,
    Bool,
    List,
}

impl Known {
    /// The word for it in a message.
    pub(crate) const fn noun(self) -> &'static str {
        match self {
            Self::Integer { .. } => "a whole number",
            Self::Float => "a number",
            Self::Text => "a text",
            Self::Bool => "a `bool`",
            Self::List => "a list",
        }
    }
}

impl Passed {
    /// What is decoded as it is written, as a field is.
    pub(crate) fn by_value(ty: &Type) -> Self {
        Self {
            written: ty.clone(),
            owned: Owned::Same(ty.clone()),
            borrowed: false,
        }
    }
}

/// How a parameter of this type is passed.
pub(crate) fn passed(ty: &Type, errors: &mut Errors) -> Passed {
    let (owned, borrowed) = match peeled(ty) {
        Type::Reference(reference) => {
            refuse_reference(reference, errors);
            refuse_lent(&reference.elem, errors);
            (owned(&reference.elem), true)
        }
        other => {
            if let Type::ImplTrait(_) = other {
                let message = "`impl Trait` has no schema: write the type a client sends, \
                               such as `String`";
                errors.push(other, message);
            }
            refuse_inner_reference(other, errors);
            (Owned::Same(other.clone()), false)
        }
    };
    Passed {
        written: ty.clone(),
        owned,
        borrowed,
    }
}

/// What is lent is decoded first, so it holds no borrow and has a size.
fn refuse_lent(pointee: &Type, errors: &mut Errors) {
    match peeled(pointee) {
        Type::Reference(twice) => {
            let message = format!("one `&` is enough: write `&{}`", shown(&twice.elem));
            errors.push(twice, message);
        }
        Type::TraitObject(object) => {
            let message = "a trait object has no schema: write the type a client sends, \
                           such as `String`";
            errors.push(object, message);
        }
        other => refuse_inner_reference(other, errors),
    }
}

fn refuse_reference(reference: &TypeReference, errors: &mut Errors) {
    if reference.mutability.is_some() {
        let message = match is_context(&reference.elem) {
            true => "the context is shared: write `&Context`",
            false => "an argument cannot be lent for writing: take it by value, or as `&T`",
        };
        errors.push(reference, message);
    } else if let Some(lifetime) = &reference.lifetime
        && lifetime.ident == "static"
    {
        let message = "an argument lives as long as its call: drop the `'static`";
        errors.push(lifetime, message);
    }
}

/// `Option<&str>`, `(&str, u8)`, `&[&str]` and their kind borrow from nothing.
fn refuse_inner_reference(ty: &Type, errors: &mut Errors) {
    for inner in inner(ty) {
        match peeled(inner) {
            Type::Reference(reference) => {
                let owned = owned_name(&reference.elem);
                let message =
                    format!("only a parameter itself can be borrowed: write `{owned}` here");
                errors.push(reference, message);
            }
            other => refuse_inner_reference(other, errors),
        }
    }
}

/// The types of what a value of this type holds, as far as its shape tells.
fn inner(ty: &Type) -> Vec<&Type> {
    match ty {
        Type::Tuple(tuple) => tuple.elems.iter().collect(),
        Type::Slice(slice) => vec![&slice.elem],
        Type::Array(array) => vec![&array.elem],
        other => container(other).into_iter().collect(),
    }
}

/// A field has nothing to borrow from.
pub(crate) fn refuse_borrowed_field(ty: &Type, errors: &mut Errors) {
    match peeled(ty) {
        Type::Reference(reference) => {
            let message = format!(
                "an argument owns its fields: write `{}` here",
                owned_name(&reference.elem),
            );
            errors.push(reference, message);
        }
        other => refuse_inner_reference(other, errors),
    }
}

/// Whether the type is `&T`.
pub(crate) fn is_reference(ty: &Type) -> bool {
    matches!(peeled(ty), Type::Reference(_))
}

/// What an `Option` by name holds.
pub(crate) fn optional(ty: &Type) -> Option<&Type> {
    container(peeled(ty)).filter(|_| is_option(ty))
}

/// Whether the type is an `Option` by name.
pub(crate) fn is_option(ty: &Type) -> bool {
    matches!(peeled(ty), Type::Path(path)
        if path.path.segments.last().is_some_and(|last| last.ident == "Option"))
}

/// What an `Option` or a `Vec` holds.
fn container(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else {
        return None;
    };
    let last = path.path.segments.last()?;
    if last.ident != "Option" && last.ident != "Vec" {
        return None;
    }
    match &last.arguments {
        PathArguments::AngleBracketed(arguments) => match arguments.args.first()? {
            GenericArgument::Type(inner) => Some(inner),
            _ => None,
        },
        _ => None,
    }
}

fn owned(pointee: &Type) -> Owned {
    match peeled(pointee) {
        Type::Slice(slice) => Owned::List((*slice.elem).clone()),
        Type::Path(path) if path.path.is_ident("str") => Owned::Text,
        Type::Path(path) if is_path(path) => Owned::Lent(pointee.clone()),
        other => Owned::Same(other.clone()),
    }
}

/// Whether the type is called as the context is; only a hint is made of it.
fn is_context(ty: &Type) -> bool {
    matches!(peeled(ty), Type::Path(path)
        if path.path.segments.last().is_some_and(|last| last.ident == "Context"))
}

fn is_path(ty: &syn::TypePath) -> bool {
    let last = ty.path.segments.last();
    last.is_some_and(|last| last.ident == "Path" && last.arguments.is_empty())
}

fn owned_name(pointee: &Type) -> String {
    match owned(pointee) {
        Owned::Text => "String".to_owned(),
        Owned::List(item) => format!("Vec<{}>", shown(&item)),
        Owned::Same(ty) => shown(&ty),
        Owned::Lent(_) => "PathBuf".to_owned(),
    }
}

fn peeled(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => peeled(&group.elem),
        Type::Paren(paren) => peeled(&paren.elem),
        other => other,
    }
}

/// The standard type this is, looking through `&` and `Option`.
pub(crate) fn known(ty: &Type) -> Option<Known> {
    match peeled(ty) {
        Type::Reference(reference) => known(&reference.elem),
        Type::Slice(_) | Type::Array(_) => Some(Known::List),
        Type::Path(path) if path.qself.is_none() => {
            let last = path.path.segments.last()?;
            match &last.arguments {
                PathArguments::None => scalar(&last.ident.to_string()),
                PathArguments::AngleBracketed(arguments) => {
                    match (last.ident.to_string().as_str(), arguments.args.first()) {
                        ("Option", Some(GenericArgument::Type(inner))) => known(inner),
                        ("Vec" | "VecDeque" | "HashSet" | "BTreeSet", _) => Some(Known::List),
                        _ => None,
                    }
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether the type is a bare standard scalar, which no one means to inject.
pub(crate) fn is_scalar(ty: &Type) -> bool {
    matches!(peeled(ty), Type::Path(path) if path.path.get_ident().is_some_and(|ident| {
        scalar(&ident.to_string()).is_some()
    }))
}

/// Whether the type is a plain path that could stand for any other type.
pub(crate) fn may_be_alias(ty: &Type) -> bool {
    matches!(peeled(ty), Type::Path(path) if !is_scalar(ty)
        && path.path.segments.iter().all(|segment| segment.arguments.is_empty()))
}

fn scalar(name: &str) -> Option<Known> {
    let signed = |bits: u32| Known::Integer {
        min: -(1_i128 << (bits - 1)),
        max: (1_i128 << (bits - 1)) - 1,
    };
    let unsigned = |bits: u32| Known::Integer {
        min: 0,
        max: (1_i128 << bits) - 1,
    };
    Some(match name {
        "i8" => signed(8),
        "i16" => signed(16),
        "i32" => signed(32),
        "i64" | "isize" => signed(64),
        "u8" => unsigned(8),
        "u16" => unsigned(16),
        "u32" => unsigned(32),
        "u64" | "usize" => unsigned(64),
        "i128" => Known::Integer {
            min: i128::MIN,
            max: i128::MAX,
        },
        "u128" => Known::Integer {
            min: 0,
            max: i128::MAX,
        },
        "f32" | "f64" => Known::Float,
        "String" | "str" => Known::Text,
        "bool" => Known::Bool,
        _ => return None,
    })
}
