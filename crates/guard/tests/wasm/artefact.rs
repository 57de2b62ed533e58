//! The engine that is carried along.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

#[test]
fn the_engine_is_the_one_that_is_written_down() {
    let engine = include_bytes!("../../src/code/wasm/quickjs.wasm");
    let page = include_str!("../../src/code/wasm/QUICKJS.md");
    let mut sum = String::new();
    for byte in Sha256::digest(engine) {
        write!(sum, "{byte:02x}").unwrap();
    }
    assert!(page.contains(&format!("| SHA-256 | `{sum}` |")), "{sum}");
    assert!(page.contains(&format!("| size | {} bytes |", engine.len())));
}
