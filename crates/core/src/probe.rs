//! What a parameter's type is, asked while the user's crate compiles.
//!
//! An inherent constant whose bounds hold is found before a trait's constant of
//! the same name, so a constant can tell whether a concrete type is one of ours
//! without its name being looked at.

use std::marker::PhantomData;

use crate::context::Context;
use crate::extract::FromContext;
use crate::names::Message;
use crate::suits::Shape;
use crate::tool::operations::{Operations, OperationsSpec};

/// The type in question.
#[derive(Debug)]
pub struct Probe<T>(PhantomData<fn() -> T>);

impl Probe<Context> {
    /// It is [`Context`].
    pub const IS_CONTEXT: bool = true;
}

impl<T: FromContext> Probe<T> {
    /// It comes from the request.
    pub const IS_INJECTED: bool = true;
}

impl<T: Operations> Probe<T> {
    /// It stands for the arguments of several operations.
    pub const OPERATIONS: Option<&'static OperationsSpec> = Some(T::__SPEC);
}

/// The answers for all other types.
pub trait Unremarkable {
    /// It is not [`Context`].
    const IS_CONTEXT: bool = false;
    /// It comes from the client.
    const IS_INJECTED: bool = false;
    /// Nothing is known of it.
    const SHAPE: Option<Shape> = None;
    /// It stands for itself.
    const OPERATIONS: Option<&'static OperationsSpec> = None;
}

impl<T> Unremarkable for Probe<T> {}

/// Refuses a parameter that takes the context away.
///
/// # Panics
/// When it does; in a constant that is a compile error.
#[track_caller]
pub const fn borrows_context(is_context: bool) {
    assert!(
        !is_context,
        "the context is lent to a handler, not given away: write `&Context`"
    );
}

/// Refuses an argument that nothing fills.
///
/// # Panics
/// With `message`, when the parameter does not come from the request; in a
/// constant that is a compile error.
#[track_caller]
pub const fn is_filled(is_injected: bool, message: &str) {
    if !is_injected {
        panic!("{}", message);
    }
}

/// Refuses a parameter with the name of an argument that an operation has.
///
/// # Panics
/// When one of `others`, each with whether it comes from the request, has such
/// a name; in a constant that is a compile error.
#[track_caller]
pub const fn stands_apart(operations: Option<&OperationsSpec>, others: &[(&str, bool)]) {
    let Some(operations) = operations else {
        return;
    };
    let mut index = 0;
    while index < others.len() {
        let (name, is_injected) = others[index];
        if !is_injected && operations.has_argument(name) {
            Message::new()
                .text("the operations have an argument called `")
                .text(name)
                .text("` already: give the parameter `")
                .text(name)
                .text("` another `#[arg(name = \"…\")]`")
                .panic();
        }
        index += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::{Probe, Unremarkable as _};
    use crate::context::Context;

    #[test]
    fn aliases_do_not_hide_the_context() {
        type Alias = Context;
        const { assert!(Probe::<Alias>::IS_CONTEXT && Probe::<Alias>::IS_INJECTED) };
    }

    #[test]
    fn types_of_the_user_are_arguments() {
        struct OtherContext;
        const { assert!(!Probe::<OtherContext>::IS_CONTEXT) };
        const { assert!(!Probe::<OtherContext>::IS_INJECTED) };
    }
}
