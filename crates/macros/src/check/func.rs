//! Signatures: what a component's function may look like.

use proc_macro2::TokenStream;
use syn::{
    Attribute, Expr, GenericParam, Ident, LitStr, Pat, ReceiverKind, ReturnType, Safety, Type,
};

use super::arg;
use super::constraint::Constraint;
use super::ty::{self, Passed};
use crate::errors::Errors;
use crate::parse;
use crate::parse::docs::Text;

/// A function that can be called by the expansion.
pub(crate) struct Func {
    pub(crate) ident: Ident,
    pub(crate) is_async: bool,
    pub(crate) takes_self: bool,
    pub(crate) params: Vec<Param>,
    /// `None` where the function returns nothing.
    pub(crate) output: Option<Type>,
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) deprecated: bool,
    /// The code, for the lints.
    pub(crate) body: TokenStream,
}

/// One parameter.
#[derive(Clone)]
pub(crate) struct Param {
    pub(crate) ident: Ident,
    /// The name a client uses.
    pub(crate) wire: String,
    pub(crate) passed: Passed,
    pub(crate) description: Option<Text>,
    pub(crate) default: Option<Expr>,
    pub(crate) constraints: Vec<Constraint>,
    /// Further names a client may use.
    pub(crate) aliases: Vec<LitStr>,
    pub(crate) lenient: bool,
    pub(crate) sensitive: bool,
}

/// Checks the signature of a `noun`.
pub(crate) fn check(noun: &str, func: parse::func::Func, errors: &mut Errors) -> Func {
    let takes_self = receiver(noun, &func, errors);
    plain(noun, &func, errors);
    let output = match &func.sig.output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => {
            if let Type::ImplTrait(_) = &**ty {
                errors.push(
                    ty,
                    format!("a {noun} returns a type with a name, not `impl Trait`"),
                );
            }
            Some((**ty).clone())
        }
    };
    let mut params: Vec<Param> = Vec::new();
    for parsed in func.params {
        let param = param(noun, parsed, errors);
        if params.iter().any(|earlier| earlier.wire == param.wire) {
            let message = format!(
                "two arguments are called `{}`: give one another `#[arg(name = \"…\")]`",
                param.wire,
            );
            errors.push(&param.ident, message);
        }
        params.push(param);
    }
    arg::aliases(&params.iter().collect::<Vec<_>>(), errors);
    Func {
        ident: func.sig.ident,
        is_async: func.sig.asyncness.is_some(),
        takes_self,
        params,
        output,
        cfgs: func.cfgs,
        deprecated: func.deprecated.is_some(),
        body: func.body,
    }
}

fn receiver(noun: &str, func: &parse::func::Func, errors: &mut Errors) -> bool {
    let Some(receiver) = func.receiver() else {
        return false;
    };
    let message = match &receiver.kind {
        ReceiverKind::Reference(_, _, None) => return true,
        ReceiverKind::Reference(_, _, Some(_)) => {
            "all calls share one server: take `&self`, and keep what changes \
             behind a `Mutex` or in an atomic"
                .to_owned()
        }
        _ => format!("a {noun} is called many times on one server: take `&self`"),
    };
    errors.push(receiver, message);
    true
}

fn plain(noun: &str, func: &parse::func::Func, errors: &mut Errors) {
    let sig = &func.sig;
    let open = sig
        .generics
        .params
        .iter()
        .find(|param| !matches!(param, GenericParam::Lifetime(_)));
    if let Some(open) = open {
        let message = format!(
            "a {noun} is called by name, so nothing decides `{}`: \
             write the type a client sends",
            generic_name(open),
        );
        errors.push(open, message);
    }
    if let Safety::Unsafe(token) = &sig.safety {
        errors.push(
            token,
            format!("a client cannot uphold what `unsafe` asks: make the {noun} safe"),
        );
    }
    if let Some(variadic) = &sig.variadic {
        errors.push(variadic, format!("a {noun} has a fixed list of parameters"));
    }
}

fn generic_name(param: &GenericParam) -> String {
    match param {
        GenericParam::Lifetime(param) => param.lifetime.to_string(),
        GenericParam::Type(param) => param.ident.to_string(),
        GenericParam::Const(param) => param.ident.to_string(),
    }
}

fn param(noun: &str, parsed: parse::func::Param, errors: &mut Errors) -> Param {
    let ident = match &*parsed.typed.pat {
        Pat::Ident(pat) if pat.subpat.is_none() => pat.ident.clone(),
        other => {
            let message = format!(
                "a client must be able to name it: write `name: Type`, \
                 and take it apart in the body of the {noun}",
            );
            errors.push(other, message);
            Ident::new("unnamed", proc_macro2::Span::call_site())
        }
    };
    if let Some(cfg) = parsed.typed.attrs.iter().find(|attr| conditional(attr)) {
        let message = format!(
            "an argument is there for every build or for none: \
             put the condition on the {noun}, or take `Option` of the type",
        );
        errors.push(cfg, message);
    }
    let passed = ty::passed(&parsed.typed.ty, errors);
    let options = arg::fitting(noun, parsed.options, errors);
    arg::check(ident, passed, &parsed.docs, options, errors)
}

fn conditional(attr: &Attribute) -> bool {
    attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr")
}
