//! What can be seen without looking at code.

use proc_macro2::TokenStream;
use quote::format_ident;

use super::{of_block, quote};

fn tools(count: usize, options: &TokenStream) -> TokenStream {
    let names = (0..count).map(|at| format_ident!("tool_{at}"));
    quote! { #( #[doc = "A tool."] #[mcp_tool #options] fn #names(&self) {} )* }
}

fn params(count: usize) -> TokenStream {
    let names = (0..count).map(|at| format_ident!("a{at}"));
    quote!(#(#names: u8),*)
}

#[test]
fn more_than_fifty_tools() {
    assert!(of_block(&tools(50, &quote!())).is_empty());
    assert_eq!(of_block(&tools(51, &quote!())), ["god_server"]);
}

#[test]
fn hidden_tools_are_in_no_list() {
    assert!(of_block(&tools(51, &quote!((hidden)))).is_empty());
}

#[test]
fn one_tool_under_two_conditions_is_one() {
    let fifty = tools(50, &quote!());
    let again = quote! {
        /// A tool.
        #[cfg(unix)]
        #[mcp_tool(name = "tool_1")]
        fn other(&self) {}
    };
    assert!(of_block(&quote!(#fifty #again)).is_empty());
}

#[test]
fn more_than_eight_arguments() {
    let (eight, nine) = (params(8), params(9));
    let tool =
        |params: &TokenStream| quote!(#[doc = "A tool."] #[mcp_tool] fn tool(&self, #params) {});
    assert!(of_block(&tool(&eight)).is_empty());
    assert_eq!(of_block(&tool(&nine)), ["fat_tool"]);
}

#[test]
fn what_is_handed_in_is_no_argument() {
    let eight = params(8);
    let tool = quote! {
        /// A tool.
        #[mcp_tool]
        fn tool(&self, #eight, cx: &purlin::Context, pool: Resource<Pool>, who: Option<Principal>) {}
    };
    assert!(of_block(&tool).is_empty());
}

#[test]
fn tools_without_a_description() {
    assert_eq!(
        of_block(&quote!(
            #[mcp_tool]
            fn a() {}
        )),
        ["missing_description"]
    );
    assert!(
        of_block(&quote!(
            #[mcp_tool(description = "A.")]
            fn a() {}
        ))
        .is_empty()
    );
    assert!(
        of_block(&quote!(
            #[doc = include_str!("a.md")]
            #[mcp_tool]
            fn a() {}
        ))
        .is_empty()
    );
    assert!(
        of_block(&quote!(
            #[mcp_tool(hidden)]
            fn a() {}
        ))
        .is_empty()
    );
    assert!(
        of_block(&quote!(
            #[mcp_prompt]
            fn a() -> String {
                a()
            }
        ))
        .is_empty()
    );
}
