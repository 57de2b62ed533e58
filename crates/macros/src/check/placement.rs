//! Where `#[mcp_server]` may stand.

use proc_macro2::Span;
use syn::{GenericParam, Item};

use super::server::{MODULE_TYPE, Server};
use crate::errors::Errors;
use crate::parse::item::{Form, ServerItem};

/// Refuses items that cannot be servers. Tells whether the module has a type
/// called `Server`.
pub(crate) fn check(parsed: &ServerItem, errors: &mut Errors) -> bool {
    let mut has_module_type = false;
    match (&parsed.form, &parsed.item) {
        (Form::Other, Item::Impl(block)) => {
            let message = "components are the type's own: put `#[mcp_server]` on `impl Type`, \
                           not on the impl of a trait";
            errors.push(block.trait_.as_ref().map(|(path, _)| path), message);
        }
        (Form::Other, _) => {
            let message = "`#[mcp_server]` goes on an `impl` block, on a module written in place \
                           or on a struct with `#[mount]` fields";
            errors.push_at(Span::call_site(), message);
        }
        (Form::Module { ident }, Item::Mod(module)) => match &module.content {
            None => {
                let message = "the module must be written in place, `mod name { … }`: \
                               attributes do not reach into another file";
                errors.push(ident, message);
            }
            Some((_, items)) => {
                for item in items {
                    if let Some(taken) = type_named(item, MODULE_TYPE) {
                        let message =
                            "the module's server will be called `Server`: rename this one";
                        errors.push(taken, message);
                        has_module_type = true;
                    }
                }
            }
        },
        (Form::Impl { generics, .. } | Form::Struct { generics, .. }, _) => {
            for param in &generics.params {
                if let GenericParam::Lifetime(lifetime) = param {
                    let message = "a server lives as long as the program: \
                                   let it own its data, or share it in an `Arc`";
                    errors.push(lifetime, message);
                }
            }
        }
        _ => {}
    }
    has_module_type
}

/// Refuses a part that is no `impl` block.
pub(crate) fn part(span: Span, form: &Form, errors: &mut Errors) {
    if !matches!(form, Form::Impl { .. } | Form::Other) {
        let message = "`part` is for a further `impl` block of a server: \
                       drop it, and mount this beside the other";
        errors.push_at(span, message);
    }
}

/// Refuses parts of a module, which has no type to write blocks of.
pub(crate) fn parts(server: &Server, errors: &mut Errors) {
    if let (Form::Module { .. }, Some(first)) = (&server.form, server.parts.first()) {
        let message = "a module has no further blocks: \
                       mount the `Server` of another module beside this one";
        errors.push(&first.ident, message);
    }
}

fn type_named<'a>(item: &'a Item, name: &str) -> Option<&'a syn::Ident> {
    let ident = match item {
        Item::Struct(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Union(item) => &item.ident,
        Item::Type(item) => &item.ident,
        _ => return None,
    };
    (ident == name).then_some(ident)
}
