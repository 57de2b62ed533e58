//! `allow(..)` and `deny(..)`.

use proc_macro2::TokenStream;

use super::{messages, pipeline, quote, spoken};

const LINT: &str = "missing_description";

fn server(options: &TokenStream, tool: &TokenStream) -> TokenStream {
    pipeline::mcp_server(
        options.clone(),
        &quote!(impl S { #[mcp_tool #tool] fn a() {} }),
    )
}

#[test]
fn a_finding_is_a_warning() {
    let expansion = server(&quote!(), &quote!());
    assert!(messages(expansion.clone()).is_empty());
    assert_eq!(spoken(&expansion), [LINT]);
}

#[test]
fn allow_silences_on_the_item_and_on_the_server() {
    let allow = quote!(allow(missing_description));
    assert!(spoken(&server(&allow, &quote!())).is_empty());
    assert!(spoken(&server(&quote!(), &quote!((#allow)))).is_empty());
    assert_eq!(spoken(&server(&quote!(allow(fat_tool)), &quote!())), [LINT]);
}

#[test]
fn deny_makes_a_finding_a_mistake() {
    for deny in [
        quote!(deny(missing_description)),
        quote!(deny(all)),
        quote!(part, deny(all)),
    ] {
        let messages = messages(server(&deny, &quote!()));
        assert_eq!(messages.len(), 1, "{messages:?}");
        assert!(
            messages[0].starts_with("missing_description: the tool `a`"),
            "{messages:?}"
        );
    }
}

#[test]
fn what_stands_closer_counts() {
    let allow = quote!((allow(missing_description)));
    assert!(messages(server(&quote!(deny(missing_description)), &allow)).is_empty());
    let all_but_one = quote!(deny(all), allow(missing_description));
    assert!(messages(server(&all_but_one, &quote!())).is_empty());
}

#[test]
fn a_mistake_is_not_joined_by_warnings() {
    let expansion = server(&quote!(nmae = "s"), &quote!());
    assert_eq!(messages(expansion.clone()).len(), 1);
    assert!(spoken(&expansion).is_empty());
}

#[test]
fn a_finding_depends_on_what_its_function_depends_on() {
    let expansion = pipeline::mcp_server(
        quote!(),
        &quote! {
            impl S {
                #[cfg(windows)]
                #[mcp_tool]
                fn a() {}
            }
        },
    );
    let text = expansion.to_string();
    assert!(text.contains("# [cfg (windows)] { # [deprecated"), "{text}");
}
