#![deny(deprecated)]

use purlin::prelude::*;

#[mcp_server]
mod shop {
    use std::cell::Cell;

    use purlin::prelude::*;

    thread_local! {
        static SOLD: Cell<u32> = const { Cell::new(0) };
    }

    /// How much was sold.
    #[mcp_tool]
    pub fn sold() -> u32 {
        SOLD.get()
    }
}

fn main() {}
