//! `#[derive(Operations)]`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::target::Target;
use super::{located, spec};
use crate::check::func::Param;
use crate::check::operations::{Field, Operation, Operations};
use crate::parse::item::Form;

/// What goes beside the enum.
pub(crate) fn expand(operations: &Operations) -> TokenStream {
    let target = target(operations);
    let specs = operations.operations.iter().map(spec_of);
    let params = operations.params.iter();
    let params = params.map(|param| spec::param(param, &target));
    let description = spec::field("description", operations.description.as_ref());
    let tag = &operations.tag;
    let describe = each(operations).map(|(at, field)| describe(at, field, &target));
    let arms = operations.operations.iter().enumerate();
    let arms = arms.map(|(at, operation)| arm(at, operation, &target));
    let implementation = implementation(
        operations,
        &target,
        &quote! {
            const __SPEC: &'static __p::OperationsSpec = &__p::OperationsSpec {
                tag: #tag,
                operations: &[#(#specs),*],
                params: &[#(#params),*],
                #description
                ..__p::OperationsSpec::EMPTY
            };
            #[allow(unused_variables)]
            fn __describe(operations: &mut __p::OperationsDescription<'_>) {
                #(#describe)*
            }
            fn __take(
                chosen: &mut __p::Chosen<'_, '_>,
            ) -> ::core::option::Option<Self> {
                match chosen.index() {
                    #(#arms)*
                    _ => ::core::option::Option::None,
                }
            }
        },
    );
    let krate = &operations.krate;
    quote! {
        #[allow(clippy::needless_update)]
        const _: () = {
            use #krate::__private as __p;
            #[allow(unused_imports)]
            use __p::ArgumentKind as _;
            #implementation
        };
    }
}

/// The impl of an enum that was refused.
pub(crate) fn fallback(operations: &Operations) -> TokenStream {
    let krate = &operations.krate;
    let implementation = implementation(
        operations,
        &target(operations),
        &quote! {
            const __SPEC: &'static __p::OperationsSpec = &__p::OperationsSpec::EMPTY;
            fn __describe(_: &mut __p::OperationsDescription<'_>) {}
            fn __take(_: &mut __p::Chosen<'_, '_>) -> ::core::option::Option<Self> {
                ::core::option::Option::None
            }
        },
    );
    quote! {
        const _: () = {
            use #krate::__private as __p;
            #implementation
        };
    }
}

fn target(operations: &Operations) -> Target {
    Target::new(&Form::Struct {
        ident: operations.ident.clone(),
        generics: operations.generics.clone(),
    })
}

fn implementation(operations: &Operations, target: &Target, items: &TokenStream) -> TokenStream {
    let ident = &operations.ident;
    let (generics, arguments, bounds) = target.split();
    quote! {
        #[automatically_derived]
        impl #generics __p::Operations for #ident #arguments #bounds { #items }
    }
}

fn spec_of(operation: &Operation) -> TokenStream {
    let name = &operation.name;
    let description = spec::field("description", operation.description.as_ref());
    let params: Vec<usize> = operation.fields.iter().map(|field| field.index).collect();
    let params = spec::list("params", &params);
    quote! {
        __p::OperationSpec { name: #name, #description #params ..__p::OperationSpec::EMPTY }
    }
}

/// Every argument, with the place of its operation.
fn each(operations: &Operations) -> impl Iterator<Item = (usize, &Field)> {
    let operations = operations.operations.iter().enumerate();
    operations.flat_map(|(at, operation)| operation.fields.iter().map(move |field| (at, field)))
}

/// The tag that knows how the argument is decoded. Everything in it is located
/// at the type, so that errors about it collapse into one.
fn kind(param: &Param, target: &Target) -> TokenStream {
    let ty = target.without_self(&param.passed.written);
    quote_spanned!(span(param)=> (&&__p::Kind::<#ty>::NEW).param().argument())
}

fn span(param: &Param) -> Span {
    located(param.passed.written.span())
}

fn describe(at: usize, field: &Field, target: &Target) -> TokenStream {
    let (param, index) = (&field.param, field.index);
    let kind = kind(param, target);
    match &param.default {
        None => quote_spanned! {span(param)=>
            #kind.describe_operation(operations, #at, #index);
        },
        Some(default) => {
            let default = spec::default(default, target);
            quote_spanned! {span(param)=>
                #kind.default_operation(operations, #at, #index, #default);
            }
        }
    }
}

fn arm(at: usize, operation: &Operation, target: &Target) -> TokenStream {
    let takes = operation.fields.iter().map(|field| take(field, target));
    let ident = &operation.ident;
    let fields = operation.fields.iter().map(|field| {
        let (ident, local) = (&field.param.ident, local(&field.param));
        quote!(#ident: #local?)
    });
    quote! {
        #at => {
            #(#takes)*
            ::core::option::Option::Some(Self::#ident { #(#fields),* })
        }
    }
}

fn take(field: &Field, target: &Target) -> TokenStream {
    let (param, index) = (&field.param, field.index);
    let (kind, local) = (kind(param, target), local(param));
    match &param.default {
        None => quote_spanned! {span(param)=>
            let #local = #kind.take_operation(chosen, #index);
        },
        Some(default) => {
            let default = spec::default(default, target);
            quote_spanned! {span(param)=>
                let #local = #kind.take_operation_or(chosen, #index, #default);
            }
        }
    }
}

/// The local that carries the value, apart from those of the expansion.
fn local(param: &Param) -> Ident {
    let mut local = param.ident.clone();
    local.set_span(Span::mixed_site());
    local
}
