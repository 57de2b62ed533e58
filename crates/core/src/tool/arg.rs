//! What may be an argument.

use std::fmt;

use schemars::JsonSchema;
use schemars::generate::SchemaGenerator;
use serde::de::{self, DeserializeOwned, Deserializer, Visitor};

/// A type a client can send as an argument.
///
/// Numbers, `bool`, `String`, `Option`, `Vec`, maps with string keys, tuples, `serde_json::Value`
/// and the like are; own types are when they derive `ToolArg`, or both [`serde::Deserialize`] and
/// [`schemars::JsonSchema`]. An argument of type `Option<T>` need not be given.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument",
    label = "a client cannot send this",
    note = "an argument is a plain type, or an own one that derives `ToolArg`",
    note = "or implement `FromContext` for it, if it comes from the request and not from the client"
)]
pub trait ToolArg: Sized + Send {
    /// Decodes the argument.
    #[doc(hidden)]
    fn __decode(json: &str) -> serde_json::Result<Self>;

    /// Decodes the argument from a text that may hold it in plain form, as prompts give it.
    #[doc(hidden)]
    fn __decode_text(text: &str) -> serde_json::Result<Self>;

    /// The value when none is given; `None` for types that have to be given.
    #[doc(hidden)]
    fn __absent() -> Option<Self>;

    /// What is accepted.
    #[doc(hidden)]
    fn __schema(generator: &mut SchemaGenerator) -> schemars::Schema;
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + JsonSchema + Send> ToolArg for T {
    fn __decode(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json)
    }

    fn __decode_text(text: &str) -> serde_json::Result<Self> {
        T::deserialize(crate::prompt::PlainText(text))
    }

    fn __absent() -> Option<Self> {
        T::deserialize(Missing).ok()
    }

    fn __schema(generator: &mut SchemaGenerator) -> schemars::Schema {
        generator.subschema_for::<T>()
    }
}

/// The deserialiser of what was not given: only types that can do without a value accept it.
struct Missing;

/// What every other type answers.
#[derive(Debug)]
struct IsMissing;

impl fmt::Display for IsMissing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("missing")
    }
}

impl std::error::Error for IsMissing {}

impl de::Error for IsMissing {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl<'de> Deserializer<'de> for Missing {
    type Error = IsMissing;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, IsMissing> {
        Err(IsMissing)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, IsMissing> {
        visitor.visit_none()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, IsMissing> {
        // A newtype around `Option` is as optional as the `Option`.
        visitor.visit_newtype_struct(self)
    }
}
