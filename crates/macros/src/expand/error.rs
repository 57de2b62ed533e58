//! `#[derive(ToolError)]`.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;

use super::spec;
use crate::check::error::{Case, ErrorType, Message};

/// The errors of handlers it becomes.
const ERRORS: [&str; 3] = ["ToolError", "ResourceError", "PromptError"];

/// What goes beside the type.
pub(crate) fn expand(error: &ErrorType) -> TokenStream {
    let cases = error.cases.iter().map(case);
    implementation(error, &quote!(match self { #(#cases)* }))
}

/// The impls of a type that was refused.
pub(crate) fn fallback(error: &ErrorType) -> TokenStream {
    implementation(error, &quote!(::core::default::Default::default()))
}

fn implementation(error: &ErrorType, said: &TokenStream) -> TokenStream {
    let (krate, ident) = (&error.krate, &error.ident);
    let (generics, arguments, bounds) = error.generics.split_for_impl();
    let conversions = ERRORS.iter().filter(|_| error.converts).map(|name| {
        let name = Ident::new(name, Span::call_site());
        quote! {
            #[automatically_derived]
            impl #generics ::core::convert::From<#ident #arguments> for __p::#name #bounds {
                fn from(error: #ident #arguments) -> Self {
                    Self::described(error)
                }
            }
        }
    });
    quote! {
        #[allow(clippy::needless_update)]
        const _: () = {
            use #krate::__private as __p;
            #[automatically_derived]
            impl #generics __p::Described for #ident #arguments #bounds {
                fn __said(&self) -> __p::Said {
                    #said
                }
            }
            #(#conversions)*
        };
    }
}

fn case(case: &Case) -> TokenStream {
    let path = match &case.variant {
        Some(variant) => quote!(Self::#variant),
        None => quote!(Self),
    };
    let fields = case.text.iter().flat_map(|text| &text.fields);
    let fields = fields.map(|(field, local)| match field.parse::<u32>() {
        Ok(place) => {
            let place = Literal::u32_unsuffixed(place);
            quote!(#place: #local,)
        }
        Err(_) => quote!(#local,),
    });
    let text = spec::field("text", case.text.as_ref().map(text));
    let code = spec::field("code", case.code.as_ref());
    let recovery = spec::list("recovery", &case.recovery);
    let not_found = spec::switch("not_found", case.not_found);
    quote! {
        #path { #(#fields)* .. } => __p::Said {
            #text #code #recovery #not_found
            ..::core::default::Default::default()
        },
    }
}

fn text(message: &Message) -> TokenStream {
    let format = &message.format;
    quote!(::core::convert::Into::into(__p::format!(#format)))
}
