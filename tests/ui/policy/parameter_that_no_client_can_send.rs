use purlin::prelude::*;

struct Order;

#[policy]
fn owns(caller: &Principal, order: Order) -> bool {
    let _ = (caller, order);
    true
}

fn main() {
    let _ = owns;
}
