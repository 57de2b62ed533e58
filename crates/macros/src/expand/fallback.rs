//! What stands in for an expansion that was refused: enough for the rest of the
//! user's program to compile, so that one mistake is one error.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Path;

use super::server::{markers, module_type};
use super::target::Target;
use super::{blocks, names};
use crate::check::server::Server;
use crate::errors::Errors;
use crate::parse::item::Form;

/// The impl of a server that has nothing.
pub(crate) fn server(server: &Server) -> TokenStream {
    let markers = markers(server);
    let markers = quote!(const _: () = { #markers };);
    let target = Target::new(&server.form);
    if matches!(server.form, Form::Other) || target.has_lifetimes() {
        return markers;
    }
    let (krate, ty) = (&server.krate, target.ty());
    let (generics, _, bounds) = target.split();
    let lists = blocks::lists(server, &target);
    let lists = quote! {
        const _: () = {
            #[allow(unused_imports)]
            use #krate::__private as __p;
            #lists
        };
    };
    if server.info.is_none() {
        let part = server.part.as_ref().map(|part| {
            let id = part.id();
            quote! {
                #[automatically_derived]
                impl #generics #krate::__private::HasPart<#id> for #ty #bounds {
                    const NAMES: &'static #krate::__private::Names =
                        &#krate::__private::Names::NONE;

                    fn assemble(_: &mut #krate::__private::Part<Self>) {}
                }
            }
        });
        return quote!(#markers #lists #part);
    }
    let module_type = (names::is_free(server) && !server.has_module_type).then(module_type);
    quote! {
        #markers
        #lists
        #module_type
        #[automatically_derived]
        impl #generics #krate::__private::McpServer for #ty #bounds {
            fn __assemble(_: &mut #krate::__private::Part<Self>) {}
        }
    }
}

/// The type and the impl of a middleware function without a hook.
pub(crate) fn middleware(item: &syn::Item, krate: &Path) -> TokenStream {
    let (generics, ty, bounds, unit) = match item {
        syn::Item::Fn(item) => {
            let (vis, ident) = (&item.vis, format_ident!("{}", item.sig.ident));
            let unit = quote! {
                #[allow(non_camel_case_types, missing_docs, dead_code)]
                #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
                #vis struct #ident;
            };
            (None, quote!(#ident), None, Some(unit))
        }
        syn::Item::Impl(block) => {
            let (generics, _, bounds) = block.generics.split_for_impl();
            let ty = &block.self_ty;
            (
                Some(quote!(#generics)),
                quote!(#ty),
                Some(quote!(#bounds)),
                None,
            )
        }
        _ => return TokenStream::new(),
    };
    quote! {
        #unit
        #[automatically_derived]
        impl #generics #krate::__private::Middleware for #ty #bounds {}
    }
}

/// The function under `#[purlin::main]` or `#[purlin::test]`, without a body
/// that could bring errors of its own.
pub(crate) fn run(errors: &Errors, item: &syn::ItemFn) -> TokenStream {
    let mistakes = errors.to_tokens();
    let (vis, ident) = (&item.vis, &item.sig.ident);
    quote!(#mistakes #[allow(dead_code)] #vis fn #ident() {})
}
