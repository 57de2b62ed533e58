//! Tables of names, and the constants that compare them.

use std::cmp::Ordering;

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Attribute;
use syn::spanned::Spanned;

use super::target::Target;
use super::{blocks, located};
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
    let parts = blocks::tables(server);
    let parts = super::spec::list("parts", &parts);
    let max_tools = server.info.as_ref().and_then(|info| info.max_tools);
    let max_tools = super::spec::field("max_tools", max_tools);
    quote! {
        &__p::Names {
            server: #label,
            tools: &[#(#tools),*],
            prompts: &[#(#prompts),*],
            resources: &[#(#resources),*],
            #parts
            mounts: &[#(#mounts),*],
            #max_tools
            ..__p::Names::NONE
        }
    }
}

/// The comparisons while the user's crate compiles, each located at what it is
/// about. Those of a generic server go into its functions, since its names are
/// known only where it is used.
pub(crate) fn comparisons(server: &Server, target: &Target) -> TokenStream {
    let ty = spelled(target);
    let names = quote!(<__p::NamesOf<#ty>>::NAMES);
    let written = written(server, target);
    let own = blocks(server, &names, target);
    let mounts = server.mounts.iter().map(|mount| {
        let (cfgs, field) = (&mount.cfgs, mount.ident.to_string());
        let span = located(mount.ident.span());
        let call = quote_spanned!(span=> __p::Names::check_mount(#names, #field));
        let comparison = comparison(span, &call, target);
        quote!(#(#cfgs)* #comparison)
    });
    quote!(#written #own #(#mounts)*)
}

/// The same of a part, whose `names` are those of several blocks only where a
/// macro writes functions into it.
pub(crate) fn part_comparisons(
    server: &Server,
    names: &TokenStream,
    target: &Target,
) -> TokenStream {
    let written = written(server, target);
    let own = (!server.also.is_empty()).then(|| blocks(server, names, target));
    quote!(#written #own)
}

/// The type as a comparison writes it.
pub(crate) fn spelled(target: &Target) -> TokenStream {
    match target.is_generic() {
        true => quote!(Self),
        false => target.ty().clone(),
    }
}

/// Compares the blocks that make up `names`.
fn blocks(server: &Server, names: &TokenStream, target: &Target) -> TokenStream {
    let span = located(server.form_span());
    let call = quote_spanned!(span=> __p::Names::check(#names));
    comparison(span, &call, target)
}

/// Asks for each function that a macro is to write.
fn written(server: &Server, target: &Target) -> TokenStream {
    let ty = spelled(target);
    let asked = blocks::written(server, &ty).map(|(listed, call)| {
        let (cfgs, span) = (&listed.cfgs, located(listed.ident.span()));
        let comparison = comparison(span, &call, target);
        quote!(#(#cfgs)* #comparison)
    });
    asked.collect()
}

fn comparison(span: Span, call: &TokenStream, target: &Target) -> TokenStream {
    match target.is_generic() {
        true => quote_spanned!(span=> const { #call };),
        false => quote_spanned!(span=> const _: () = #call;),
    }
}

pub(crate) fn is_free(server: &Server) -> bool {
    matches!(server.form, Form::Module { .. })
}

fn mounted(mount: &Mount) -> TokenStream {
    let (cfgs, ty) = (&mount.cfgs, &mount.ty);
    let field = mount.ident.to_string();
    let prefix = super::spec::field("prefix", mount.prefix.as_ref());
    let names = quote_spanned!(located(ty.span())=> <__p::NamesOf<#ty>>::NAMES);
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

/// The server, or the part of it, as it is called in a message.
fn label(server: &Server, target: &Target) -> String {
    let ty = target.ty().to_string();
    let ty = ty.replace(" :: ", "::").replace(' ', "");
    match (&server.form, &server.info, &server.part) {
        (Form::Module { ident }, ..) => ident.to_string(),
        (Form::Function | Form::Method, ..) => only(server),
        (_, Some(_), _) => ty,
        (_, None, Some(part)) => format!("{ty} (part {})", part.ident),
        (_, None, None) => format!("{ty} (part)"),
    }
}

/// The name of the one function there is.
fn only(server: &Server) -> String {
    let tools = server.tools.iter().map(|tool| &tool.func);
    let resources = server.resources.iter().map(|resource| &resource.func);
    let prompts = server.prompts.iter().map(|prompt| &prompt.func);
    let mut funcs = tools.chain(resources).chain(prompts);
    funcs
        .next()
        .map(|func| func.ident.to_string())
        .unwrap_or_default()
}
