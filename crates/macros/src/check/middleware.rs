//! `#[middleware]` on a function or on an impl block.

use proc_macro2::Span;
use syn::{
    FnArg, Generics, Ident, ImplItem, Item, ItemFn, ItemImpl, Path, ReceiverKind, Signature, Type,
};

use super::lint::{self, Finding, level};
use super::options::Reader;
use super::{attribute, nearest, server};
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
    Func { item: Box<ItemFn>, hook: Hook },
    /// The methods of a type.
    Impl {
        ty: Box<Type>,
        generics: Box<Generics>,
        hooks: Vec<Hook>,
    },
}

/// A function that takes a message and the rest of the chain.
pub(crate) struct Hook {
    pub(crate) ident: Ident,
    pub(crate) kind: Kind,
    /// The type that chose the hook, to point at.
    pub(crate) span: Span,
}

/// The messages a hook may take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Message,
    Request,
    CallTool,
    ReadResource,
    GetPrompt,
    ListTools,
    ListResources,
    ListResourceTemplates,
    ListPrompts,
    Complete,
}

impl Kind {
    pub(crate) const ALL: [Self; 10] = [
        Self::Message,
        Self::Request,
        Self::CallTool,
        Self::ReadResource,
        Self::GetPrompt,
        Self::ListTools,
        Self::ListResources,
        Self::ListResourceTemplates,
        Self::ListPrompts,
        Self::Complete,
    ];

    /// The type of the hook's first parameter.
    pub(crate) const fn message(self) -> &'static str {
        match self {
            Self::Message => "AnyMessage",
            Self::Request => "AnyRequest",
            Self::CallTool => "ToolCall",
            Self::ReadResource => "ResourceRead",
            Self::GetPrompt => "PromptGet",
            Self::ListTools => "ToolList",
            Self::ListResources => "ResourceList",
            Self::ListResourceTemplates => "ResourceTemplateList",
            Self::ListPrompts => "PromptList",
            Self::Complete => "Complete",
        }
    }
}

/// The type of a hook's second parameter.
const NEXT: &str = "Next";

/// Checks the item under `#[middleware]`.
pub(crate) fn check(options: Options, item: &Item, errors: &mut Errors) -> Option<Middleware> {
    let mut options = Reader::new(&attribute::MIDDLEWARE, options, errors);
    let krate = server::krate(&mut options, errors);
    let allowed = level::allowed(&mut options, errors);
    let form = match item {
        Item::Fn(item) => Form::Func {
            hook: func(&item.sig, errors)?,
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
    if last_segment(next).is_none_or(|last| last != NEXT) {
        errors.push(next, "the rest of the chain comes second: `next: Next<'_>`");
    }
    let kind = kind(message, errors)?;
    is_async(sig, errors);
    Some(Hook {
        ident: sig.ident.clone(),
        kind,
        span: syn::spanned::Spanned::span(message),
    })
}

/// The methods that end in `next: Next<'_>`; the others are the type's own.
fn methods(block: &ItemImpl, errors: &mut Errors) -> Vec<Hook> {
    let mut hooks: Vec<Hook> = Vec::new();
    for item in &block.items {
        let ImplItem::Fn(method) = item else {
            continue;
        };
        if !takes_next(&method.sig) {
            continue;
        }
        receiver(&method.sig, errors);
        let Some(hook) = func(&method.sig, errors) else {
            continue;
        };
        if let Some(first) = hooks.iter().find(|first| first.kind == hook.kind) {
            let message = format!(
                "`{}` takes every `{}` already: one hook for each kind of message",
                first.ident,
                hook.kind.message(),
            );
            errors.push(&hook.ident, message);
        }
        hooks.push(hook);
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

fn takes_next(sig: &Signature) -> bool {
    sig.inputs.iter().any(|input| {
        matches!(input, FnArg::Typed(typed)
            if last_segment(&typed.ty).is_some_and(|last| last == NEXT))
    })
}

fn kind(message: &Type, errors: &mut Errors) -> Option<Kind> {
    let name = last_segment(message)
        .map(ToString::to_string)
        .unwrap_or_default();
    let found = Kind::ALL.into_iter().find(|kind| kind.message() == name);
    if found.is_none() {
        let known = Kind::ALL.map(Kind::message);
        let words = match nearest::nearest(&name, known) {
            Some(meant) => format!("no message is called `{name}`: did you mean `{meant}`?"),
            None => format!("a middleware takes {} first", nearest::either(known)),
        };
        errors.push(message, words);
    }
    found
}

fn last_segment(ty: &Type) -> Option<&Ident> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|last| &last.ident),
        Type::Group(group) => last_segment(&group.elem),
        _ => None,
    }
}
