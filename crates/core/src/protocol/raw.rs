//! JSON that passes through byte for byte.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// A JSON value kept as its text: member order, number spelling and white space survive.
///
/// Cheap to clone. Two values are equal when their texts are.
///
/// ```
/// use purlin_core::protocol::RawJson;
///
/// let raw: RawJson = serde_json::from_str(r#"{"b": 1.0, "a": null}"#).unwrap();
/// assert_eq!(serde_json::to_string(&raw).unwrap(), r#"{"b": 1.0, "a": null}"#);
/// ```
#[derive(Clone)]
pub struct RawJson(Arc<RawValue>);

impl RawJson {
    /// The JSON text.
    pub fn get(&self) -> &str {
        self.0.get()
    }

    /// The text as `serde_json` holds it.
    pub fn as_raw_value(&self) -> &RawValue {
        &self.0
    }

    /// Decodes the value; into a [`Value`], member order is lost.
    ///
    /// # Errors
    /// When it does not have the shape of `T`, or is nested deeper than the decoder permits.
    pub fn decode<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_str(self.get())
    }

    /// Whether it is the value `null`.
    pub fn is_null(&self) -> bool {
        self.get() == "null"
    }

    /// Encodes any serialisable value.
    ///
    /// # Errors
    /// When the value refuses to be serialised or has a map key that is no string.
    pub fn encode<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<Self> {
        serde_json::value::to_raw_value(value).map(Self::from)
    }
}

impl From<Box<RawValue>> for RawJson {
    fn from(raw: Box<RawValue>) -> Self {
        Self(raw.into())
    }
}

impl From<Value> for RawJson {
    fn from(value: Value) -> Self {
        Self::from(&value)
    }
}

impl From<&Value> for RawJson {
    fn from(value: &Value) -> Self {
        Self::encode(value).expect("a tree of JSON values always serialises")
    }
}

impl FromStr for RawJson {
    type Err = serde_json::Error;

    fn from_str(text: &str) -> serde_json::Result<Self> {
        RawValue::from_string(text.to_owned()).map(Self::from)
    }
}

impl PartialEq for RawJson {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl Eq for RawJson {}

impl fmt::Debug for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.get())
    }
}

impl fmt::Display for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.get())
    }
}

impl Serialize for RawJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for RawJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(Self::from)
    }
}

/// A JSON Schema, passed through byte for byte.
///
/// Keywords this library never heard of, `$schema`, the order of `properties` and `enumNames`
/// reach the reader as their author wrote them.
///
/// ```
/// use purlin_core::protocol::Schema;
/// use serde_json::json;
///
/// let schema = Schema::from(json!({"type": "object"}));
/// assert_eq!(schema.get(), r#"{"type":"object"}"#);
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Schema(RawJson);

impl Schema {
    /// The JSON text of the schema.
    pub fn get(&self) -> &str {
        self.0.get()
    }

    /// The schema as raw JSON.
    pub fn as_raw(&self) -> &RawJson {
        &self.0
    }

    /// Decodes the schema, for example into a [`Value`].
    ///
    /// # Errors
    /// When it does not have the shape of `T`, or is nested deeper than the decoder permits.
    pub fn decode<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        self.0.decode()
    }
}

impl From<RawJson> for Schema {
    fn from(raw: RawJson) -> Self {
        Self(raw)
    }
}

impl From<Box<RawValue>> for Schema {
    fn from(raw: Box<RawValue>) -> Self {
        Self(raw.into())
    }
}

impl From<Value> for Schema {
    fn from(value: Value) -> Self {
        Self(value.into())
    }
}

impl FromStr for Schema {
    type Err = serde_json::Error;

    fn from_str(text: &str) -> serde_json::Result<Self> {
        text.parse().map(Self)
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_passes_through_byte_for_byte() {
        let text = r#"{"type":"object", "$schema":"http://json-schema.org/draft-07/schema#","properties":{"z":{"enum":["b","a"],"enumNames":["B","A"]},"a":{"minimum":1.0,"x-unknown":null}}}"#;
        let schema: Schema = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&schema).unwrap(), text);
        assert_eq!(text.parse::<Schema>().unwrap(), schema);
    }

    #[test]
    fn a_tree_decodes_to_raw_json() {
        let value = serde_json::json!({"a": [1, null]});
        let raw: RawJson = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(raw.decode::<Value>().unwrap(), value);
        assert!(!raw.is_null());
    }
}
