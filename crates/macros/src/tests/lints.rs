//! What each lint finds, and what it lets pass although it looks alike.

use proc_macro2::TokenStream;

use super::{messages, pipeline, quote};

mod blocking_in_async;
mod declared;
mod hardcoded_secret;
mod leaky_abstraction;
mod levels;
mod missing_cleanup;
mod model_does_the_work;
mod pages;
mod state_leakage;
mod stdout_pollution;

/// The names of the lints that speak in `expansion`, in order.
fn spoken(expansion: &TokenStream) -> Vec<String> {
    let text = expansion.to_string();
    let notes = text.split("# [deprecated (note = ").skip(1);
    let names = notes.map(|note| {
        let name = note
            .split("const ")
            .nth(1)
            .expect("the note is on a constant");
        name.split(' ').next().expect("it has a name").to_owned()
    });
    names.collect()
}

/// The lints that speak of a server with `items` in its block.
fn of_block(items: &TokenStream) -> Vec<String> {
    spoken(&pipeline::mcp_server(quote!(), &quote!(impl S { #items })))
}

/// The lints that speak of a server module with `items` in it.
fn of_module(items: &TokenStream) -> Vec<String> {
    spoken(&pipeline::mcp_server(quote!(), &quote!(mod m { #items })))
}

/// The lints that speak of `body` in an async tool.
fn of_tool(body: &TokenStream) -> Vec<String> {
    of_block(&quote! {
        /// Does it.
        #[mcp_tool]
        async fn tool(&self) { #body }
    })
}

/// The lints that speak of `body` in a prompt.
fn of_prompt(body: &TokenStream) -> Vec<String> {
    of_block(&quote! {
        #[mcp_prompt]
        fn prompt(&self, a: &str) -> String { #body }
    })
}

/// Asserts that `lint` speaks once of each of `bodies` in an async tool.
fn finds(lint: &str, bodies: impl IntoIterator<Item = TokenStream>) {
    for body in bodies {
        assert_eq!(of_tool(&body), [lint], "{body}");
    }
}

/// Asserts that no lint speaks of any of `bodies` in an async tool.
fn passes(bodies: impl IntoIterator<Item = TokenStream>) {
    for body in bodies {
        assert!(of_tool(&body).is_empty(), "{body}: {:?}", of_tool(&body));
    }
}
