#![allow(dead_code)]

use purlin::prelude::*;

#[derive(Operations)]
enum Order {
    Place { item: String },
    Cancel { number: u32 },
}

#[mcp_server]
mod shop {
    use super::*;

    /// Orders.
    #[mcp_tool]
    fn order(order: Order, number: u8) -> u8 {
        let (Order::Place { .. } | Order::Cancel { .. }) = order;
        number
    }
}

fn main() {}
