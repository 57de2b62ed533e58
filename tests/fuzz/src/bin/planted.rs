//! Not a target: a mistake that blind search would not find in years, and that coverage leads to
//! within a second. `cargo xtask ci` fails when it is not found.
#![no_main]

use std::hint::black_box;

/// A branch of its own for each byte, which the optimiser leaves as it is.
macro_rules! nested {
    ($input:ident;) => {
        assert!($input.len() > usize::MAX / 2, "this is the planted mistake")
    };
    ($input:ident; $byte:literal $($rest:literal)*) => {
        if let Some((&$byte, rest)) = $input.split_first() {
            let $input = black_box(rest);
            nested!($input; $($rest)*);
        }
    };
}

fn check(input: &[u8]) {
    nested!(input; b'p' b'u' b'r' b'l' b'i' b'n' b'!');
}

fuzz::fuzz_target!(|input: &[u8]| check(input));
