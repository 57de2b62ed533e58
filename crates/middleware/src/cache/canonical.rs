//! One text for all spellings of the same arguments.

use std::{borrow::Cow, collections::BTreeMap, fmt, fmt::Write as _};

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// How many digits a number may have that survives being read as a float.
const SAFE_DIGITS: usize = 15;
/// Up to here all whole numbers are floats.
const SAFE_WHOLE: f64 = 9_007_199_254_740_992.0;

/// The arguments with members sorted and numbers in one spelling; the text itself
/// where that might make two different ones equal (members that come twice,
/// numbers of many digits, deep nesting).
pub(super) fn canonical(arguments: &str) -> Cow<'_, str> {
    if has_long_number(arguments) {
        return Cow::Borrowed(arguments);
    }
    match serde_json::from_str::<Canonical>(arguments) {
        Ok(value) => Cow::Owned(value.to_string()),
        Err(_) => Cow::Borrowed(arguments),
    }
}

/// Digits within texts count too: then nothing is lost but a hit.
fn has_long_number(text: &str) -> bool {
    let mut digits = 0;
    text.bytes().any(|byte| {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'.' => {}
            _ => digits = 0,
        }
        digits > SAFE_DIGITS
    })
}

enum Canonical {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    Array(Vec<Self>),
    Object(BTreeMap<String, Self>),
}

impl fmt::Display for Canonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(text) => f.write_str(text),
            // By its length: no text can look like what is around it.
            Self::Text(text) => write!(f, "{}\"{text}", text.len()),
            Self::Array(values) => {
                f.write_char('[')?;
                for value in values {
                    write!(f, "{value},")?;
                }
                f.write_char(']')
            }
            Self::Object(members) => {
                f.write_char('{')?;
                for (name, value) in members {
                    write!(f, "{}\"{name}:{value},", name.len())?;
                }
                f.write_char('}')
            }
        }
    }
}

impl<'de> Deserialize<'de> for Canonical {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Canonical;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Canonical, E> {
        Ok(Canonical::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Canonical, E> {
        Ok(Canonical::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Canonical, E> {
        Ok(Canonical::Number(value.to_string()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Canonical, E> {
        Ok(Canonical::Number(value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Canonical, E> {
        // As a whole number where it is one; `-0.0` is 0.
        let whole = value.fract() == 0.0 && value.abs() < SAFE_WHOLE;
        Ok(Canonical::Number(if whole {
            format!("{}", value + 0.0)
        } else {
            format!("{value:e}")
        }))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Canonical, E> {
        Ok(Canonical::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Canonical, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = access.next_element()? {
            values.push(value);
        }
        Ok(Canonical::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Canonical, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, value)) = access.next_entry::<String, Canonical>()? {
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a member comes twice"));
            }
        }
        Ok(Canonical::Object(members))
    }
}
