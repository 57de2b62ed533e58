//! `#[mcp_server]`: the impl of `McpServer`, or the further part of one.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::component::{self, Expanded};
use super::target::Target;
use super::{blocks, lint, located, names, spec};
use crate::check::listed::Listed;
use crate::check::mount::Mount;
use crate::check::server::{Info, MODULE_TYPE, Server};
use crate::parse::item::Form;

/// What goes beside the user's item, or into it where it is a module.
pub(crate) fn expand(server: &Server) -> TokenStream {
    let target = Target::new(&server.form);
    let components = components(server, &target);
    let items = components.iter().map(|component| &component.items);
    let krate = &server.krate;
    let traits = traits();
    let lists = blocks::lists(server, &target);
    let implementation = match &server.info {
        Some(info) => primary(server, info, &target, &components),
        None => part(server, &target, &components),
    };
    let module_type = names::is_free(server).then(module_type);
    let markers = markers(server);
    let warnings = lint::warnings(&server.findings);
    quote! {
        #module_type
        #warnings
        #[allow(clippy::needless_update)]
        const _: () = {
            #markers
            use #krate::__private as __p;
            #traits
            #(#items)*
            #lists
            #implementation
        };
    }
}

/// The traits that decide what parameters and results are.
pub(crate) fn traits() -> TokenStream {
    quote! {
        #[allow(unused_imports)]
        use __p::{
            ArgumentKind as _, ExplainedKind as _, FallibleKind as _, InfallibleKind as _, InjectedKind as _, OperationsKind as _,
            NoNames as _, NoPart as _, Unremarkable as _,
        };
    }
}

/// Names what was taken off the user's item once more, so that imports are in
/// use and an editor finds what it is.
pub(crate) fn markers(server: &Server) -> TokenStream {
    let (markers, inert, krate) = (&server.markers, &server.inert, &server.krate);
    let markers = (!markers.is_empty()).then(|| {
        quote! {
            #[allow(unused_imports)]
            use {#(#markers as _),*};
        }
    });
    let inert = (!inert.is_empty()).then(|| {
        quote! {
            #[allow(unused_imports)]
            use #krate::__private::{#(#inert as _),*};
        }
    });
    quote!(#markers #inert)
}

/// The type a module of plain functions gets.
pub(crate) fn module_type() -> TokenStream {
    let ident = Ident::new(MODULE_TYPE, Span::call_site());
    quote! {
        /// The functions of this module as an MCP server.
        #[derive(
            ::core::clone::Clone,
            ::core::marker::Copy,
            ::core::fmt::Debug,
            ::core::default::Default,
        )]
        #[allow(dead_code, unreachable_pub)]
        pub struct #ident;
    }
}

/// What each component adds, in the order they are listed.
pub(crate) fn components(server: &Server, target: &Target) -> Vec<Expanded> {
    let tools = server
        .tools
        .iter()
        .map(|tool| component::tool(tool, target));
    let resources = server
        .resources
        .iter()
        .map(|it| component::resource(it, target));
    let prompts = server
        .prompts
        .iter()
        .map(|prompt| component::prompt(prompt, target));
    let completions = server
        .completions
        .iter()
        .map(|it| component::completion(it, target));
    tools
        .chain(resources)
        .chain(prompts)
        .chain(completions)
        .collect()
}

fn primary(server: &Server, info: &Info, target: &Target, components: &[Expanded]) -> TokenStream {
    let ty = target.ty();
    let (generics, _, bounds) = target.split();
    let statements = components.iter().map(|component| &component.statement);
    let mounts = server.mounts.iter().map(|mount| self::mount(mount, target));
    let further = blocks::statements(server);
    let setup = setup(info);
    let (names, info) = (names::table(server, target), self::info(info, target));
    let comparisons = names::comparisons(server, target);
    let (early, deferred) = split(comparisons, target);
    quote! {
        #[automatically_derived]
        impl #generics __p::McpServer for #ty #bounds {
            const __NAMES: &'static __p::Names = #names;

            fn __assemble(part: &mut __p::Part<Self>) {
                #deferred
                part.server(&#info);
                #(#statements)*
                #(#further)*
                #(#mounts)*
                #setup
            }
        }
        #early
    }
}

fn part(server: &Server, target: &Target, components: &[Expanded]) -> TokenStream {
    let ty = names::spelled(target);
    let further = blocks::statements(server);
    let is_empty = components.is_empty() && further.is_empty();
    let local = Ident::new(if is_empty { "_part" } else { "part" }, Span::call_site());
    let names = match &server.part {
        None => quote!(<#ty>::__PURLIN_PART),
        Some(name) => {
            let id = name.id();
            quote!(<#ty as __p::HasPart<#id>>::NAMES)
        }
    };
    let comparisons = names::part_comparisons(server, &names, target);
    let (early, deferred) = split(comparisons, target);
    let statements = components.iter().map(|component| &component.statement);
    let body = quote!(#deferred #(#statements)* #(#further)*);
    let table = names::table(server, target);
    let implementation = match &server.part {
        None => bare_part(target, &table, &local, &body),
        Some(name) => named_part(name, target, &table, &local, &body),
    };
    quote!(#implementation #early)
}

/// The one part that no list has: inherent items.
fn bare_part(
    target: &Target,
    table: &TokenStream,
    local: &Ident,
    body: &TokenStream,
) -> TokenStream {
    let ty = target.ty();
    let (generics, _, bounds) = target.split();
    quote! {
        #[automatically_derived]
        impl #generics #ty #bounds {
            #[doc(hidden)]
            #[allow(unreachable_pub)]
            pub const __PURLIN_PART: &'static __p::Names = #table;

            #[doc(hidden)]
            #[allow(unreachable_pub)]
            pub fn __purlin_part(#local: &mut __p::Part<Self>) { #body }
        }
    }
}

fn named_part(
    name: &Listed,
    target: &Target,
    table: &TokenStream,
    local: &Ident,
    body: &TokenStream,
) -> TokenStream {
    let ty = target.ty();
    let (generics, _, bounds) = target.split();
    let id = name.id();
    let span = located(name.ident.span());
    let listed = quote_spanned!(span=> __p::listed_part::<Self, #id>(););
    quote! {
        #[automatically_derived]
        impl #generics __p::HasPart<#id> for #ty #bounds {
            const NAMES: &'static __p::Names = #table;

            fn assemble(#local: &mut __p::Part<Self>) { #listed #body }
        }
    }
}

/// Comparisons for beside the impl, and for inside of its function.
fn split(comparisons: TokenStream, target: &Target) -> (Option<TokenStream>, Option<TokenStream>) {
    match target.is_generic() {
        true => (None, Some(comparisons)),
        false => (Some(comparisons), None),
    }
}

fn mount(mount: &Mount, target: &Target) -> TokenStream {
    let (ident, cfgs) = (&mount.ident, &mount.cfgs);
    let ty = target.spelled(&mount.ty);
    let prefix = spec::field("prefix", mount.prefix.as_ref());
    let demand = spec::demand(&mount.demand, target);
    let layers = spec::layers(&mount.layers, target);
    let spec = quote!(&__p::MountSpec { #prefix #demand #layers ..__p::MountSpec::EMPTY });
    // The bound on the field's type is checked at the type.
    quote_spanned! {located(mount.ty.span())=>
        #(#cfgs)*
        part.mount::<#ty>(#spec, |server| &server.#ident);
    }
}

/// The type of the function is checked at its path.
fn setup(info: &Info) -> Option<TokenStream> {
    let setup = info.setup.as_ref()?;
    Some(quote_spanned!(located(setup.span())=> part.setup(#setup);))
}

fn info(info: &Info, target: &Target) -> TokenStream {
    let name = &info.name;
    let version = match &info.version {
        Some(version) => quote!(#version),
        None => quote!(::core::env!("CARGO_PKG_VERSION")),
    };
    let title = spec::field("title", info.title.as_ref());
    let description = spec::field("description", info.description.as_ref());
    let instructions = spec::field("instructions", info.instructions.as_ref());
    let website = spec::field("website", info.website.as_ref());
    let icons = spec::icons(&info.icons);
    let demand = spec::demand(&info.demand, target);
    let layers = spec::layers(&info.layers, target);
    let lenient = spec::switch("lenient", info.lenient);
    quote! {
        __p::ServerSpec {
            name: #name,
            version: #version,
            #title #description #instructions #website #icons #demand #layers #lenient
            ..__p::ServerSpec::EMPTY
        }
    }
}

/// Whether the expansion goes inside the item.
pub(crate) fn goes_inside(form: &Form) -> bool {
    matches!(form, Form::Module { .. })
}
