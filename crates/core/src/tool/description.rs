//! Gathering what a tool says of itself, parameter by parameter.

use serde_json::{Map, Value, json};

use super::definition::{OutputSchema, ToolDefinition};
use super::operations::{OperationsDescription, OperationsSpec, Property};
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
    operations: Vec<Group>,
    output: Option<OutputSchema>,
    /// The author says what it returns, not its type.
    is_declared: bool,
}

/// An argument while it is described.
#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) spec: ParamSpec,
    /// The schema as the type says it.
    raw: Value,
    /// The schema as it is listed.
    schema: Value,
    required: bool,
}

/// The arguments of all operations that one parameter stands for.
#[derive(Debug)]
struct Group {
    index: usize,
    parameters: Vec<Parameter>,
}

impl Parameter {
    /// Shows a default.
    pub(super) fn default_value(&mut self, value: Option<Value>) {
        if let (Value::Object(schema), Some(value)) = (&mut self.schema, value)
            && !value.is_null()
        {
            schema.insert("default".to_owned(), value);
        }
    }

    /// Adds a paragraph to what is said of it.
    pub(super) fn add_to_description(&mut self, text: &str) {
        let Value::Object(schema) = &mut self.schema else {
            return;
        };
        let text = match schema.get("description").and_then(Value::as_str) {
            Some(earlier) => format!("{earlier}\n\n{text}"),
            None => text.to_owned(),
        };
        schema.insert("description".to_owned(), text.into());
    }
}

impl ToolDescription {
    /// A tool of which nothing is known but what its attributes say.
    pub fn new(spec: &'static ToolSpec) -> Self {
        Self {
            spec,
            input: Generator::new(Side::Input),
            parameters: spec.params.iter().map(|_| None).collect(),
            operations: Vec::new(),
            output: None,
            is_declared: false,
        }
    }

    /// The parameter at `index` is an argument.
    pub(crate) fn argument(&mut self, index: usize, part: Part, required: bool) {
        if let Some(spec) = self.spec.params.get(index) {
            let parameter = self.parameter(spec, part, required);
            self.put(index, parameter);
        }
    }

    /// An argument of this type.
    pub(super) fn parameter(&mut self, spec: &ParamSpec, part: Part, required: bool) -> Parameter {
        let required = required && !spec.has_default;
        let raw = self.input.part(part);
        let mut schema = raw.clone();
        annotate(&mut schema, spec);
        self.input.finish(&mut schema, !required);
        constrain(&mut schema, spec);
        Parameter {
            spec: *spec,
            raw,
            schema,
            required,
        }
    }

    /// The parameter at `index` stands for the arguments of several operations.
    pub(super) fn operations(
        &mut self,
        index: usize,
        spec: &'static OperationsSpec,
        describe: fn(&mut OperationsDescription<'_>),
    ) {
        let Some(param) = self.spec.params.get(index) else {
            return;
        };
        let mut operations = OperationsDescription {
            properties: spec.params.iter().map(|_| None).collect(),
            tool: self,
            spec,
        };
        describe(&mut operations);
        let schema = operations.tag_schema(param);
        let properties = operations.properties.into_iter().flatten();
        let parameters = properties.map(Property::finish).collect();
        let tag = Parameter {
            spec: spec.tag(param),
            raw: schema.clone(),
            schema,
            required: !param.has_default,
        };
        self.put(index, tag);
        self.operations.push(Group { index, parameters });
    }

    fn put(&mut self, index: usize, parameter: Parameter) {
        if let Some(slot) = self.parameters.get_mut(index) {
            *slot = Some(parameter);
        }
    }

    /// The argument at `index` has this default.
    pub(crate) fn default_value(&mut self, index: usize, value: Option<Value>) {
        if let Some(Some(parameter)) = self.parameters.get_mut(index) {
            parameter.default_value(value);
        }
    }

    /// What the tool returns. With `texts`, texts are structured too.
    pub(crate) fn output(&mut self, part: Part, texts: bool) {
        self.output = OutputSchema::of(part, texts);
    }

    /// What its author says it returns.
    pub(super) fn declare(&mut self, part: Part) {
        self.output(part, true);
        self.is_declared = true;
    }

    /// What the server keeps of it.
    pub fn finish(mut self) -> ToolDefinition {
        let definitions = self.input.raw_definitions();
        let entry = |parameter: &Parameter| {
            ArgumentEntry::argument(&parameter.spec, &parameter.raw, &definitions)
        };
        let mut listing = Listing::default();
        let (mut entries, mut beside) = (Vec::new(), Vec::new());
        let mut operations = self.operations.into_iter().peekable();
        for (index, parameter) in self.parameters.into_iter().enumerate() {
            let Some(parameter) = parameter else {
                entries.extend(self.spec.params.get(index).map(ArgumentEntry::injected));
                continue;
            };
            let mut own = entry(&parameter);
            listing.add(parameter);
            if let Some(group) = operations.next_if(|group| group.index == index) {
                own.operations = Some(self.spec.params.len() + beside.len());
                for parameter in group.parameters {
                    beside.push(entry(&parameter));
                    listing.add(parameter);
                }
            }
            entries.push(own);
        }
        entries.extend(beside);
        let input_schema: Schema = listing.root(&self.input.definitions()).into();
        let declared = self.output.as_ref().filter(|_| self.is_declared);
        ToolDefinition {
            spec: self.spec,
            input_schema: input_schema.clone(),
            promise: declared.and_then(OutputSchema::promise),
            output: self.output,
            arguments: ArgumentTable::new(self.spec.name, entries, Some(input_schema)),
        }
    }
}

/// The arguments in order, as they are listed.
#[derive(Default)]
struct Listing {
    order: Vec<&'static str>,
    properties: Map<String, Value>,
    required: Vec<&'static str>,
}

impl Listing {
    fn add(&mut self, parameter: Parameter) {
        let name = parameter.spec.name;
        self.order.push(name);
        if parameter.required {
            self.required.push(name);
        }
        self.properties.insert(name.to_owned(), parameter.schema);
    }

    fn root(&self, definitions: &Map<String, Value>) -> RawJson {
        root(&self.order, &self.properties, &self.required, definitions)
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
