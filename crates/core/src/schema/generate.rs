//! The generator: one for each tool, so that recursive types share their `$defs`.

use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

use super::portable::{Side, portable};

/// Gives the schema of one type. A plain function pointer, so that nothing here is generic.
pub(crate) type Part = fn(&mut SchemaGenerator) -> schemars::Schema;

/// Makes the schemas of one tool, resource or prompt.
#[derive(Debug)]
pub(crate) struct Generator {
    inner: SchemaGenerator,
    side: Side,
}

impl Generator {
    /// A generator for what is accepted or produced.
    pub(crate) fn new(side: Side) -> Self {
        let mut settings = SchemaSettings::draft2020_12();
        settings.inline_subschemas = true;
        settings.meta_schema = None;
        if side == Side::Output {
            settings = settings.for_serialize();
        }
        Self {
            inner: settings.into_generator(),
            side,
        }
    }

    /// The schema as the type says it, for more to be written into it before [`Self::finish`].
    pub(crate) fn part(&mut self, part: Part) -> Value {
        part(&mut self.inner).to_value()
    }

    /// Makes a part portable. With `optional`, `null` means the same as absence.
    pub(crate) fn finish(&self, schema: &mut Value, optional: bool) {
        portable(schema, self.side, optional);
    }

    /// The definitions the parts refer to, as the types say them.
    pub(crate) fn raw_definitions(&self) -> Map<String, Value> {
        self.inner.definitions().clone()
    }

    /// The definitions the parts refer to, portable.
    pub(crate) fn definitions(&mut self) -> Map<String, Value> {
        let mut definitions = self.inner.take_definitions(false);
        for schema in definitions.values_mut() {
            portable(schema, self.side, false);
        }
        definitions
    }
}

/// Turns a schema into one whose root says `"type": "object"`, if it admits objects alone.
///
/// A root that is a reference is replaced by what it refers to.
pub(crate) fn object_root(mut schema: Value) -> Result<Value, Value> {
    resolve_root(&mut schema);
    if schema.get("type").is_some_and(|name| name == "object") {
        return Ok(schema);
    }
    let admits_objects_alone = ["anyOf", "oneOf"].iter().any(|keyword| {
        schema
            .get(keyword)
            .and_then(Value::as_array)
            .is_some_and(|branches| {
                !branches.is_empty()
                    && branches
                        .iter()
                        .all(|branch| branch.get("type").is_some_and(|name| name == "object"))
            })
    });
    match schema {
        Value::Object(mut object) if admits_objects_alone => {
            object.insert("type".to_owned(), json!("object"));
            Ok(Value::Object(object))
        }
        other => Err(other),
    }
}

fn resolve_root(schema: &mut Value) {
    let Some(name) = schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|reference| reference.strip_prefix("#/$defs/"))
    else {
        return;
    };
    // JSON pointer escapes, RFC 6901 section 4.
    let name = name.replace("~1", "/").replace("~0", "~");
    let Some(Value::Object(target)) = schema
        .pointer("/$defs")
        .and_then(|defs| defs.get(&name))
        .cloned()
    else {
        return;
    };
    if let Value::Object(object) = schema {
        object.remove("$ref");
        for (key, value) in target {
            object.entry(key).or_insert(value);
        }
    }
}
