use purlin::prelude::*;

#[derive(Operations)]
enum Order {
    Place,
}

#[mcp_server]
mod shop {
    use super::*;

    /// Orders.
    #[mcp_prompt]
    fn order(order: Order) -> String {
        let Order::Place = order;
        String::new()
    }
}

fn main() {}
