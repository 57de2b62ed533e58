//! One demand of a schema on a value, enforced on its raw JSON.
//!
//! As in JSON Schema, a demand on numbers leaves texts alone and so on: whether the value has the
//! right type is another question.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::{Map, Value};

use super::constraint::Constraint;
use super::format;
use super::number::{Bound, Given};
use super::pattern::Pattern;
use super::raw::{Elements, respell_integers, unescape};
use super::wording::{choice, count};

/// A demand beyond the type of a value.
#[derive(Debug)]
pub(crate) enum Limit {
    Min(Bound),
    Max(Bound),
    ExclusiveMin(Bound),
    ExclusiveMax(Bound),
    MultipleOf(Bound),
    MinLength(usize),
    MaxLength(usize),
    Pattern(Pattern),
    Format(String),
    MinItems(usize),
    MaxItems(usize),
    UniqueItems,
    OneOf(Vec<String>),
}

/// What is wrong with a value.
#[derive(Debug, PartialEq)]
pub(crate) struct Breach {
    /// What it must be, in words that follow its path.
    pub(crate) wanted: String,
    /// What it is, in as far as it may be repeated to whoever sent it.
    pub(crate) got: Option<String>,
}

impl Limit {
    /// The demands of a schema in its own words.
    pub(crate) fn read(schema: &Map<String, Value>) -> Vec<Self> {
        let mut limits: Vec<Self> = schema
            .iter()
            .filter_map(|(keyword, value)| Self::of(keyword, value))
            .collect();
        if schema.contains_key(Constraint::ENFORCED_CHOICES)
            && let Some(Value::Array(choices)) = schema.get("enum")
        {
            let texts = choices.iter().filter_map(Value::as_str);
            limits.push(Self::OneOf(texts.map(ToOwned::to_owned).collect()));
        }
        limits
    }

    fn of(keyword: &str, value: &Value) -> Option<Self> {
        let bound = || Bound::of(value);
        let size = || value.as_u64().and_then(|size| usize::try_from(size).ok());
        Some(match keyword {
            "minimum" => Self::Min(bound()?),
            "maximum" => Self::Max(bound()?),
            "exclusiveMinimum" => Self::ExclusiveMin(bound()?),
            "exclusiveMaximum" => Self::ExclusiveMax(bound()?),
            "multipleOf" => Self::MultipleOf(bound()?),
            "minLength" => Self::MinLength(size()?),
            "maxLength" => Self::MaxLength(size()?),
            "minItems" => Self::MinItems(size()?),
            "maxItems" => Self::MaxItems(size()?),
            "uniqueItems" => value.as_bool()?.then_some(Self::UniqueItems)?,
            "pattern" => Self::Pattern(Pattern::new(value.as_str()?)?),
            "format" => Self::Format(
                value
                    .as_str()
                    .filter(|name| format::is_enforced(name))?
                    .to_owned(),
            ),
            _ => return None,
        })
    }

    /// Whether the value breaks it, and how.
    pub(crate) fn breach(&self, raw: &str) -> Option<Breach> {
        let got = match self {
            Self::Min(_)
            | Self::Max(_)
            | Self::ExclusiveMin(_)
            | Self::ExclusiveMax(_)
            | Self::MultipleOf(_) => {
                let number = Given::parse(raw)?;
                (!self.admits_number(number)).then(|| Some(raw.to_owned()))
            }
            Self::MinLength(_) | Self::MaxLength(_) => {
                let length = text(raw)?.chars().count();
                (!self.admits_size(length)).then(|| Some(length.to_string()))
            }
            Self::MinItems(_) | Self::MaxItems(_) => {
                let items = Elements::of(raw)?.count();
                (!self.admits_size(items)).then(|| Some(items.to_string()))
            }
            Self::Pattern(_) | Self::Format(_) | Self::OneOf(_) => {
                let text = text(raw)?;
                (!self.admits_text(&text)).then_some(None)
            }
            Self::UniqueItems => return repeated(raw),
        }?;
        Some(Breach {
            wanted: self.wanted(),
            got,
        })
    }

    fn admits_number(&self, given: Given) -> bool {
        match self {
            Self::Min(bound) => !given.lt(bound),
            Self::Max(bound) => !given.gt(bound),
            Self::ExclusiveMin(bound) => given.gt(bound),
            Self::ExclusiveMax(bound) => given.lt(bound),
            Self::MultipleOf(unit) => given.is_multiple_of(unit),
            _ => true,
        }
    }

    fn admits_size(&self, size: usize) -> bool {
        match self {
            Self::MinLength(least) | Self::MinItems(least) => size >= *least,
            Self::MaxLength(most) | Self::MaxItems(most) => size <= *most,
            _ => true,
        }
    }

    fn admits_text(&self, text: &str) -> bool {
        match self {
            Self::Pattern(pattern) => pattern.is_match(text),
            Self::Format(name) => format::holds(name, text),
            Self::OneOf(choices) => choices.iter().any(|choice| choice == text),
            _ => true,
        }
    }

    fn wanted(&self) -> String {
        match self {
            Self::Min(bound) => format!("must be at least {bound}"),
            Self::Max(bound) => format!("must be at most {bound}"),
            Self::ExclusiveMin(bound) => format!("must be greater than {bound}"),
            Self::ExclusiveMax(bound) => format!("must be less than {bound}"),
            Self::MultipleOf(unit) => format!("must be a multiple of {unit}"),
            Self::MinLength(least) => format!("must have at least {}", count(*least, "character")),
            Self::MaxLength(most) => format!("must have at most {}", count(*most, "character")),
            Self::Pattern(pattern) => format!("must match the pattern `{}`", pattern.source()),
            Self::Format(name) => format!("must be {}", format::describe(name)),
            Self::MinItems(least) => format!("must have at least {}", count(*least, "item")),
            Self::MaxItems(most) => format!("must have at most {}", count(*most, "item")),
            Self::UniqueItems => "must not repeat an item".to_owned(),
            Self::OneOf(choices) => format!("must be {}", choice(choices)),
        }
    }
}

fn text(raw: &str) -> Option<Cow<'_, str>> {
    raw.starts_with('"').then(|| unescape(raw))
}

fn repeated(raw: &str) -> Option<Breach> {
    let mut seen = HashMap::new();
    for (index, (element, _)) in Elements::of(raw)?.enumerate() {
        if let Some(first) = seen.insert(canonical(element), index) {
            let wanted = format!("must not repeat an item: [{index}] is the same as [{first}]");
            return Some(Breach { wanted, got: None });
        }
    }
    None
}

/// A text that is the same for equal values.
fn canonical(json: &str) -> Cow<'_, str> {
    let respelled = respell_integers(json);
    let spelling = respelled.as_deref().unwrap_or(json);
    match serde_json::from_str::<Value>(spelling) {
        Ok(value) => value.to_string().into(),
        Err(_) => json.into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Holds a value against a schema of one keyword.
    #[track_caller]
    fn check(schema: &Value, raw: &str, expected: Option<&str>) {
        let limits = Limit::read(schema.as_object().unwrap());
        assert_eq!(limits.len(), 1, "{schema}");
        let breach = limits[0].breach(raw).map(|breach| match breach.got {
            Some(got) => format!("{}, got {got}", breach.wanted),
            None => breach.wanted,
        });
        assert_eq!(breach.as_deref(), expected, "{schema} {raw}");
    }

    #[test]
    fn demands_on_numbers_are_enforced() {
        check(&json!({"minimum": 3}), "3", None);
        check(
            &json!({"minimum": 3}),
            "2",
            Some("must be at least 3, got 2"),
        );
        check(
            &json!({"minimum": 0.5}),
            "0.25",
            Some("must be at least 0.5, got 0.25"),
        );
        check(
            &json!({"maximum": i64::MAX}),
            "9223372036854775808",
            Some("must be at most 9223372036854775807, got 9223372036854775808"),
        );
        check(
            &json!({"maximum": u64::MAX}),
            "18446744073709551616.0",
            Some("must be at most 18446744073709551615, got 18446744073709551616.0"),
        );
        check(
            &json!({"exclusiveMinimum": 0}),
            "0",
            Some("must be greater than 0, got 0"),
        );
        check(
            &json!({"exclusiveMaximum": 10}),
            "1e1",
            Some("must be less than 10, got 1e1"),
        );
        check(
            &json!({"multipleOf": 5}),
            "12",
            Some("must be a multiple of 5, got 12"),
        );
        check(&json!({"multipleOf": 0.1}), "0.3", None);
        check(&json!({"multipleOf": 0}), "1", None);
    }

    #[test]
    fn demands_on_texts_are_enforced() {
        check(
            &json!({"minLength": 1}),
            "\"\"",
            Some("must have at least 1 character, got 0"),
        );
        check(
            &json!({"maxLength": 2}),
            "\"äöü\"",
            Some("must have at most 2 characters, got 3"),
        );
        check(&json!({"maxLength": 1}), "\"\\n\"", None);
        check(
            &json!({"format": "date"}),
            "\"2026-02-30\"",
            Some("must be a date such as 2026-01-31"),
        );
        check(&json!({"pattern": "^[a-z]+$"}), "\"\\u0061b\"", None);
        check(
            &json!({"pattern": "^[a-z]+$"}),
            "\"A\"",
            Some("must match the pattern `^[a-z]+$`"),
        );
        let choices = json!({"enum": ["a", "b"], Constraint::ENFORCED_CHOICES: true});
        check(&choices, "\"c\"", Some("must be `a` or `b`"));
        check(&choices, "\"\\u0061\"", None);
    }

    #[test]
    fn demands_on_arrays_are_enforced() {
        check(
            &json!({"minItems": 2}),
            "[1]",
            Some("must have at least 2 items, got 1"),
        );
        check(
            &json!({"maxItems": 1}),
            "[1,[2,3]]",
            Some("must have at most 1 item, got 2"),
        );
        check(
            &json!({"uniqueItems": true}),
            "[1,{\"a\":1,\"b\":2},{\"b\":2, \"a\": 1.0}]",
            Some("must not repeat an item: [2] is the same as [1]"),
        );
        check(&json!({"uniqueItems": true}), "[1,2,\"1\"]", None);
    }

    #[test]
    fn a_demand_on_another_type_leaves_the_value_alone() {
        check(&json!({"minimum": 3}), "\"1\"", None);
        check(&json!({"minLength": 3}), "1", None);
        check(&json!({"minItems": 3}), "{}", None);
        check(&json!({"uniqueItems": true}), "null", None);
        check(&json!({"pattern": "a"}), "null", None);
    }

    #[test]
    fn what_demands_nothing_is_not_read() {
        for schema in [
            json!({"uniqueItems": false}),
            json!({"format": "unheard-of"}),
            json!({"pattern": "(?=look)around"}),
            json!({"enum": ["a"]}),
            json!({"minimum": "3"}),
        ] {
            assert!(
                Limit::read(schema.as_object().unwrap()).is_empty(),
                "{schema}"
            );
        }
    }
}
