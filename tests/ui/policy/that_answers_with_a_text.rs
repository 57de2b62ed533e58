use purlin::prelude::*;

#[policy]
async fn at_the_office(caller: &Principal) -> String {
    caller.subject().to_owned()
}

fn main() {
    let _ = at_the_office;
}
