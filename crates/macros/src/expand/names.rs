//! Tables of names, and the constants that compare them.

use std::cmp::Ordering;

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Attribute;
use syn::spanned::Spanned;

use super::located;
use super::target::Target;
use crate::check::mount::Mount;
use crate::check::server::Server;
use crate::parse::item::Form;

/// The constant of type `&'static Names` that tells of a block's names.
pub(crate) fn table(server: &Server, target: &Target) -> TokenStream {
    let label = label(server, target);
    let tools = server
        .tools
        .iter()
        .map(|tool| (tool.component.name.text.as_str(), &tool.func.cfgs));
    let prompts = server
        .prompts
        .iter()
        .map(|prompt| (prompt.component.name.text.as_str(), &prompt.func.cfgs));
    let resources = server
        .resources
        .iter()
        .map(|resource| (resource.uri.as_str(), &resource.func.cfgs));
    let (tools, prompts, resources) = (sorted(tools), sorted(prompts), sorted(resources));
    let mounts = server.mounts.iter().map(mounted);
    let part =
        (server.info.is_some() && !is_free(server)).then(|| quote!(part: <Self>::__PURLIN_PART,));
    let max_tools = server.info.as_ref().and_then(|info| info.max_tools);
    let max_tools = super::spec::field("max_tools", max_tools);
    quote! {
        &__p::Names {
            server: #label,
            tools: &[#(#tools),*],
            prompts: &[#(#prompts),*],
            resources: &[#(#resources),*],
            #part
            mounts: &[#(#mounts),*],
            #max_tools
            ..__p::Names::NONE
        }
    }
}

/// The inherent constant that other servers find the names by.
pub(crate) fn constant(server: &Server, target: &Target) -> TokenStream {
    let ty = target.ty();
    let (generics, _, bounds) = target.split();
    let table = table(server, target);
    quote! {
        #[automatically_derived]
        impl #generics #ty #bounds {
            #[doc(hidden)]
            #[allow(unreachable_pub)]
            pub const __PURLIN_NAMES: &'static __p::Names = #table;
        }
    }
}

/// The comparisons while the user's crate compiles, each located at what it is
/// about. Those of a generic server go into `__assemble`, since its names are
/// known only where it is used.
pub(crate) fn comparisons(server: &Server, target: &Target) -> TokenStream {
    let ty = if target.is_generic() {
        quote!(Self)
    } else {
        target.ty().clone()
    };
    let comparison = |span, call: TokenStream| match target.is_generic() {
        true => quote_spanned!(span=> const { #call };),
        false => quote_spanned!(span=> const _: () = #call;),
    };
    let span = located(server.form_span());
    let own = quote_spanned!(span=> __p::Names::check(<#ty>::__PURLIN_NAMES));
    let own = comparison(span, own);
    let mounts = server.mounts.iter().map(|mount| {
        let (cfgs, field) = (&mount.cfgs, mount.ident.to_string());
        let span = located(mount.ident.span());
        let call = quote_spanned!(span=> __p::Names::check_mount(<#ty>::__PURLIN_NAMES, #field));
        let comparison = comparison(span, call);
        quote!(#(#cfgs)* #comparison)
    });
    quote!(#own #(#mounts)*)
}

pub(crate) fn is_free(server: &Server) -> bool {
    matches!(server.form, Form::Module { .. })
}

fn mounted(mount: &Mount) -> TokenStream {
    let (cfgs, ty) = (&mount.cfgs, &mount.ty);
    let field = mount.ident.to_string();
    let prefix = super::spec::field("prefix", mount.prefix.as_ref());
    let names = quote_spanned!(located(ty.span())=> <#ty>::__PURLIN_NAMES);
    quote!(#(#cfgs)* __p::MountedNames { field: #field, names: #names, #prefix ..__p::MountedNames::NONE })
}

/// Names in the order the comparison merges them in: byte by byte.
fn sorted<'a>(names: impl Iterator<Item = (&'a str, &'a Vec<Attribute>)>) -> Vec<TokenStream> {
    let mut names: Vec<_> = names.collect();
    names.sort_by(|(left, _), (right, _)| -> Ordering { left.as_bytes().cmp(right.as_bytes()) });
    names
        .into_iter()
        .map(|(name, cfgs)| quote!(#(#cfgs)* #name))
        .collect()
}

/// The server as it is called in a message.
fn label(server: &Server, target: &Target) -> String {
    match &server.form {
        Form::Module { ident } => ident.to_string(),
        _ => target
            .ty()
            .to_string()
            .replace(" :: ", "::")
            .replace(' ', ""),
    }
}
