//! `#[derive(Operations)]`.

use super::{golden, messages, pipeline, quote};

#[test]
fn operations() {
    let expansion = pipeline::operations(quote! {
        /// What to do.
        #[arg(tag = "action", crate = other::path)]
        enum Order {
            /// Orders something.
            Place {
                /// What to order.
                #[arg(min_length = 1)]
                item: String,
                #[arg(default = 1)]
                count: u8,
            },
            #[arg(name = "show")]
            ListAll { item: Option<String> },
            Count,
        }
    });
    assert!(!expansion.to_string().contains("purlin"));
    golden("operations", expansion);
}

#[test]
fn four_mistakes_are_four_errors() {
    let expansion = pipeline::operations(quote! {
        enum Order {
            Place { item: String, operation: u8 },
            Cancel(u32),
            Show { item: u32 },
            #[arg(nam = "x")]
            Count,
        }
    });
    assert_eq!(messages(expansion).len(), 4);
}
