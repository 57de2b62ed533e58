//! The schema of a form for a user: an object of plain fields
//! (specification, "Elicitation", "Requested schema").

use serde_json::{Map, Value};

use super::{Generator, Part, Side, object_root, titles::titles, write};
use crate::{
    Error, ErrorKind, Result,
    protocol::{RawJson, Schema},
};

/// The form for a struct.
///
/// # Errors
/// Configuration when a field is no text, number, boolean, enum without data,
/// or list of such an enum: clients can show nothing else.
pub(crate) fn form(part: Part, name: &str) -> Result<Schema> {
    let mut generator = Generator::new(Side::Input);
    let mut schema = generator.part(part);
    let titles = titles(&schema);
    generator.finish(&mut schema, false);
    let definitions = generator.definitions();
    if let (Value::Object(object), false) = (&mut schema, definitions.is_empty()) {
        object.insert("$defs".to_owned(), definitions.into());
    }
    let Ok(mut schema) = object_root(schema) else {
        return Err(refused(format!(
            "`{name}` cannot be a form: it must be a struct of plain fields"
        )));
    };
    let required: Vec<String> = required(&schema);
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        for (field, property) in properties.iter_mut() {
            generator.finish(property, !required.contains(field));
            if !is_plain(property) {
                return Err(refused(format!(
                    "`{name}` cannot be a form: the field `{field}` must be a text, a number, a boolean, \
                     an enum without data or a list of such an enum"
                )));
            }
        }
    }
    for (field, titles) in titles {
        if let Some(property) = schema
            .pointer_mut("/properties")
            .and_then(|it| it.get_mut(&field))
        {
            titles.write(property);
        }
    }
    if let Value::Object(object) = &mut schema {
        // The form is the object with these three members and no others.
        object.retain(|key, _| matches!(key.as_str(), "type" | "properties" | "required"));
        object
            .entry("properties")
            .or_insert_with(|| Map::new().into());
    }
    let text: RawJson = write(&schema).parse()?;
    Ok(text.into())
}

fn refused(problem: String) -> Error {
    Error::new(ErrorKind::Configuration, problem)
}

fn required(schema: &Value) -> Vec<String> {
    let names = schema.get("required").and_then(Value::as_array);
    names
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect()
}

fn is_plain(property: &Value) -> bool {
    match property.get("type").and_then(Value::as_str) {
        Some("string" | "number" | "integer" | "boolean") => true,
        Some("array") => property
            .get("items")
            .is_some_and(|items| items.get("enum").is_some() || items.get("anyOf").is_some()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;

    use super::*;
    use crate::ToolArg;

    #[derive(serde::Deserialize, JsonSchema)]
    #[allow(dead_code)]
    struct Order {
        /// What to order.
        item: String,
        count: u8,
        gift: Option<bool>,
        size: Option<Size>,
    }

    #[derive(serde::Deserialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    #[allow(dead_code)]
    enum Size {
        Small,
        Large,
    }

    #[derive(serde::Deserialize, JsonSchema)]
    #[allow(dead_code)]
    struct Nested {
        inner: Order,
    }

    #[test]
    fn a_struct_of_plain_fields_is_a_form() {
        let schema: Value = form(Order::__schema, "Order").unwrap().decode().unwrap();
        assert_eq!(schema["required"], serde_json::json!(["item", "count"]));
        assert_eq!(
            schema["properties"]["item"]["description"],
            "What to order."
        );
        assert_eq!(schema["properties"]["gift"]["type"], "boolean");
        assert_eq!(
            schema["properties"]["size"]["enum"],
            serde_json::json!(["small", "large"])
        );
    }

    #[derive(serde::Deserialize, JsonSchema)]
    #[allow(dead_code)]
    struct Titled {
        #[schemars(title = "Your size")]
        size: Fit,
        spare: Option<Fit>,
        others: Vec<Fit>,
    }

    #[derive(serde::Deserialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    #[allow(dead_code)]
    enum Fit {
        #[schemars(title = "Snug")]
        Tight,
        #[schemars(title = "Roomy")]
        Loose,
    }

    #[test]
    fn titles_are_kept_for_people_to_read() {
        let schema: Value = form(Titled::__schema, "Titled").unwrap().decode().unwrap();
        let choices = serde_json::json!([
            { "const": "tight", "title": "Snug" },
            { "const": "loose", "title": "Roomy" },
        ]);
        let fields = &schema["properties"];
        assert_eq!(
            fields["size"],
            serde_json::json!({ "type": "string", "title": "Your size", "oneOf": choices })
        );
        assert_eq!(
            fields["spare"],
            serde_json::json!({ "type": "string", "oneOf": choices })
        );
        assert_eq!(
            fields["others"],
            serde_json::json!({ "type": "array", "items": { "anyOf": choices } })
        );
    }

    #[test]
    fn what_no_client_can_show_is_refused() {
        let error = form(Nested::__schema, "Nested").unwrap_err();
        assert!(error.to_string().contains("`inner`"), "{error}");
        assert!(form(u8::__schema, "u8").is_err());
    }
}
