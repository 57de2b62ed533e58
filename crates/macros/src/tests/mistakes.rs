//! Mistakes are found together, and the item is given back.

use super::{messages, pipeline, quote};

#[test]
fn seven_mistakes_are_seven_errors() {
    let expansion = pipeline::mcp_server(
        quote!(nmae = "x"),
        &quote! {
            impl Weather {
                #[mcp_tool(timout = "5s")]
                async fn a(&mut self, (x, y): (i64, i64)) {}

                #[mcp_tool(timeout = "soon")]
                async fn b(&self, #[arg(range = 10..=1)] n: i64) {}

                #[mcp_resource("x://{country")]
                async fn c(&self) -> String {
                    String::new()
                }
            }
        },
    );
    let messages = messages(expansion);
    assert_eq!(messages.len(), 7, "{messages:#?}");
}

#[test]
fn a_refused_item_keeps_its_functions() {
    let expansion = pipeline::mcp_server(
        quote!(nmae = "x"),
        &quote! {
            impl Weather {
                #[mcp_tool]
                async fn current(&self, #[arg(min = 1)] days: u8) -> u8 {
                    days
                }
            }
        },
    );
    let text = expansion.to_string();
    assert!(
        text.contains("async fn current (& self , days : u8) -> u8"),
        "{text}"
    );
    assert!(text.contains("McpServer for Weather"), "{text}");
    assert!(!text.contains("# [mcp_tool"), "{text}");
}
