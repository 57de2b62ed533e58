//! `#[policy]`: the impl of `Policy`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use super::func::{self, Caller};
use super::target::Target;
use super::{lint, server, spec};
use crate::check::policy::Policy;
use crate::parse::item::Form;

/// What takes the place of the function: a unit type of its name, with the
/// function inside.
pub(crate) fn expand(policy: &Policy) -> TokenStream {
    let target = Target::new(&Form::Function);
    let caller = Caller {
        func: &policy.func,
        blocking: false,
        target: &target,
        flavour: &func::POLICY,
        declared: None,
    };
    let (sig, block, krate) = (&policy.item.sig, &policy.item.block, &policy.krate);
    let ident = &sig.ident;
    let cfgs = &policy.func.cfgs;
    let inner = policy.item.attrs.iter().filter(|attr| !is_outer(attr));
    let warnings = lint::warnings(&policy.findings);
    let unit = unit(&policy.item);
    let (traits, probes) = (server::traits(), caller.probes());
    let (spec_ident, describer, callee) =
        (caller.spec_ident(), caller.describer(), caller.callee());
    let (describe, call) = (caller.describe(), caller.call());
    let (name, params) = (
        ident.unraw().to_string(),
        spec::params(&policy.func.params, &target),
    );
    let function = format_ident!("{spec_ident}_FUNCTION");
    quote! {
        #warnings
        #unit

        #(#cfgs)*
        #[allow(clippy::needless_update)]
        const _: () = {
            use #krate::__private as __p;
            #traits
            #(#inner)*
            #sig #block
            #(#probes)*
            static #spec_ident: __p::ToolSpec = __p::ToolSpec {
                name: #name,
                #params
                ..__p::ToolSpec::EMPTY
            };
            #describe
            #call
            static #function: __p::PolicyFunction =
                __p::PolicyFunction::new(&#spec_ident, #describer, #callee);
            #[automatically_derived]
            impl __p::Policy for #ident {
                fn decide<'__a>(
                    &'__a self,
                    asked: &'__a __p::Asked<'__a>,
                ) -> __p::BoxFuture<'__a, ::core::result::Result<__p::Decision, __p::Error>> {
                    #function.decide(asked)
                }
            }
        };
    }
}

/// The type, and a policy that refuses everybody, for the rest of the program to
/// compile.
pub(crate) fn fallback(policy: &Policy) -> TokenStream {
    let (ident, krate, cfgs) = (&policy.item.sig.ident, &policy.krate, &policy.func.cfgs);
    let unit = unit(&policy.item);
    quote! {
        #unit

        #(#cfgs)*
        const _: () = {
            use #krate::__private as __p;
            #[automatically_derived]
            impl __p::Policy for #ident {
                fn decide<'__a>(
                    &'__a self,
                    _: &'__a __p::Asked<'__a>,
                ) -> __p::BoxFuture<'__a, ::core::result::Result<__p::Decision, __p::Error>> {
                    __p::Box::pin(::core::future::ready(::core::result::Result::Ok(
                        __p::Decision::Deny,
                    )))
                }
            }
        };
    }
}

fn is_outer(attr: &syn::Attribute) -> bool {
    let outer = ["doc", "cfg", "deprecated"];
    outer.iter().any(|name| attr.path().is_ident(name))
}

fn unit(item: &syn::ItemFn) -> TokenStream {
    let (vis, ident) = (&item.vis, &item.sig.ident);
    let outer: Vec<_> = item.attrs.iter().filter(|attr| is_outer(attr)).collect();
    let documented = outer.iter().any(|attr| attr.path().is_ident("doc"));
    let docs = (!documented).then(|| quote!(#[allow(missing_docs)]));
    quote! {
        #(#outer)*
        #docs
        #[allow(non_camel_case_types)]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #vis struct #ident;
    }
}
