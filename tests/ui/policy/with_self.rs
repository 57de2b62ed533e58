use purlin::prelude::*;

struct Office;

impl Office {
    #[policy]
    fn open(&self) -> bool {
        true
    }
}

fn main() {
    let _ = Office;
}
