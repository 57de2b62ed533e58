use purlin::prelude::*;

#[policy(scopes("orders:read"))]
fn owns(order: u64) -> bool {
    order == 1
}

fn main() {
    let _ = owns;
}
