//! `#[middleware]` on a function or on an impl block.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{
    FnArg, GenericParam, Generics, Ident, ImplItem, Item, ItemFn, ItemImpl, Pat, Path,
    ReceiverKind, ReturnType, Signature, Type,
};

use super::lint::{self, Finding, level};
use super::options::Reader;
use super::{attribute, server};
use crate::errors::Errors;
use crate::parse::code::Helper;
use crate::parse::options::Options;

/// The name of the attribute.
pub(crate) const ATTRIBUTE: &str = "middleware";

/// A middleware that can be expanded.
pub(crate) struct Middleware {
    pub(crate) krate: Path,
    pub(crate) form: Form,
    pub(crate) findings: Vec<Finding>,
}

/// Where the attribute stands.
pub(crate) enum Form {
    /// One function, one hook.
    Func { item: Box<ItemFn>, hook: Box<Hook> },
    /// The methods of a type.
    Impl {
        ty: Box<Type>,
        generics: Box<Generics>,
        hooks: Vec<Hook>,
    },
}

/// A function that takes a message and the rest of the chain. Which messages
/// pass through it is decided by trait on the first of the two types.
pub(crate) struct Hook {
    pub(crate) ident: Ident,
    pub(crate) message: Type,
    pub(crate) next: Type,
    /// Where it says what comes back.
    pub(crate) output: Span,
}

/// The type of a hook's last parameter.
const NEXT: &str = "Next";
/// What the parameter is mostly called.
const NEXT_NAME: &str = "next";

/// Checks the item under `#[middleware]`.
pub(crate) fn check(options: Options, item: &Item, errors: &mut Errors) -> Option<Middleware> {
    let mut options = Reader::new(&attribute::MIDDLEWARE, options, errors);
    let krate = server::krate(&mut options, errors);
    let allowed = level::allowed(&mut options, errors);
    let form = match item {
        Item::Fn(item) => Form::Func {
            hook: Box::new(func(&item.sig, errors)?),
            item: Box::new(item.clone()),
        },
        Item::Impl(block) if block.trait_.is_none() => Form::Impl {
            ty: block.self_ty.clone(),
            generics: Box::new(block.generics.clone()),
            hooks: methods(block, errors),
        },
        _ => {
            let message = "`#[middleware]` goes on an `async fn` or on an `impl` block of a type";
            errors.push_at(Span::call_site(), message);
            return None;
        }
    };
    let findings = lint::middleware(&code(item), &allowed);
    Some(Middleware {
        krate,
        form,
        findings,
    })
}

fn code(item: &Item) -> Vec<Helper> {
    match item {
        Item::Fn(item) => Helper::of_func(item).into_iter().collect(),
        Item::Impl(block) => Helper::of_impl(block),
        _ => Vec::new(),
    }
}

fn func(sig: &Signature, errors: &mut Errors) -> Option<Hook> {
    let mut typed = sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(&*typed.ty),
        FnArg::Receiver(_) => None,
    });
    let (Some(message), Some(next), None) = (typed.next(), typed.next(), typed.next()) else {
        let message = "a middleware takes a message and the rest of the chain: \
                       `(call: ToolCall<'_>, next: Next<'_>)`";
        errors.push(&sig.ident, message);
        return None;
    };
    is_async(sig, errors);
    not_generic(sig, errors);
    Some(Hook {
        ident: sig.ident.clone(),
        message: message.clone(),
        next: next.clone(),
        output: match &sig.output {
            ReturnType::Default => sig.ident.span(),
            ReturnType::Type(_, ty) => ty.span(),
        },
    })
}

/// The methods that take the rest of the chain; the others are the type's own.
fn methods(block: &ItemImpl, errors: &mut Errors) -> Vec<Hook> {
    let mut hooks: Vec<Hook> = Vec::new();
    for item in &block.items {
        let ImplItem::Fn(method) = item else {
            continue;
        };
        if takes_next(&method.sig) {
            receiver(&method.sig, errors);
            hooks.extend(func(&method.sig, errors));
        }
    }
    if hooks.is_empty() && errors.is_empty() {
        let message = "no method here is a hook: \
                       `async fn on_call(&self, call: ToolCall<'_>, next: Next<'_>) -> …`";
        errors.push(&block.self_ty, message);
    }
    hooks
}

fn receiver(sig: &Signature, errors: &mut Errors) {
    match sig.receiver().map(|receiver| (receiver, &receiver.kind)) {
        Some((_, ReceiverKind::Reference(_, _, None))) => {}
        Some((receiver, _)) => {
            let message = "all messages share one middleware: take `&self`";
            errors.push(receiver, message);
        }
        None => errors.push(&sig.ident, "a hook of a type takes `&self` first"),
    }
}

fn is_async(sig: &Signature, errors: &mut Errors) {
    if sig.asyncness.is_none() {
        let message = "a middleware awaits the rest of the chain: make it an `async fn`";
        errors.push(sig.fn_token, message);
    }
}

fn not_generic(sig: &Signature, errors: &mut Errors) {
    let open = sig
        .generics
        .params
        .iter()
        .find(|param| !matches!(param, GenericParam::Lifetime(_)));
    if let Some(open) = open {
        let message = "nothing decides this where the middleware is added: \
                       put `#[middleware]` on an `impl` block of a type with the parameter";
        errors.push(open, message);
    }
}

/// Whether a method is a hook: its last parameter is of the type `Next`, or is
/// called so where the type goes by another name.
fn takes_next(sig: &Signature) -> bool {
    let Some(FnArg::Typed(last)) = sig.inputs.last() else {
        return false;
    };
    let named = matches!(&*last.pat, Pat::Ident(pat) if pat.ident == NEXT_NAME);
    named || last_segment(&last.ty).is_some_and(|last| last == NEXT)
}

fn last_segment(ty: &Type) -> Option<&Ident> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|last| &last.ident),
        Type::Group(group) => last_segment(&group.elem),
        _ => None,
    }
}
