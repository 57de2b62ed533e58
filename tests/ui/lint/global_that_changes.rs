#![deny(deprecated)]

use purlin::prelude::*;

#[mcp_server]
mod shop {
    use std::sync::Mutex;

    use purlin::prelude::*;

    static BASKET: Mutex<Vec<String>> = Mutex::new(Vec::new());

    /// Puts something into the basket.
    #[mcp_tool]
    pub fn put(what: String) -> usize {
        let mut basket = BASKET.lock().unwrap();
        basket.push(what);
        basket.len()
    }
}

fn main() {}
