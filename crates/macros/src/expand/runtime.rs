//! `#[purlin::main]` and `#[purlin::test]`: the function inside one that starts
//! the runtime.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemFn;

use crate::check::runtime::{Kind, Run};

/// The function that takes the place of the user's.
pub(crate) fn expand(run: &Run, item: &ItemFn) -> TokenStream {
    let krate = &run.krate;
    let (attrs, vis, ident) = (&item.attrs, &item.vis, &item.sig.ident);
    let (sig, block, output) = (&item.sig, &item.block, &item.sig.output);
    let (test, start) = match run.kind {
        Kind::Main { worker_threads } => {
            let threads = match worker_threads {
                Some(count) => quote!(::core::option::Option::Some(#count)),
                None => quote!(::core::option::Option::None),
            };
            (None, quote!(#krate::__private::main(#threads, #ident())))
        }
        Kind::Test { eras, takes_era } => {
            let name = ident.to_string();
            let body = match takes_era {
                true => quote!(#ident),
                false => quote!(|_| #ident()),
            };
            let start = quote!(#krate::__private::run_test(#name, #body, #eras));
            (Some(quote!(#[::core::prelude::v1::test])), start)
        }
    };
    quote! {
        #test
        #(#attrs)*
        #vis fn #ident() #output {
            #sig #block
            #start
        }
    }
}
