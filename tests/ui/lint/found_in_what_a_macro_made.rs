#![deny(deprecated)]

use purlin::prelude::*;

macro_rules! shop {
    ($ty:ident, $body:expr) => {
        struct $ty;

        #[mcp_server]
        impl $ty {
            /// Sells.
            #[mcp_tool]
            fn sell(&self) {
                $body
            }
        }
    };
}

shop!(Shop, println!("sold"));

fn main() {}
