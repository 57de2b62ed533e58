use purlin::prelude::*;

#[policy]
async fn at_the_office(caller: &Principal) {
    let _ = caller;
}

fn main() {
    let _ = at_the_office;
}
