//! Enforcing constraints on the raw JSON of an argument.
//!
//! As in JSON Schema, a demand on numbers leaves texts alone and so on: the type of the argument
//! has been checked by its decoder.

use super::constraint::{Constraint, Number};
use super::format;
use super::raw::{Elements, unescape};

/// What is wrong with the value, in words that follow its path; `None` when it complies.
pub(crate) fn violation(constraint: &Constraint, raw: &str) -> Option<String> {
    match *constraint {
        Constraint::Min(bound) => number(raw, |n| n.lt(bound), || format!("at least {bound}")),
        Constraint::Max(bound) => number(raw, |n| n.gt(bound), || format!("at most {bound}")),
        Constraint::ExclusiveMin(bound) => {
            number(raw, |n| !n.gt(bound), || format!("greater than {bound}"))
        }
        Constraint::ExclusiveMax(bound) => {
            number(raw, |n| !n.lt(bound), || format!("less than {bound}"))
        }
        Constraint::MultipleOf(unit) => number(
            raw,
            |n| !n.is_multiple_of(unit),
            || format!("a multiple of {unit}"),
        ),
        Constraint::MinLength(least) => {
            let length = length(raw)?;
            (length < least).then(|| {
                format!(
                    "must have at least {}, got {length}",
                    count(least, "character")
                )
            })
        }
        Constraint::MaxLength(most) => {
            let length = length(raw)?;
            (length > most).then(|| {
                format!(
                    "must have at most {}, got {length}",
                    count(most, "character")
                )
            })
        }
        Constraint::Format(name) => {
            let text = text(raw)?;
            (!format::holds(name, &text)).then(|| format!("must be {}", format::describe(name)))
        }
        Constraint::MinItems(least) => {
            let items = Elements::of(raw)?.count();
            (items < least)
                .then(|| format!("must have at least {}, got {items}", count(least, "item")))
        }
        Constraint::MaxItems(most) => {
            let items = Elements::of(raw)?.count();
            (items > most)
                .then(|| format!("must have at most {}, got {items}", count(most, "item")))
        }
        Constraint::UniqueItems => repeated(raw),
        Constraint::OneOf(choices) => {
            let text = text(raw)?;
            (!choices.contains(&&*text)).then(|| format!("must be one of {}", list(choices)))
        }
        Constraint::Pattern(_) | Constraint::Example(_) | Constraint::Header(_) => None,
    }
}

/// Choices as a model reads them: `"a"`, `"b"`.
pub(crate) fn list(choices: &[&str]) -> String {
    let quoted: Vec<String> = choices.iter().map(|choice| format!("`{choice}`")).collect();
    quoted.join(", ")
}

fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

fn text(raw: &str) -> Option<std::borrow::Cow<'_, str>> {
    raw.starts_with('"').then(|| unescape(raw))
}

fn length(raw: &str) -> Option<usize> {
    Some(text(raw)?.chars().count())
}

fn number(
    raw: &str,
    broken: impl FnOnce(Given) -> bool,
    wanted: impl FnOnce() -> String,
) -> Option<String> {
    let given = Given::parse(raw)?;
    broken(given).then(|| format!("must be {}, got {raw}", wanted()))
}

fn repeated(raw: &str) -> Option<String> {
    let mut seen: Vec<serde_json::Value> = Vec::new();
    for (index, (element, _)) in Elements::of(raw)?.enumerate() {
        let value = serde_json::from_str(element).ok()?;
        if let Some(first) = seen.iter().position(|other| *other == value) {
            return Some(format!(
                "must not repeat an item: [{index}] is the same as [{first}]"
            ));
        }
        seen.push(value);
    }
    None
}

/// A number as given, exact when it is whole.
#[derive(Clone, Copy)]
enum Given {
    Whole(i128),
    Any(f64),
}

impl Given {
    fn parse(raw: &str) -> Option<Self> {
        if !raw.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
            return None;
        }
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

    fn lt(self, bound: Number) -> bool {
        match (self, bound) {
            (Self::Whole(given), Number::Int(bound)) => given < i128::from(bound),
            (given, bound) => given.as_f64() < as_f64(bound),
        }
    }

    fn gt(self, bound: Number) -> bool {
        match (self, bound) {
            (Self::Whole(given), Number::Int(bound)) => given > i128::from(bound),
            (given, bound) => given.as_f64() > as_f64(bound),
        }
    }

    fn is_multiple_of(self, unit: Number) -> bool {
        match (self, unit) {
            (_, Number::Int(0)) => true,
            (Self::Whole(given), Number::Int(unit)) => given % i128::from(unit) == 0,
            (given, unit) => {
                let quotient = given.as_f64() / as_f64(unit);
                // 0.3 is a multiple of 0.1 to the reader, though not in binary.
                (quotient - quotient.round()).abs() <= 1e-9 * quotient.abs().max(1.0)
            }
        }
    }
}

fn as_f64(number: Number) -> f64 {
    match number {
        Number::Int(number) => number as f64,
        Number::Float(number) => number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(constraint: Constraint, raw: &str, expected: Option<&str>) {
        assert_eq!(
            violation(&constraint, raw).as_deref(),
            expected,
            "{constraint:?} {raw}"
        );
    }

    #[test]
    fn each_demand_is_enforced() {
        use Constraint::*;
        use Number::{Float, Int};
        check(Min(Int(3)), "3", None);
        check(Min(Int(3)), "2", Some("must be at least 3, got 2"));
        check(
            Min(Float(0.5)),
            "0.25",
            Some("must be at least 0.5, got 0.25"),
        );
        check(
            Max(Int(i64::MAX)),
            "9223372036854775808",
            Some("must be at most 9223372036854775807, got 9223372036854775808"),
        );
        check(
            ExclusiveMin(Int(0)),
            "0",
            Some("must be greater than 0, got 0"),
        );
        check(
            ExclusiveMax(Int(10)),
            "1e1",
            Some("must be less than 10, got 1e1"),
        );
        check(
            MultipleOf(Int(5)),
            "12",
            Some("must be a multiple of 5, got 12"),
        );
        check(MultipleOf(Float(0.1)), "0.3", None);
        check(MultipleOf(Int(0)), "1", None);
        check(
            MinLength(1),
            "\"\"",
            Some("must have at least 1 character, got 0"),
        );
        check(
            MaxLength(2),
            "\"äöü\"",
            Some("must have at most 2 characters, got 3"),
        );
        check(MaxLength(1), "\"\\n\"", None);
        check(
            Format("date"),
            "\"2026-02-30\"",
            Some("must be a date such as 2026-01-31"),
        );
        check(
            MinItems(2),
            "[1]",
            Some("must have at least 2 items, got 1"),
        );
        check(
            MaxItems(1),
            "[1,[2,3]]",
            Some("must have at most 1 item, got 2"),
        );
        check(
            UniqueItems,
            "[1,{\"a\":1},{ \"a\": 1}]",
            Some("must not repeat an item: [2] is the same as [1]"),
        );
        check(UniqueItems, "[1,2]", None);
        check(OneOf(&["a", "b"]), "\"c\"", Some("must be one of `a`, `b`"));
        check(OneOf(&["a", "b"]), "\"\\u0061\"", None);
    }

    #[test]
    fn a_demand_on_another_type_leaves_the_value_alone() {
        check(Constraint::Min(Number::Int(3)), "\"1\"", None);
        check(Constraint::MinLength(3), "1", None);
        check(Constraint::MinItems(3), "{}", None);
        check(Constraint::UniqueItems, "null", None);
    }
}
