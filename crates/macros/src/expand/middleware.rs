//! `#[middleware]`: the impl of `Middleware`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ItemFn;

use super::{lint, located};
use crate::check::middleware::{Form, Hook, Kind, Middleware};

/// What a kind of message is called in the runtime.
struct Wiring {
    method: &'static str,
    flag: &'static str,
    answer: TokenStream,
}

impl Wiring {
    fn of(kind: Kind) -> Self {
        let (method, flag, answer) = match kind {
            Kind::Message => ("on_message", "MESSAGE", quote!(__p::AnyResponse)),
            Kind::Request => ("on_request", "REQUEST", quote!(__p::AnyResponse)),
            Kind::CallTool => ("on_call_tool", "TOOL_CALL", quote!(__p::ToolResult)),
            Kind::ReadResource => (
                "on_read_resource",
                "RESOURCE_READ",
                quote!(__p::ResourceResult),
            ),
            Kind::GetPrompt => ("on_get_prompt", "PROMPT_GET", quote!(__p::PromptResult)),
            Kind::ListTools => ("on_list_tools", "TOOL_LIST", quote!(__p::Vec<__p::Tool>)),
            Kind::ListResources => (
                "on_list_resources",
                "RESOURCE_LIST",
                quote!(__p::Vec<__p::Resource>),
            ),
            Kind::ListResourceTemplates => (
                "on_list_resource_templates",
                "RESOURCE_TEMPLATE_LIST",
                quote!(__p::Vec<__p::ResourceTemplate>),
            ),
            Kind::ListPrompts => (
                "on_list_prompts",
                "PROMPT_LIST",
                quote!(__p::Vec<__p::Prompt>),
            ),
            Kind::Complete => ("on_complete", "COMPLETE", quote!(__p::Completion)),
        };
        Self {
            method,
            flag,
            answer,
        }
    }
}

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
        } => {
            let (generics, _, bounds) = generics.split_for_impl();
            let calls = hooks.iter().map(|hook| {
                let ident = &hook.ident;
                (hook, quote!(<#ty>::#ident(self, message, next)))
            });
            let methods = implementation(&calls.collect::<Vec<_>>());
            quote! {
                const _: () = {
                    use #krate::__private as __p;
                    #[automatically_derived]
                    impl #generics __p::Middleware for #ty #bounds { #methods }
                };
            }
        }
    }
}

/// A unit type of the function's name, with the function inside.
fn func(item: &ItemFn, hook: &Hook, krate: &syn::Path) -> TokenStream {
    let (vis, ident) = (&item.vis, &item.sig.ident);
    let (outer, inner): (Vec<_>, Vec<_>) = item.attrs.iter().partition(|attr| {
        ["doc", "cfg", "deprecated"]
            .iter()
            .any(|name| attr.path().is_ident(name))
    });
    let documented = outer.iter().any(|attr| attr.path().is_ident("doc"));
    let docs = (!documented).then(|| quote!(#[allow(missing_docs)]));
    let (sig, block) = (&item.sig, &item.block);
    let methods = implementation(&[(hook, quote!(#ident(message, next)))]);
    quote! {
        #(#outer)*
        #docs
        #[allow(non_camel_case_types)]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #vis struct #ident;

        const _: () = {
            use #krate::__private as __p;
            #(#inner)*
            #sig #block
            #[automatically_derived]
            impl __p::Middleware for #ident { #methods }
        };
    }
}

fn implementation(hooks: &[(&Hook, TokenStream)]) -> TokenStream {
    let wirings: Vec<Wiring> = hooks
        .iter()
        .map(|(hook, _)| Wiring::of(hook.kind))
        .collect();
    let flags = wirings
        .iter()
        .map(|wiring| Ident::new(wiring.flag, Span::call_site()));
    let methods = hooks.iter().zip(&wirings).map(|((hook, call), wiring)| {
        let span = located(hook.span);
        let ident = |name| Ident::new(name, Span::call_site());
        let (method, message) = (ident(wiring.method), ident(hook.kind.message()));
        let answer = &wiring.answer;
        quote_spanned! {span=>
            fn #method<'__a>(
                &'__a self,
                message: __p::#message<'__a>,
                next: __p::Next<'__a>,
            ) -> __p::BoxFuture<'__a, ::core::result::Result<#answer, __p::Error>> {
                __p::Box::pin(#call)
            }
        }
    });
    quote! {
        fn hooks(&self) -> __p::Hooks { __p::Hooks::NONE #(.union(__p::Hooks::#flags))* }
        #(#methods)*
    }
}
