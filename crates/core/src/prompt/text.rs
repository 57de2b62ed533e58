//! Arguments of prompts, which are texts, as values of any type.

use serde::de::value::StrDeserializer;
use serde::de::{Deserializer, Error as _, IntoDeserializer, Visitor};
use serde_json::Error;

/// Reads a value from a text: texts, numbers, `bool` and choices plainly, all else as JSON.
pub(crate) struct PlainText<'a>(pub(crate) &'a str);

impl<'a> PlainText<'a> {
    fn json<T>(
        self,
        read: impl FnOnce(
            &mut serde_json::Deserializer<serde_json::de::StrRead<'a>>,
        ) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut json = serde_json::Deserializer::from_str(self.0);
        let value = read(&mut json)?;
        json.end()?;
        Ok(value)
    }

    fn is_scalar(&self) -> bool {
        let text = self.0.trim();
        matches!(text, "true" | "false") || serde_json::from_str::<serde_json::Number>(text).is_ok()
    }

    fn choice(&self) -> StrDeserializer<'a, Error> {
        self.0.into_deserializer()
    }
}

macro_rules! scalars {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            if self.is_scalar() {
                self.json(|json| json.$method(visitor))
            } else {
                visitor.visit_str(self.0)
            }
        })*
    };
}

impl<'de> Deserializer<'de> for PlainText<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_str(self.0)
    }

    scalars! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_i128 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_u128 deserialize_f32 deserialize_f64
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.json(|json| json.deserialize_unit(visitor))
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.json(|json| json.deserialize_unit_struct(name, visitor))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.json(|json| json.deserialize_seq(visitor))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Error> {
        self.json(|json| json.deserialize_tuple(len, visitor))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.json(|json| json.deserialize_tuple_struct(name, len, visitor))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.json(|json| json.deserialize_map(visitor))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.json(|json| json.deserialize_struct(name, fields, visitor))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if self.0.trim_start().starts_with('{') {
            return self.json(|json| json.deserialize_enum(name, variants, visitor));
        }
        visitor.visit_enum(self.choice())
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_bytes(self.0.as_bytes())
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_bytes(self.0.as_bytes())
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let mut chars = self.0.chars();
        match (chars.next(), chars.next()) {
            (Some(only), None) => visitor.visit_char(only),
            _ => Err(Error::custom("expected one character")),
        }
    }

    serde::forward_to_deserialize_any! { str string identifier }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Debug;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Units {
        Metric,
        Custom { factor: f64 },
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Days(u8);

    #[allow(clippy::needless_pass_by_value, reason = "the tables read better")]
    fn check<T: for<'de> Deserialize<'de> + PartialEq + Debug>(text: &str, expected: Option<T>) {
        assert_eq!(T::deserialize(PlainText(text)).ok(), expected, "{text}");
    }

    #[test]
    fn plain_texts_and_json_are_read() {
        check("a \"b\"", Some("a \"b\"".to_owned()));
        check("12", Some("12".to_owned()));
        check("12", Some(12_u8));
        check("-1.5", Some(-1.5_f64));
        check("true", Some(true));
        check("x", Some('x'));
        check("7", Some(Some(7_i64)));
        check("7", Some(Days(7)));
        check("[1,2]", Some(vec![1, 2]));
        check(r#"{"a":1}"#, Some(BTreeMap::from([("a".to_owned(), 1)])));
        check("metric", Some(Units::Metric));
        check(
            r#"{"custom":{"factor":2}}"#,
            Some(Units::Custom { factor: 2.0 }),
        );
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        check::<u8>("256", None);
        check::<u8>("x", None);
        check::<bool>("yes", None);
        check::<Vec<u8>>("[1] [2]", None);
        check::<Units>("imperial", None);
    }
}
