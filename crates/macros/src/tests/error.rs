//! `#[derive(ToolError)]`.

use super::{golden, messages, pipeline, quote};

#[test]
fn tool_error() {
    let expansion = pipeline::error(quote! {
        #[tool_error(crate = other::path)]
        enum OrderError {
            #[tool_error("only {left:>3} of `{item}` {{really}}", code = "sold_out", recovery("Wait."))]
            SoldOut { item: String, left: u32 },
            #[tool_error("no order {1}", not_found)]
            NoOrder(u8, u64),
            Database(std::io::Error),
        }
    });
    assert!(!expansion.to_string().contains("purlin"));
    golden("tool_error", expansion);
}

#[test]
fn beside_thiserror_nothing_is_converted() {
    let expansion = pipeline::error(quote! {
        #[error("private")]
        #[tool_error("public")]
        struct Broken;
    });
    assert!(!expansion.to_string().contains("From"), "{expansion}");
}

#[test]
fn five_mistakes_are_five_errors() {
    let expansion = pipeline::error(quote! {
        enum OrderError {
            #[tool_error("{lfet} are left")]
            SoldOut { left: u32 },
            #[tool_error("a { brace", code = "two words")]
            Brace,
            #[tool_error("a", "b")]
            Two,
            #[tool_error(kode = "x")]
            Unknown,
        }
    });
    assert_eq!(messages(expansion).len(), 5);
}
