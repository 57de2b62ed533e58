//! A marker that stands alone.
//!
//! Outside of a server the function gets a type of its name beside it, by which
//! a server that is put together at run time takes it. With `self` it stands in
//! an `impl` block, so what it leaves are associated items, for the
//! `#[mcp_server]` of the block to find by name.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Attribute, Path, Visibility};

use super::component::Expanded;
use super::target::Target;
use super::{blocks, lint, located, names, server};
use crate::check::func::Func;
use crate::check::listed::Listed;
use crate::check::server::Server;
use crate::parse::item::Form;

/// What goes beside the function.
pub(crate) fn expand(server: &Server, vis: &Visibility) -> TokenStream {
    let target = Target::new(&server.form);
    let table = names::table(server, &target);
    let component = server::components(server, &target).into_iter().next();
    let (Some(func), Some(mut component)) = (func(server), component) else {
        return TokenStream::new();
    };
    component.items.extend(server::markers(server));
    let warnings = lint::warnings(&server.findings);
    match server.form {
        Form::Method => method(func, &component, &table, &warnings, &server.krate),
        _ => function(func, vis, &component, &table, &warnings, &server.krate),
    }
}

/// What stands in for a function that was refused.
pub(crate) fn fallback(server: &Server, vis: &Visibility) -> TokenStream {
    let component = Expanded {
        items: TokenStream::new(),
        statement: TokenStream::new(),
    };
    let Some(func) = func(server) else {
        return TokenStream::new();
    };
    let (table, warnings) = (quote!(&__p::Names::NONE), TokenStream::new());
    match server.form {
        Form::Method => method(func, &component, &table, &warnings, &server.krate),
        _ => function(func, vis, &component, &table, &warnings, &server.krate),
    }
}

fn func(server: &Server) -> Option<&Func> {
    let tools = server.tools.iter().map(|tool| &tool.func);
    let resources = server.resources.iter().map(|resource| &resource.func);
    let prompts = server.prompts.iter().map(|prompt| &prompt.func);
    let completions = server.completions.iter().map(|it| &it.func);
    tools
        .chain(resources)
        .chain(prompts)
        .chain(completions)
        .next()
}

/// The type has no values: nothing but its name is used.
///
/// The rest of the expansion hangs on the type, which is refused as a whole in
/// an `impl` block: a function without `self` there that no `#[mcp_server]` has
/// read is one error.
fn function(
    func: &Func,
    vis: &Visibility,
    component: &Expanded,
    table: &TokenStream,
    warnings: &TokenStream,
    krate: &Path,
) -> TokenStream {
    let (ident, cfgs) = (&func.ident, &func.cfgs);
    let traits = server::traits();
    let Expanded { items, statement } = component;
    let local = local(statement);
    let beside = quote! {
        #warnings
        #(#cfgs)*
        #[allow(clippy::needless_update)]
        const _: () = {
            use #krate::__private as __p;
            #traits
            #items
            #[automatically_derived]
            impl __p::Function for #ident {
                const __NAMES: &'static __p::Names = #table;

                fn __assemble(#local: &mut __p::Part<()>) { #statement }
            }
        };
    };
    let span = located(ident.span());
    quote_spanned! {span=>
        #(#cfgs)*
        #[#krate::__private::beside(#beside)]
        /// The function of this name, for a server that is put together at run time.
        #[allow(non_camel_case_types)]
        #[derive(::core::fmt::Debug)]
        #vis enum #ident {}
    }
}

fn method(
    func: &Func,
    component: &Expanded,
    table: &TokenStream,
    warnings: &TokenStream,
    krate: &Path,
) -> TokenStream {
    let cfgs: &[Attribute] = &func.cfgs;
    let (names, assemble) = (
        blocks::names_ident(&func.ident),
        blocks::assemble_ident(&func.ident),
    );
    let id = Listed {
        ident: func.ident.clone(),
        cfgs: Vec::new(),
    }
    .id();
    let traits = server::traits();
    let Expanded { items, statement } = component;
    let local = local(statement);
    let listed = quote_spanned!(located(Span::call_site())=>
        __p::listed_function::<Self, #id>(););
    quote! {
        #(#cfgs)*
        #[doc(hidden)]
        #[allow(dead_code)]
        const #names: ::core::option::Option<&'static #krate::__private::Names> = {
            #warnings
            use #krate::__private as __p;
            ::core::option::Option::Some(#table)
        };

        #(#cfgs)*
        #[doc(hidden)]
        #[allow(dead_code, deprecated, clippy::needless_update)]
        fn #assemble(#local: &mut #krate::__private::Part<Self>) {
            use #krate::__private as __p;
            #traits
            #items
            #listed
            #statement
        }
    }
}

fn local(statement: &TokenStream) -> Ident {
    let name = if statement.is_empty() {
        "_part"
    } else {
        "part"
    };
    Ident::new(name, Span::call_site())
}
