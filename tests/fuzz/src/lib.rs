//! What a program of this package is: libFuzzer, which calls the invariants of one target with
//! input after input. `cargo xtask fuzz` builds and runs them.

#[doc(hidden)]
pub use libfuzzer_sys::fuzz_target;

/// The whole of a program: fuzzes the target of this name.
#[macro_export]
macro_rules! fuzz {
    ($target:ident) => {
        $crate::fuzz_target!(|input: &[u8]| invariants::$target::check(input));
    };
}
