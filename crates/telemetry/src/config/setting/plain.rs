//! Numbers, truth values and texts.

use std::{
    borrow::Cow,
    num::{NonZeroU16, NonZeroU32, NonZeroU64, NonZeroUsize},
};

use purlin_core::Rate;

use super::{Ranged, Setting};
use crate::config::{Node, Reader, Shape, node::Value, shape::Kind};

macro_rules! whole_numbers {
    ($($ty:ty),*) => {$(
        impl Setting for $ty {
            fn shape() -> Shape {
                Shape::text(format!("a whole number from {} to {}", <$ty>::MIN, <$ty>::MAX))
            }

            fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
                reader.parse(node, &Self::shape(), |text| text.parse().ok())
            }

            fn show(&self) -> String {
                self.to_string()
            }
        }
    )*};
}

whole_numbers!(
    i8,
    i16,
    i32,
    i64,
    i128,
    isize,
    u8,
    u16,
    u32,
    u64,
    u128,
    usize,
    NonZeroU16,
    NonZeroU32,
    NonZeroU64,
    NonZeroUsize
);

macro_rules! ranged {
    ($($ty:ty),*) => {$(
        impl Ranged for $ty {
            #[allow(clippy::cast_precision_loss, clippy::cast_lossless, trivial_numeric_casts)]
            fn number(&self) -> Option<f64> {
                Some(*self as f64)
            }
        }
    )*};
}

ranged!(
    i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize, f32, f64
);

macro_rules! fractions {
    ($($ty:ty),*) => {$(
        impl Setting for $ty {
            fn shape() -> Shape {
                Shape::text("a number")
            }

            fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
                let finite = |text: &str| text.parse().ok().filter(|number: &$ty| number.is_finite());
                reader.parse(node, &Self::shape(), finite)
            }

            fn show(&self) -> String {
                self.to_string()
            }
        }
    )*};
}

fractions!(f32, f64);

impl Setting for bool {
    fn shape() -> Shape {
        Shape::of(Kind::Switch, "`true` or `false`")
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if let Value::Bool(value) = node.value {
            return Some(value);
        }
        reader.parse(node, &Self::shape(), |text| {
            match text.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "1" => Some(true),
                "false" | "no" | "off" | "0" => Some(false),
                _ => None,
            }
        })
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Setting for char {
    fn shape() -> Shape {
        Shape::text("one character")
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        reader.parse(node, &Self::shape(), |text| text.parse().ok())
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Setting for String {
    fn shape() -> Shape {
        Shape::text("a text")
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        reader.text(node, &Self::shape()).map(str::to_owned)
    }

    fn show(&self) -> String {
        self.clone()
    }
}

macro_rules! owners_of_text {
    ($($ty:ty),*) => {$(
        impl Setting for $ty {
            fn shape() -> Shape {
                String::shape()
            }

            fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
                String::read(node, reader).map(Into::into)
            }

            fn show(&self) -> String {
                self.to_string()
            }
        }
    )*};
}

owners_of_text!(Box<str>, std::sync::Arc<str>, Cow<'static, str>);

impl Setting for Rate {
    fn shape() -> Shape {
        Shape::text("a rate such as `10/minute`")
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        reader.parse(node, &Self::shape(), |text| text.parse().ok())
    }

    fn show(&self) -> String {
        self.to_string()
    }
}
