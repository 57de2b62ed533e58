//! The formats of defaults and those of arguments are the same.

#[test]
fn the_formats_are_those_of_the_core() {
    let here = include_str!("../check/format.rs");
    let core = include_str!("../../../core/src/schema/format.rs");
    assert_eq!(here, core, "copy the one over the other");
}
