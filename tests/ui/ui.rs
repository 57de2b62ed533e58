//! What the compiler says to each mistake, letter by letter.
//!
//! A fixture is one mistake, `<attribute>/<mistake>.rs`, with the compiler's
//! words beside it in `<mistake>.stderr`. `cargo xtask bless` renews the words;
//! read them before committing: one error for the mistake, on the user's token,
//! naming the fix.

#[test]
fn mistakes_are_explained() {
    trybuild::TestCases::new().compile_fail("*/*.rs");
}
