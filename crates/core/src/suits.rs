//! Whether the limits of an argument suit its type.
//!
//! `#[arg]` knows the standard types by their names. What an alias stands for only the compiler
//! knows, so a constant asks it.

use crate::names::Message;
use crate::probe::Probe;
use crate::schema::{Constraint, Number};

/// What is known of a standard type.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// A whole number.
    Integer {
        /// The least it can hold.
        min: i128,
        /// The most it can hold.
        max: i128,
    },
    /// Any number.
    Float,
    /// A text.
    Text,
    /// A `bool`.
    Bool,
}

macro_rules! integers {
    ($($integer:ty),*) => {
        $(impl Probe<$integer> {
            /// It is a whole number.
            pub const SHAPE: Option<Shape> = Some(Shape::Integer {
                min: <$integer>::MIN as i128,
                max: <$integer>::MAX as i128,
            });
        })*
    };
}

integers!(i8, i16, i32, i64, isize, u8, u16, u32, u64, usize);

macro_rules! others {
    ($($other:ty => $shape:ident),*) => {
        $(impl Probe<$other> {
            /// What it is.
            pub const SHAPE: Option<Shape> = Some(Shape::$shape);
        })*
    };
}

others!(f32 => Float, f64 => Float, String => Text, bool => Bool);

/// Refuses limits that the type can never break or never meet.
///
/// # Panics
/// When there is such a limit; in a constant that is a compile error.
#[track_caller]
pub const fn limits_suit(shape: Option<Shape>, limits: &[Constraint]) {
    let Some(shape) = shape else {
        return;
    };
    let mut index = 0;
    while index < limits.len() {
        limit_suits(shape, &limits[index]);
        index += 1;
    }
}

#[track_caller]
const fn limit_suits(shape: Shape, limit: &Constraint) {
    match (limit, shape) {
        (
            Constraint::Min(number)
            | Constraint::Max(number)
            | Constraint::ExclusiveMin(number)
            | Constraint::ExclusiveMax(number)
            | Constraint::MultipleOf(number),
            _,
        ) => number_suits(shape, *number),
        (
            Constraint::MinLength(_)
            | Constraint::MaxLength(_)
            | Constraint::Pattern(_)
            | Constraint::Format(_)
            | Constraint::OneOf(_),
            Shape::Integer { .. } | Shape::Float | Shape::Bool,
        ) => refuse("one for texts", shape),
        (Constraint::MinItems(_) | Constraint::MaxItems(_) | Constraint::UniqueItems, _) => {
            refuse("one for lists", shape);
        }
        _ => {}
    }
}

#[track_caller]
const fn number_suits(shape: Shape, number: Number) {
    match (shape, number) {
        (Shape::Float, _) => {}
        (Shape::Integer { min, max }, Number::Int(int)) => assert!(
            min <= int as i128 && int as i128 <= max,
            "a limit of this argument is a number that its type cannot hold"
        ),
        (Shape::Integer { .. }, Number::Float(_)) => {
            panic!("a limit of this argument is a fraction, and its type is a whole number")
        }
        (Shape::Text | Shape::Bool, _) => refuse("one for numbers", shape),
    }
}

#[track_caller]
const fn refuse(what: &str, shape: Shape) {
    let (noun, instead) = match shape {
        Shape::Integer { .. } | Shape::Float => ("a number", ": use `range`"),
        Shape::Text => ("a text", ": use `min_length` and `max_length`"),
        Shape::Bool => ("a `bool`", ": leave it out"),
    };
    Message::new()
        .text("a limit of this argument is ")
        .text(what)
        .text(", and its type is ")
        .text(noun)
        .text(instead)
        .panic();
}

#[cfg(test)]
mod tests {
    use super::{Shape, limits_suit};
    use crate::probe::{Probe, Unremarkable as _};
    use crate::schema::{Constraint, Number};

    #[test]
    fn limits_of_the_right_kind_pass() {
        type Count = u8;
        const { limits_suit(Probe::<Count>::SHAPE, &[Constraint::Max(Number::Int(255))]) };
        const { limits_suit(Probe::<String>::SHAPE, &[Constraint::MinLength(1)]) };
        const { limits_suit(Probe::<Vec<u8>>::SHAPE, &[Constraint::MinItems(1)]) };
    }

    #[test]
    #[should_panic(expected = "one for texts, and its type is a number: use `range`")]
    fn a_length_is_not_for_numbers() {
        limits_suit(Some(Shape::Float), &[Constraint::MinLength(1)]);
    }

    #[test]
    #[should_panic(expected = "a number that its type cannot hold")]
    fn a_number_too_large_is_refused() {
        limits_suit(Probe::<u8>::SHAPE, &[Constraint::Max(Number::Int(256))]);
    }
}
