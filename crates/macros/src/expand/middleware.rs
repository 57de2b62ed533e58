//! `#[middleware]`: the impl of `Middleware`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Generics, Ident, ItemFn, Path, Type};

use super::target::anonymous;
use super::{lint, located};
use crate::check::middleware::{Form, Hook, Middleware};

/// What takes the place of the function, or goes beside the block.
pub(crate) fn expand(middleware: &Middleware) -> TokenStream {
    let warnings = lint::warnings(&middleware.findings);
    let implementation = form(middleware);
    quote!(#warnings #implementation)
}

fn form(middleware: &Middleware) -> TokenStream {
    let krate = &middleware.krate;
    match &middleware.form {
        Form::Func { item, hook } => func(item, hook, krate),
        Form::Impl {
            ty,
            generics,
            hooks,
        } => block(ty, generics, hooks, krate),
    }
}

/// A unit type of the function's name, with the function inside.
fn func(item: &ItemFn, hook: &Hook, krate: &Path) -> TokenStream {
    let (vis, ident) = (&item.vis, &item.sig.ident);
    let (outer, inner): (Vec<_>, Vec<_>) = item.attrs.iter().partition(|attr| {
        ["doc", "cfg", "deprecated"]
            .iter()
            .any(|name| attr.path().is_ident(name))
    });
    let cfgs = outer.iter().filter(|attr| attr.path().is_ident("cfg"));
    let documented = outer.iter().any(|attr| attr.path().is_ident("doc"));
    let docs = (!documented).then(|| quote!(#[allow(missing_docs)]));
    let (sig, block) = (&item.sig, &item.block);
    let hook = std::slice::from_ref(hook);
    let methods = methods(hook, None, |ident, rest| quote!(#ident(message, #rest)));
    quote! {
        #(#outer)*
        #docs
        #[allow(non_camel_case_types)]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #vis struct #ident;

        #(#cfgs)*
        const _: () = {
            use #krate::__private as __p;
            #[allow(unused_imports)]
            use __p::NoHook as _;
            #(#inner)*
            #sig #block
            #[automatically_derived]
            impl __p::Middleware for #ident { #methods }
        };
    }
}

/// The impl of a type whose methods are hooks.
fn block(ty: &Type, generics: &Generics, hooks: &[Hook], krate: &Path) -> TokenStream {
    // The types of a generic block mean something inside of it only.
    let (early, deferred) = match generics.params.is_empty() {
        true => (Some(once(hooks)), None),
        false => (None, Some(once(hooks))),
    };
    let methods = methods(
        hooks,
        deferred,
        |ident, rest| quote!(<#ty>::#ident(self, message, #rest)),
    );
    let (generics, _, bounds) = generics.split_for_impl();
    let early = early.into_iter().flatten();
    quote! {
        const _: () = {
            use #krate::__private as __p;
            #[allow(unused_imports)]
            use __p::NoHook as _;
            #[automatically_derived]
            impl #generics __p::Middleware for #ty #bounds { #methods }
            #(const _: () = #early;)*
        };
    }
}

/// `hooks` says which messages are wanted, `__pass` takes them.
fn methods(
    hooks: &[Hook],
    deferred: Option<Vec<TokenStream>>,
    call: impl Fn(&Ident, TokenStream) -> TokenStream,
) -> TokenStream {
    let deferred = deferred.into_iter().flatten();
    let wanted = hooks.iter().map(wanted);
    let takes = hooks.iter().map(|hook| {
        let (message, call) = (anonymous(&hook.message), call(&hook.ident, rest(hook)));
        // Whether it is the answer to such a message is checked at the return type.
        let answer = quote_spanned!(located(hook.output)=> __p::Box::pin(#call));
        quote_spanned! {located(hook.message.span())=>
            .hook::<#message>(|message, next| #answer)
        }
    });
    quote! {
        fn hooks(&self) -> __p::Hooks {
            #(const { #deferred };)*
            __p::Hooks::NONE #(.union(#wanted))*
        }

        fn __pass<'__a>(&'__a self, passing: __p::Passing<'_, '__a>) -> __p::Passed<'__a> {
            passing #(#takes)* .finish()
        }
    }
}

/// The set of the one hook that takes the message.
fn wanted(hook: &Hook) -> TokenStream {
    let message = anonymous(&hook.message);
    quote_spanned!(located(hook.message.span())=> <__p::HookOf<#message>>::HOOK)
}

/// The rest of the chain as the type that was written for it.
fn rest(hook: &Hook) -> TokenStream {
    let next = anonymous(&hook.next);
    quote_spanned!(located(hook.next.span())=> <#next as __p::Rest<'_>>::of(next))
}

/// Compares the hooks with each other, at the one that comes too late.
fn once(hooks: &[Hook]) -> Vec<TokenStream> {
    let mut comparisons = Vec::new();
    for (index, second) in hooks.iter().enumerate() {
        for first in &hooks[..index] {
            let message = format!(
                "`{}` takes these messages already: one hook for each kind of message",
                first.ident,
            );
            let (first, later) = (wanted(first), wanted(second));
            comparisons.push(quote_spanned! {located(second.ident.span())=>
                __p::one_hook_each(#first, #later, #message)
            });
        }
    }
    comparisons
}
