//! What `#[arg(...)]` demands of an argument beyond its type, and how the schema says it.

use serde_json::{Map, Value, json};

use super::limit::Limit;

/// A demand on an argument. It is written into the schema and enforced at each call.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Constraint {
    /// At least this number.
    Min(Number),
    /// At most this number.
    Max(Number),
    /// More than this number.
    ExclusiveMin(Number),
    /// Less than this number.
    ExclusiveMax(Number),
    /// A whole multiple of this number.
    MultipleOf(Number),
    /// At least so many characters (Unicode scalar values).
    MinLength(usize),
    /// At most so many characters (Unicode scalar values).
    MaxLength(usize),
    /// A regular expression that must match somewhere in the text.
    Pattern(&'static str),
    /// A format of JSON Schema, for example `date` or `uuid`.
    Format(&'static str),
    /// At least so many items.
    MinItems(usize),
    /// At most so many items.
    MaxItems(usize),
    /// No item twice.
    UniqueItems,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// An example, as JSON. Enforces nothing.
    Example(&'static str),
    /// The HTTP header a client repeats the argument in (`x-mcp-header`). Enforces nothing here.
    Header(&'static str),
}

/// A bound on a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A whole number, compared exactly.
    Int(i64),
    /// Any number.
    Float(f64),
}

impl Number {
    /// The bound as JSON.
    pub(crate) fn to_value(self) -> Value {
        match self {
            Self::Int(number) => number.into(),
            Self::Float(number) => number.into(),
        }
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Int(number) => number.fmt(f),
            Self::Float(number) => number.fmt(f),
        }
    }
}

impl Constraint {
    /// Says beside an `enum` that its choices are a demand, not merely what the type decodes.
    /// It never leaves the server, nor does [`Self::ALIASES`].
    pub(crate) const ENFORCED_CHOICES: &'static str = "x-enforced-choices";
    /// Lists, in the schema of a member, its names that are understood and not shown.
    pub(crate) const ALIASES: &'static str = "x-aliases";

    /// The demands, ready to be enforced.
    pub(crate) fn limits(constraints: &[Self]) -> Vec<Limit> {
        let mut schema = Map::new();
        Self::enforce(constraints, &mut schema);
        Limit::read(&schema)
    }

    /// Says the demands in a schema that a validator is compiled from.
    pub(crate) fn enforce(constraints: &[Self], schema: &mut Map<String, Value>) {
        for constraint in constraints {
            constraint.write(schema);
            if let Self::OneOf(_) = constraint {
                schema.insert(Self::ENFORCED_CHOICES.to_owned(), true.into());
            }
        }
    }

    /// Says the demand in a schema.
    pub(crate) fn write(&self, schema: &mut Map<String, Value>) {
        let (keyword, value) = match *self {
            Self::Min(number) => ("minimum", number.to_value()),
            Self::Max(number) => ("maximum", number.to_value()),
            Self::ExclusiveMin(number) => ("exclusiveMinimum", number.to_value()),
            Self::ExclusiveMax(number) => ("exclusiveMaximum", number.to_value()),
            Self::MultipleOf(number) => ("multipleOf", number.to_value()),
            Self::MinLength(length) => ("minLength", length.into()),
            Self::MaxLength(length) => ("maxLength", length.into()),
            Self::Pattern(pattern) => ("pattern", pattern.into()),
            Self::Format(format) => ("format", format.into()),
            Self::MinItems(items) => ("minItems", items.into()),
            Self::MaxItems(items) => ("maxItems", items.into()),
            Self::UniqueItems => ("uniqueItems", true.into()),
            Self::OneOf(choices) => ("enum", json!(choices)),
            Self::Header(name) => ("x-mcp-header", name.into()),
            Self::Example(example) => {
                let examples = schema
                    .entry("examples")
                    .or_insert_with(|| Value::Array(Vec::new()));
                if let (Value::Array(list), Ok(example)) = (examples, serde_json::from_str(example))
                {
                    list.push(example);
                }
                return;
            }
        };
        schema.insert(keyword.to_owned(), value);
    }
}
