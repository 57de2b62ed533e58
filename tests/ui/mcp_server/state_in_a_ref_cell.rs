use std::cell::RefCell;

use purlin::prelude::*;

struct Weather {
    seen: RefCell<u64>,
}

#[mcp_server]
impl Weather {
    /// How many calls there were.
    #[mcp_tool]
    fn seen(&self) -> u64 {
        *self.seen.borrow()
    }
}

fn main() {}
