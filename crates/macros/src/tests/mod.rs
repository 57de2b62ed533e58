//! Golden expansions: what an attribute makes of an item, as formatted code.
//!
//! `cargo xtask bless` renews the files in `golden/`; read the difference
//! before committing it.

use proc_macro2::TokenStream;
use quote::quote;

use crate::pipeline;

mod config;
mod data;
mod error;
mod formats;
mod lints;
mod lone;
mod middleware;
mod mistakes;
mod operations;
mod reference;
mod runtime;
mod server;

/// Compares an expansion with `golden/{name}.snap`.
fn golden(name: &str, expansion: TokenStream) {
    let file = syn::parse2(expansion).expect("an expansion is a list of items");
    let code = prettyplease::unparse(&file);
    insta::with_settings!({
        snapshot_path => "golden",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, code);
    });
}

/// The messages of all `compile_error!`s in an expansion.
fn messages(expansion: TokenStream) -> Vec<String> {
    let file: syn::File = syn::parse2(expansion).expect("an expansion is a list of items");
    let errors = file.items.into_iter().filter_map(|item| match item {
        syn::Item::Macro(item) => syn::parse2::<syn::LitStr>(item.mac.tokens).ok(),
        _ => None,
    });
    errors.map(|message| message.value()).collect()
}
