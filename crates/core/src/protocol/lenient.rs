//! Field readers that forgive what peers are known to get slightly wrong.
//!
//! Used through `#[serde(deserialize_with = …)]`; each one forgives exactly one thing.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

/// Reads a member that is there, `null` included, as `Some`; pair it with `#[serde(default)]`.
pub(super) fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// Reads `null` as the type's default: some peers write every member they know.
pub(super) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Reads an optional count. Integral floats count as integers and negative values as 0.
pub(super) fn count<'de, D>(deserializer: D) -> Result<Option<u64>, D::Error>
where
    D: Deserializer<'de>,
{
    let Some(number) = Option::<serde_json::Number>::deserialize(deserializer)? else {
        return Ok(None);
    };
    if let Some(count) = number.as_u64() {
        return Ok(Some(count));
    }
    match number.as_f64() {
        Some(value) if value <= 0.0 => Ok(Some(0)),
        // Exact: the value is integral and within the range that `f64` represents exactly.
        Some(value) if value.fract() == 0.0 && value <= MAX_SAFE_INTEGER => Ok(Some(value as u64)),
        _ => Err(D::Error::custom(format_args!(
            "`{number}` is not an integer"
        ))),
    }
}

/// The largest integer below which every integer has an exact `f64`, 2^53 - 1 (RFC 8259 section 6).
pub(super) const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

/// Reads a required count, as [`count`] does.
pub(super) fn required_count<'de, D>(deserializer: D) -> Result<u64, D::Error>
where
    D: Deserializer<'de>,
{
    count(deserializer)?.ok_or_else(|| D::Error::custom("`null` is not an integer"))
}

/// Reads one item or an array of items.
pub(super) fn one_or_many<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct OneOrMany<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrMany<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object or an array of objects")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<T>, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map)).map(|item| vec![item])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Vec<T>, A::Error> {
            Vec::deserialize(SeqAccessDeserializer::new(seq))
        }
    }

    deserializer.deserialize_any(OneOrMany(PhantomData))
}

/// Writes a single item bare, which every revision understands, and anything else as an array.
pub(super) fn write_one_or_many<S, T>(items: &[T], serializer: S) -> Result<S::Ok, S::Error>
where
    S: Serializer,
    T: Serialize,
{
    match items {
        [item] => item.serialize(serializer),
        items => items.serialize(serializer),
    }
}

/// `skip_serializing_if` for flags whose absence means `false`.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes fields by reference"
)]
pub(super) fn is_false(flag: &bool) -> bool {
    !flag
}
