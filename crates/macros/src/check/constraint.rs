//! The limits of an argument.

use syn::{Expr, ExprLit, Lit, UnOp};

use super::options::{bare, string};

/// A limit that the schema shows and every call is held to.
#[derive(Clone, PartialEq)]
pub(crate) enum Constraint {
    Min(Number),
    Max(Number),
    ExclusiveMax(Number),
    MultipleOf(Number),
    MinLength(usize),
    MaxLength(usize),
    MinItems(usize),
    MaxItems(usize),
    UniqueItems,
    OneOf(Vec<String>),
    /// JSON text.
    Example(String),
    Header(String),
}

/// A number as the schema shows it.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Number {
    Int(i64),
    Float(f64),
}

impl Number {
    #[expect(clippy::cast_precision_loss, reason = "compared with literals only")]
    pub(crate) fn value(self) -> f64 {
        match self {
            Self::Int(int) => int as f64,
            Self::Float(float) => float,
        }
    }
}

impl Constraint {
    /// Whether a default passes; one that only runs can tell does.
    pub(crate) fn admits(&self, default: &Expr) -> bool {
        let number = number(default).map(Number::value);
        let text = string(default).map(|text| text.value());
        let length = text.as_ref().map(|text| text.chars().count());
        match self {
            Self::Min(min) => number.is_none_or(|value| value >= min.value()),
            Self::Max(max) => number.is_none_or(|value| value <= max.value()),
            Self::ExclusiveMax(max) => number.is_none_or(|value| value < max.value()),
            Self::MinLength(min) => length.is_none_or(|length| length >= *min),
            Self::MaxLength(max) => length.is_none_or(|length| length <= *max),
            Self::OneOf(words) => text.is_none_or(|text| words.contains(&text)),
            _ => true,
        }
    }
}

/// The number in a literal.
pub(crate) fn number(expr: &Expr) -> Option<Number> {
    match bare(expr) {
        Expr::Lit(ExprLit {
            lit: Lit::Int(int), ..
        }) => match int.base10_parse() {
            Ok(int) => Some(Number::Int(int)),
            Err(_) => int.base10_parse().ok().map(Number::Float),
        },
        Expr::Lit(ExprLit {
            lit: Lit::Float(float),
            ..
        }) => float.base10_parse().ok().map(Number::Float),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => match number(&unary.expr)? {
            Number::Int(int) => Some(Number::Int(int.checked_neg()?)),
            Number::Float(float) => Some(Number::Float(-float)),
        },
        _ => None,
    }
}
