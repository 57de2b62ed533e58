use purlin::prelude::*;

#[policy]
fn owns<T: ToolArg>(order: T) -> bool {
    let _ = order;
    true
}

fn main() {
    let _ = owns;
}
