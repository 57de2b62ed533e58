//! Gathering what a tool says of itself, parameter by parameter.

use serde_json::{Map, Value, json};

use super::definition::{OutputSchema, ToolDefinition};
use super::table::{ArgumentEntry, ArgumentTable};
use super::{ParamSpec, ToolSpec};
use crate::protocol::{RawJson, Schema};
use crate::schema::{Generator, Part, Side, write};

/// A tool while it is described.
#[doc(hidden)]
#[derive(Debug)]
pub struct ToolDescription {
    spec: &'static ToolSpec,
    input: Generator,
    parameters: Vec<Option<Parameter>>,
    output: Option<OutputSchema>,
}

#[derive(Debug)]
struct Parameter {
    /// The schema as the type says it.
    raw: Value,
    /// The schema as it is listed.
    schema: Value,
    required: bool,
}

impl ToolDescription {
    /// A tool of which nothing is known but what its attributes say.
    pub fn new(spec: &'static ToolSpec) -> Self {
        Self {
            spec,
            input: Generator::new(Side::Input),
            parameters: spec.params.iter().map(|_| None).collect(),
            output: None,
        }
    }

    /// The parameter at `index` is an argument.
    pub(crate) fn argument(&mut self, index: usize, part: Part, required: bool) {
        let (Some(spec), Some(slot)) =
            (self.spec.params.get(index), self.parameters.get_mut(index))
        else {
            return;
        };
        let required = required && !spec.has_default;
        let raw = self.input.part(part);
        let mut schema = raw.clone();
        annotate(&mut schema, spec);
        self.input.finish(&mut schema, !required);
        constrain(&mut schema, spec);
        *slot = Some(Parameter {
            raw,
            schema,
            required,
        });
    }

    /// The argument at `index` has this default.
    pub(crate) fn default_value(&mut self, index: usize, value: Option<Value>) {
        let parameter = self.parameters.get_mut(index).and_then(Option::as_mut);
        if let (Some(Value::Object(schema)), Some(value)) =
            (parameter.map(|parameter| &mut parameter.schema), value)
            && !value.is_null()
        {
            schema.insert("default".to_owned(), value);
        }
    }

    /// What the tool returns. With `texts`, texts are structured too.
    pub(crate) fn output(&mut self, part: Part, texts: bool) {
        self.output = OutputSchema::of(part, texts);
    }

    /// What the server keeps of it.
    pub fn finish(mut self) -> ToolDefinition {
        let raw_definitions = self.input.raw_definitions();
        let mut properties = Map::new();
        let mut order = Vec::new();
        let mut required = Vec::new();
        let mut entries = Vec::new();
        for (spec, parameter) in self.spec.params.iter().zip(self.parameters) {
            let Some(parameter) = parameter else {
                entries.push(ArgumentEntry::injected(spec));
                continue;
            };
            let entry = ArgumentEntry::argument(spec, &parameter.raw, &raw_definitions);
            entries.push(entry);
            order.push(spec.name);
            if parameter.required {
                required.push(spec.name);
            }
            properties.insert(spec.name.to_owned(), parameter.schema);
        }
        let definitions = self.input.definitions();
        let input_schema: Schema = root(&order, &properties, &required, &definitions).into();
        ToolDefinition {
            spec: self.spec,
            input_schema: input_schema.clone(),
            output: self.output,
            arguments: ArgumentTable::new(self.spec.name, entries, Some(input_schema)),
        }
    }
}

/// Writes what the author said of the parameter over what its type says.
fn annotate(schema: &mut Value, spec: &ParamSpec) {
    if *schema == Value::Bool(true) {
        *schema = json!({});
    }
    if let (Value::Object(schema), Some(description)) = (schema, spec.description) {
        schema.insert("description".to_owned(), description.trim().into());
    }
}

fn constrain(schema: &mut Value, spec: &ParamSpec) {
    if let Value::Object(schema) = schema {
        for constraint in spec.constraints {
            constraint.write(schema);
        }
        if spec.sensitive {
            schema.insert("writeOnly".to_owned(), true.into());
        }
    }
}

/// The schema of all arguments, with its properties in the order of the parameters.
fn root(
    order: &[&str],
    properties: &Map<String, Value>,
    required: &[&str],
    definitions: &Map<String, Value>,
) -> RawJson {
    let mut text = String::from(r#"{"type":"object""#);
    if !order.is_empty() {
        text.push_str(r#","properties":{"#);
        for (index, name) in order.iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            text.push_str(&crate::schema::raw::quote(name));
            text.push(':');
            text.push_str(&properties.get(*name).map(write).unwrap_or_default());
        }
        text.push('}');
    }
    if !required.is_empty() {
        text.push_str(r#","required":"#);
        text.push_str(&json!(required).to_string());
    }
    text.push_str(r#","additionalProperties":false"#);
    if !definitions.is_empty() {
        let definitions = write(&json!({ "$defs": definitions }));
        text.push(',');
        text.push_str(&definitions[1..definitions.len() - 1]);
    }
    text.push('}');
    text.parse()
        .expect("a schema written from JSON values is JSON")
}
