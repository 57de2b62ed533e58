use purlin::prelude::*;

#[policy]
fn at_the_office(cx: Context) -> bool {
    cx.principal().is_some()
}

fn main() {
    let _ = at_the_office;
}
