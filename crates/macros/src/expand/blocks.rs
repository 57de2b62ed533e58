//! What the blocks of one server, and the functions that a macro writes into
//! them, leave behind for each other.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;

use super::located;
use super::names::is_free;
use super::target::Target;
use crate::check::listed::Listed;
use crate::check::server::Server;

/// The constant of the names of a function that a macro writes.
pub(crate) fn names_ident(ident: &Ident) -> Ident {
    format_ident!("__PURLIN_ALSO_{}", ident.unraw().to_string().to_uppercase())
}

/// The function that registers it.
pub(crate) fn assemble_ident(ident: &Ident) -> Ident {
    format_ident!("__purlin_also_{}", ident.unraw())
}

/// Says which parts and functions the block lists, and what stands in for those
/// that are not there.
pub(crate) fn lists(server: &Server, target: &Target) -> TokenStream {
    let ty = target.ty();
    let (generics, _, bounds) = target.split();
    let list = |listed: &Listed, list: &str| {
        let (cfgs, id, list) = (&listed.cfgs, listed.id(), format_ident!("{list}"));
        quote! {
            #(#cfgs)*
            #[automatically_derived]
            impl #generics __p::#list<#id> for #ty #bounds {}
        }
    };
    let parts = server.parts.iter().map(|part| list(part, "ListsPart"));
    if is_free(server) {
        return quote!(#(#parts)*);
    }
    let also = server
        .also
        .iter()
        .map(|listed| list(listed, "ListsFunction"));
    let absent = absent(server);
    quote!(#(#parts)* #(#also)* #absent)
}

/// What is found where no macro writes the functions: inherent items of the
/// same names take precedence.
fn absent(server: &Server) -> Option<TokenStream> {
    if server.also.is_empty() {
        return None;
    }
    let items = server.also.iter().map(|listed| {
        let (cfgs, names) = (&listed.cfgs, names_ident(&listed.ident));
        let assemble = assemble_ident(&listed.ident);
        quote! {
            #(#cfgs)*
            const #names: ::core::option::Option<&'static __p::Names> =
                ::core::option::Option::None;
            #(#cfgs)*
            fn #assemble(_: &mut __p::Part<Self>) {}
        }
    });
    Some(quote! {
        #[allow(dead_code)]
        trait __Absent: ::core::marker::Sized { #(#items)* }
        impl<__S> __Absent for __S {}
    })
}

/// The tables of names beside the block's own.
pub(crate) fn tables(server: &Server) -> Vec<TokenStream> {
    let mut tables = Vec::new();
    if server.info.is_some() && !is_free(server) {
        tables.push(quote!(<Self>::__PURLIN_PART));
    }
    tables.extend(server.parts.iter().map(|part| {
        let (cfgs, id) = (&part.cfgs, part.id());
        quote_spanned!(located(part.ident.span())=>
            #(#cfgs)* <Self as __p::HasPart<#id>>::NAMES)
    }));
    tables.extend(server.also.iter().map(|listed| {
        let (cfgs, ident) = (&listed.cfgs, &listed.ident);
        let names = names_ident(ident);
        match is_free(server) {
            true => quote_spanned!(located(ident.span())=>
                #(#cfgs)* <self::#ident as __p::Function>::__NAMES),
            false => quote!(#(#cfgs)* __p::names_of(<Self>::#names)),
        }
    }));
    tables
}

/// The statements that register them.
pub(crate) fn statements(server: &Server) -> Vec<TokenStream> {
    let mut statements = Vec::new();
    if server.info.is_some() && !is_free(server) {
        statements.push(quote!(<Self>::__purlin_part(part);));
    }
    statements.extend(server.parts.iter().map(|part| {
        let (cfgs, id) = (&part.cfgs, part.id());
        quote_spanned!(located(part.ident.span())=>
            #(#cfgs)* <Self as __p::HasPart<#id>>::assemble(part);)
    }));
    statements.extend(server.also.iter().map(|listed| {
        let (cfgs, ident) = (&listed.cfgs, &listed.ident);
        let assemble = assemble_ident(ident);
        match is_free(server) {
            true => quote_spanned!(located(ident.span())=>
                #(#cfgs)* part.function::<self::#ident>();),
            false => quote!(#(#cfgs)* <Self>::#assemble(part);),
        }
    }));
    statements
}

/// Asks for each function that a macro is to write into the block of `ty`.
pub(crate) fn written<'a>(
    server: &'a Server,
    ty: &'a TokenStream,
) -> impl Iterator<Item = (&'a Listed, TokenStream)> {
    let methods = server.also.iter().filter(|_| !is_free(server));
    methods.map(move |listed| {
        let (ident, names) = (&listed.ident, names_ident(&listed.ident));
        let message = format!(
            "no macro in this block writes a function `{ident}` with `#[mcp_tool]` or its kin: \
             write it, or take the name out of `also`",
        );
        let call = quote_spanned!(located(ident.span())=>
            __p::is_there(<#ty>::#names, #message));
        (listed, call)
    })
}
