//! `#[derive(ToolArg)]` and `#[derive(ToolOutput)]`.

use super::{golden, messages, pipeline, quote};
use crate::check::data::Role;

#[test]
fn tool_arg_struct() {
    let expansion = pipeline::data(
        Role::Argument,
        quote! {
            /// A stop on a trip.
            #[arg(rename_all = "camelCase", crate = other::path)]
            pub struct Stop {
                /// City name.
                #[arg(min_length = 1, name = "city", alias("town"))]
                city_name: String,
                #[arg(pattern = "^[0-9]+$", sensitive)]
                pin: Option<String>,
                #[arg(range = 1..=30, default = 1)]
                nights: u8,
                #[serde(skip)]
                seen: bool,
            }
        },
    );
    assert!(!expansion.to_string().contains("purlin"));
    golden("tool_arg_struct", expansion);
}

#[test]
fn tool_arg_enum() {
    let expansion = pipeline::data(
        Role::Argument,
        quote! {
            enum Shape {
                /// Round.
                Circle { #[arg(min = 0)] radius: f64 },
                #[arg(name = "square")]
                Square(f64),
                Point,
            }
        },
    );
    golden("tool_arg_enum", expansion);
}

#[test]
fn tool_output_generic() {
    let expansion = pipeline::data(
        Role::Output,
        quote! {
            struct Report<'a, T: Clone, const N: usize = 2>
            where
                T: Default,
            {
                title: &'a str,
                rows: Vec<T>,
            }
        },
    );
    golden("tool_output_generic", expansion);
}

#[test]
fn five_mistakes_are_five_errors() {
    let expansion = pipeline::data(
        Role::Argument,
        quote! {
            #[arg(rename_al = "camelCase")]
            struct Stop {
                #[arg(range = 3..=1)]
                nights: u8,
                city: &'static str,
                #[arg(header = "Region")]
                region: String,
                #[arg(min = 1)]
                #[serde(rename = "n")]
                #[arg(name = "m")]
                n: u8,
            }
        },
    );
    assert_eq!(messages(expansion).len(), 5);
}
