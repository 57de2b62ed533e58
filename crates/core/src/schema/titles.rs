//! Titles in forms. Elsewhere titles are noise for a model; a form is read by
//! people (SEP-1330).

use serde_json::{Map, Value, json};

/// The titles of one field.
#[derive(Debug, Default)]
pub(super) struct Titles {
    field: Option<Value>,
    choices: Option<Value>,
}

impl Titles {
    /// Reads the titles of a field as the type says it, before anything is
    /// made portable.
    pub(super) fn of(property: &Value) -> Self {
        let single = choices(property);
        Self {
            field: property.get("title").cloned(),
            choices: single.or_else(|| choices(property.get("items")?)),
        }
    }

    /// Writes them into the finished field.
    pub(super) fn write(self, property: &mut Value) {
        let Value::Object(property) = property else {
            return;
        };
        if let Some(title) = self.field {
            property.insert("title".to_owned(), title);
        }
        let Some(choices) = self.choices else {
            return;
        };
        if property.get("type").is_some_and(|name| name == "array") {
            property.insert("items".to_owned(), json!({ "anyOf": choices }));
        } else {
            property.remove("enum");
            property.insert("oneOf".to_owned(), choices);
        }
    }
}

/// The titled choices of an enum, if every variant has a title.
fn choices(schema: &Value) -> Option<Value> {
    let branches = match (schema.get("oneOf"), schema.get("anyOf")) {
        (Some(branches), _) => branches.as_array()?,
        // An optional enum is the enum or null.
        (None, Some(branches)) => {
            let is_null = |branch: &&Value| branch.get("type").is_some_and(|name| name == "null");
            let mut values = branches.as_array()?.iter().filter(|it| !is_null(it));
            return values.next().and_then(choices);
        }
        (None, None) => return None,
    };
    let titled = branches.iter().map(|branch| {
        let value = branch.get("const")?.as_str()?;
        let title = branch.get("title")?.as_str()?;
        Some(json!({ "const": value, "title": title }))
    });
    titled.collect::<Option<Vec<_>>>().map(Value::Array)
}

/// The titles of every field of a struct.
pub(super) fn titles(schema: &Value) -> Vec<(String, Titles)> {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties
        .into_iter()
        .flat_map(Map::iter)
        .map(|(field, property)| (field.clone(), Titles::of(property)))
        .collect()
}
