//! What identifies a message: request ids and progress tokens; and the reading of parameters.

use std::fmt;

use serde::de::{self, DeserializeOwned, Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::lenient::MAX_SAFE_INTEGER;

/// The id of a JSON-RPC request: an integer or a string, never `null`.
///
/// Ids keep their JSON type, as a peer compares the answer's id with the one it sent. `1.0` is the
/// integer 1, since JSON does not tell them apart (RFC 8259 section 6); `0` is a legal id.
///
/// ```
/// use purlin_core::protocol::RequestId;
///
/// assert_eq!(serde_json::from_str::<RequestId>("1.0").unwrap(), RequestId::Number(1));
/// assert!(serde_json::from_str::<RequestId>("null").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum RequestId {
    /// An integer id.
    Number(i64),
    /// A string id.
    String(String),
}

/// The token under which progress of a request is reported, chosen by the requester.
///
/// The same shape as [`RequestId`], and as strict: it is echoed with its JSON type.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum ProgressToken {
    /// An integer token.
    Number(i64),
    /// A string token.
    String(String),
}

macro_rules! integer_or_string {
    ($ty:ident, $expecting:literal) => {
        impl From<i64> for $ty {
            fn from(number: i64) -> Self {
                Self::Number(number)
            }
        }

        impl From<String> for $ty {
            fn from(string: String) -> Self {
                Self::String(string)
            }
        }

        impl From<&str> for $ty {
            fn from(string: &str) -> Self {
                Self::String(string.to_owned())
            }
        }

        impl fmt::Display for $ty {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    Self::Number(number) => number.fmt(f),
                    Self::String(string) => f.write_str(string),
                }
            }
        }

        impl<'de> Deserialize<'de> for $ty {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer
                    .deserialize_any(IntegerOrString($expecting))
                    .map(|id| match id {
                        Shape::Number(number) => Self::Number(number),
                        Shape::String(string) => Self::String(string),
                    })
            }
        }
    };
}

integer_or_string!(RequestId, "a request id, which is a string or an integer");
integer_or_string!(
    ProgressToken,
    "a progress token, which is a string or an integer"
);

/// The shape that ids and tokens share while they are read.
enum Shape {
    Number(i64),
    String(String),
}

/// Reads either shape; holds what to say was expected.
struct IntegerOrString(&'static str);

impl Visitor<'_> for IntegerOrString {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Shape, E> {
        Ok(Shape::Number(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Shape, E> {
        i64::try_from(value)
            .map(Shape::Number)
            .map_err(|_| E::invalid_value(de::Unexpected::Unsigned(value), &self))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Shape, E> {
        if value.fract() == 0.0 && value.abs() <= MAX_SAFE_INTEGER {
            // Exact: integral and within the integers that `f64` represents exactly.
            return Ok(Shape::Number(value as i64));
        }
        Err(E::invalid_value(de::Unexpected::Float(value), &self))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Shape, E> {
        Ok(Shape::String(value.to_owned()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Shape, E> {
        Ok(Shape::String(value))
    }
}

/// Decodes the `params` of a message whose parameters are all optional.
///
/// Absent and `null` parameters read as an empty object: notifications in particular may be sent
/// without any.
///
/// # Errors
/// When the parameters do not have the shape of `T`.
pub fn decode_params<T: DeserializeOwned>(params: Option<&RawValue>) -> serde_json::Result<T> {
    match params.map(RawValue::get) {
        None | Some("null") => serde_json::from_str("{}"),
        Some(text) => serde_json::from_str(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_keep_their_json_type() {
        for (text, id, written) in [
            ("0", RequestId::Number(0), "0"),
            ("-7", RequestId::Number(-7), "-7"),
            ("1.0", RequestId::Number(1), "1"),
            ("1e3", RequestId::Number(1000), "1000"),
            ("\"1\"", RequestId::from("1"), "\"1\""),
            ("\"\"", RequestId::from(""), "\"\""),
        ] {
            let read: RequestId = serde_json::from_str(text).unwrap();
            assert_eq!(read, id, "{text}");
            assert_eq!(serde_json::to_string(&read).unwrap(), written);
        }
    }

    #[test]
    fn other_values_are_no_ids() {
        for text in [
            "null",
            "1.5",
            "true",
            "{}",
            "[1]",
            "18446744073709551615",
            "1e300",
        ] {
            assert!(serde_json::from_str::<RequestId>(text).is_err(), "{text}");
            assert!(
                serde_json::from_str::<ProgressToken>(text).is_err(),
                "{text}"
            );
        }
    }
}
