//! The limits of an argument.

use syn::{Expr, ExprLit, Lit, UnOp};

use super::nearest::either;
use super::options::{bare, string};
use super::{format, json, pattern};

/// A limit that the schema shows and every call is held to.
#[derive(Clone, PartialEq)]
pub(crate) enum Constraint {
    Min(Number),
    Max(Number),
    ExclusiveMax(Number),
    MultipleOf(Number),
    MinLength(usize),
    MaxLength(usize),
    Pattern(String),
    Format(String),
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
    /// What a literal breaks, in words; a value that only running can tell breaks nothing.
    pub(crate) fn broken_by(&self, expr: &Expr) -> Option<String> {
        let number = number(expr).map(Number::value);
        let text = string(expr).map(|text| text.value());
        let length = text.as_ref().map(|text| text.chars().count());
        let items = match bare(expr) {
            Expr::Array(array) => Some(array.elems.len()),
            _ => None,
        };
        let holds = match self {
            Self::Min(min) => number.is_none_or(|value| value >= min.value()),
            Self::Max(max) => number.is_none_or(|value| value <= max.value()),
            Self::ExclusiveMax(max) => number.is_none_or(|value| value < max.value()),
            Self::MultipleOf(step) => number.is_none_or(|value| is_multiple(value, step.value())),
            Self::MinLength(min) => length.is_none_or(|length| length >= *min),
            Self::MaxLength(max) => length.is_none_or(|length| length <= *max),
            Self::Pattern(source) => text.is_none_or(|text| pattern::is_match(source, &text)),
            Self::Format(name) => text.is_none_or(|text| format::holds(name, &text)),
            Self::MinItems(min) => items.is_none_or(|items| items >= *min),
            Self::MaxItems(max) => items.is_none_or(|items| items <= *max),
            Self::UniqueItems => !has_twins(expr),
            Self::OneOf(words) => text.is_none_or(|text| words.contains(&text)),
            Self::Example(_) | Self::Header(_) => true,
        };
        (!holds).then(|| self.words())
    }

    /// The demand in words, as they follow a value.
    fn words(&self) -> String {
        match self {
            Self::Min(min) => format!("it must be at least {}", min.value()),
            Self::Max(max) => format!("it must be at most {}", max.value()),
            Self::ExclusiveMax(max) => format!("it must be less than {}", max.value()),
            Self::MultipleOf(step) => format!("it must be a multiple of {}", step.value()),
            Self::MinLength(min) => format!("it must have at least {}", count(*min, "character")),
            Self::MaxLength(max) => format!("it must have at most {}", count(*max, "character")),
            Self::Pattern(source) => format!("it must match `{source}`"),
            Self::Format(name) => format!("it must be {}", format::describe(name)),
            Self::MinItems(min) => format!("it must have at least {}", count(*min, "item")),
            Self::MaxItems(max) => format!("it must have at most {}", count(*max, "item")),
            Self::UniqueItems => "it must not repeat an item".to_owned(),
            Self::OneOf(words) => {
                format!("it must be {}", either(words.iter().map(String::as_str)))
            }
            Self::Example(_) | Self::Header(_) => String::new(),
        }
    }
}

fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

fn is_multiple(value: f64, step: f64) -> bool {
    let quotient = value / step;
    step <= 0.0 || (quotient - quotient.round()).abs() <= 1e-9 * quotient.abs().max(1.0)
}

/// Whether an array of literals has one of them twice.
fn has_twins(expr: &Expr) -> bool {
    let Expr::Array(array) = bare(expr) else {
        return false;
    };
    let items: Vec<Option<String>> = array.elems.iter().map(json::of_expr).collect();
    let is_twin =
        |(at, item): (usize, &Option<String>)| item.is_some() && items[..at].contains(item);
    items.iter().enumerate().any(is_twin)
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
