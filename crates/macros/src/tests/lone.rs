//! Markers that stand alone.

use proc_macro2::TokenStream;
use syn::{Item, Meta};

use super::{golden, pipeline, quote};
use crate::parse::item::Marker;

#[test]
fn function_outside_of_a_server() {
    let expansion = pipeline::marker(
        Marker::Tool,
        quote!(crate = other::path),
        &quote! {
            /// Adds.
            pub fn add(a: i64, b: i64) -> i64 {
                a + b
            }
        },
    );
    assert!(!expansion.to_string().contains("purlin"));
    golden("function_outside_of_a_server", unfolded(expansion));
}

/// It stands in an `impl` block, so that is what its expansion is read as.
#[test]
fn method_written_by_a_macro() {
    let items = pipeline::marker(
        Marker::Tool,
        quote!(),
        &quote! {
            /// Doubles.
            fn double(&self, n: i64) -> i64 {
                n * 2
            }
        },
    );
    golden(
        "method_written_by_a_macro",
        quote!(impl Calculator { #items }),
    );
}

/// The expansion with what hangs on the type beside it.
fn unfolded(expansion: TokenStream) -> TokenStream {
    let mut file: syn::File = syn::parse2(expansion).expect("an expansion is a list of items");
    let mut beside = TokenStream::new();
    for item in &mut file.items {
        if let Item::Enum(item) = item
            && let Meta::List(list) = &item.attrs[0].meta
        {
            beside.extend(list.tokens.clone());
            item.attrs.remove(0);
        }
    }
    quote!(#file #beside)
}
