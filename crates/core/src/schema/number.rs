//! Numbers compared as they were written: whole ones exactly, at any width of Rust's.

use std::fmt;

use serde_json::Value;

use super::raw::respell_integers;

/// A bound as its author wrote it.
#[derive(Debug, PartialEq)]
pub(crate) struct Bound {
    text: String,
    value: Given,
}

impl Bound {
    pub(super) fn of(value: &Value) -> Option<Self> {
        let number = value.as_number()?;
        let text = match number.as_f64() {
            Some(float) if number.is_f64() => float.to_string(),
            _ => number.to_string(),
        };
        let value = Given::parse(&text)?;
        Some(Self { text, value })
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A number, exact when it is whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Given {
    Whole(i128),
    Any(f64),
}

impl Given {
    /// The number in raw JSON; nothing for what is no number.
    pub(super) fn parse(raw: &str) -> Option<Self> {
        if !raw.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
            return None;
        }
        let respelled = respell_integers(raw);
        let raw = respelled.as_deref().unwrap_or(raw);
        raw.parse()
            .map(Self::Whole)
            .or_else(|_| raw.parse().map(Self::Any))
            .ok()
    }

    fn as_f64(self) -> f64 {
        match self {
            Self::Whole(number) => number as f64,
            Self::Any(number) => number,
        }
    }

    pub(super) fn lt(self, bound: &Bound) -> bool {
        match (self, bound.value) {
            (Self::Whole(given), Self::Whole(bound)) => given < bound,
            (given, bound) => given.as_f64() < bound.as_f64(),
        }
    }

    pub(super) fn gt(self, bound: &Bound) -> bool {
        match (self, bound.value) {
            (Self::Whole(given), Self::Whole(bound)) => given > bound,
            (given, bound) => given.as_f64() > bound.as_f64(),
        }
    }

    pub(super) fn is_multiple_of(self, unit: &Bound) -> bool {
        match (self, unit.value) {
            (_, Self::Whole(0)) => true,
            (Self::Whole(given), Self::Whole(unit)) => given % unit == 0,
            (given, unit) => {
                let quotient = given.as_f64() / unit.as_f64();
                // 0.3 is a multiple of 0.1 to the reader, though not in binary.
                (quotient - quotient.round()).abs() <= 1e-9 * quotient.abs().max(1.0)
            }
        }
    }
}
