//! Completions written the way the macros write them.
#![allow(
    clippy::needless_borrow,
    reason = "the macros always write `&&`, which the lookup of the methods needs"
)]

use super::*;
use crate::context::Context;
use crate::protocol::Completion;
use crate::tool::{
    ArgumentKind as _, FallibleKind as _, InfallibleKind as _, InjectedKind as _, Kind, Returns,
};

#[test]
fn what_is_typed_and_what_is_known_are_taken() {
    let context = Context::for_tests();
    let known = r#"{"country":"fr"}"#;
    let mut input = CompletionInput::new(&context, "par", Some(known));
    assert_eq!(
        (&&Kind::<String>::NEW)
            .param()
            .take_typed(&mut input, 0)
            .as_deref(),
        Some("par")
    );
    assert!(
        (&&Kind::<Context>::NEW)
            .param()
            .take_typed(&mut input, 1)
            .is_none()
    );
    let known = (&&Kind::<KnownArguments>::NEW)
        .param()
        .take_typed(&mut input, 2)
        .unwrap();
    assert_eq!(known.get("country"), Some("fr"));
    assert!(!input.has_mistakes());
}

#[test]
fn a_client_gets_a_hundred_values_and_the_total() {
    let many: Vec<String> = (0..150).map(|number| number.to_string()).collect();
    let completion = (&&Returns::<Vec<String>>::NEW)
        .tag()
        .respond_completion(many.clone())
        .unwrap();
    assert_eq!(
        (
            completion.values.len(),
            completion.total,
            completion.has_more
        ),
        (100, Some(150), Some(true))
    );

    let mut own = Completion::new(Vec::<String>::new());
    (own.values, own.total) = (many, None);
    let completion = (&&Returns::<crate::Result<Completion, String>>::NEW)
        .tag()
        .respond_completion(Ok(own))
        .unwrap();
    assert_eq!(
        (
            completion.values.len(),
            completion.total,
            completion.has_more
        ),
        (100, Some(150), Some(true))
    );
}
