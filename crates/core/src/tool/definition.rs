//! What the server keeps of a tool: how it is listed, and how its arguments are read.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::declared::Promise;
use super::table::ArgumentTable;
use super::treatment::{Lenient, Treatment};
use super::{StructuredShape, ToolResult, ToolSpec, described, icons, listed, meta};
use crate::Result;
use crate::protocol::{RawJson, Schema, TaskSupport, Tool, ToolAnnotations, ToolExecution};
use crate::schema::{Generator, Part, Side, object_root, write};

/// A tool as its server knows it.
#[derive(Debug)]
pub struct ToolDefinition {
    pub(super) spec: &'static ToolSpec,
    pub(super) input_schema: Schema,
    pub(super) output: Option<OutputSchema>,
    pub(super) promise: Option<Promise>,
    pub(super) arguments: ArgumentTable,
}

impl ToolDefinition {
    /// What the attributes say.
    #[doc(hidden)]
    pub fn spec(&self) -> &'static ToolSpec {
        self.spec
    }

    /// The schema of the arguments.
    pub fn input_schema(&self) -> &Schema {
        &self.input_schema
    }

    /// The schema of the result, if it is structured.
    pub fn output(&self) -> Option<&OutputSchema> {
        self.output.as_ref()
    }

    /// Whether results are held against what the author has said they are.
    pub(crate) fn has_promise(&self) -> bool {
        self.promise.is_some()
    }

    /// A result as it may go out.
    ///
    /// # Errors
    /// When it is not what the author has said it would be.
    pub(crate) fn keep(&self, result: ToolResult) -> Result<ToolResult> {
        match &self.promise {
            Some(promise) => promise.keep(result),
            None => Ok(result),
        }
    }

    /// How arguments are read.
    #[doc(hidden)]
    pub fn arguments(&self) -> &ArgumentTable {
        &self.arguments
    }

    /// The same, without the rest.
    pub(crate) fn into_arguments(self) -> ArgumentTable {
        self.arguments
    }

    /// What is done to arguments around the tool.
    pub(crate) fn treatment(&self) -> Option<Arc<Treatment>> {
        let lenient = Lenient::These(self.arguments.lenient());
        let aliases = self.arguments.aliases().collect();
        Treatment::of(&self.input_schema, aliases, lenient)
    }

    /// How results of this tool are written for a revision whose plain shape is `shape`.
    pub fn result_shape(&self, shape: StructuredShape) -> StructuredShape {
        match (&self.output, shape) {
            (None, shape) | (Some(_), shape @ StructuredShape::None) => shape,
            (Some(output), StructuredShape::Object) if !output.is_object => {
                StructuredShape::Wrapped
            }
            (Some(_), _) => StructuredShape::Declared,
        }
    }

    /// The tool as it is listed under a name, which may carry prefixes.
    pub fn to_tool(&self, name: &str, shape: StructuredShape) -> Tool {
        let spec = self.spec;
        let mut tool = Tool::new(name, self.input_schema.clone());
        tool.title = listed(spec.title);
        tool.description = described(spec.description, spec.deprecated.as_ref());
        tool.icons = icons(spec.icons);
        tool.output_schema = self
            .output
            .as_ref()
            .and_then(|output| output.for_shape(shape));
        tool.annotations = annotations(spec);
        tool.execution = spec.task.map(execution);
        tool.meta = meta(spec.meta, spec.version, spec.deprecated.as_ref());
        tool
    }
}

fn execution(task: &str) -> ToolExecution {
    let support = match task {
        "optional" => TaskSupport::Optional,
        "required" => TaskSupport::Required,
        _ => TaskSupport::Forbidden,
    };
    ToolExecution::new(support)
}

fn annotations(spec: &ToolSpec) -> Option<ToolAnnotations> {
    let mut hints = ToolAnnotations::new();
    hints.read_only_hint = spec.read_only;
    hints.destructive_hint = spec.destructive;
    hints.idempotent_hint = spec.idempotent;
    hints.open_world_hint = spec.open_world;
    (hints != ToolAnnotations::default()).then_some(hints)
}

/// The schema of a structured result.
#[derive(Clone, Debug)]
pub struct OutputSchema {
    plain: Schema,
    wrapped: Schema,
    is_object: bool,
}

impl OutputSchema {
    /// The schema of what a type serialises to.
    ///
    /// `None` when there is nothing to say: texts (unless `texts`), nothing, anything.
    pub(super) fn of(part: Part, texts: bool) -> Option<Self> {
        let mut generator = Generator::new(Side::Output);
        let mut schema = generator.part(part);
        generator.finish(&mut schema, false);
        let definitions = generator.definitions();
        let says_nothing = |schema: &Value| {
            admits_only(schema, &["null"]) || schema.as_object().is_some_and(Map::is_empty)
        };
        if says_nothing(&schema) || (!texts && admits_only(&schema, &["string", "null"])) {
            return None;
        }
        Some(Self::new(schema, &definitions))
    }

    fn new(schema: Value, definitions: &Map<String, Value>) -> Self {
        let wrapped = with_definitions(
            json!({"type": "object", "properties": {"result": &schema}, "required": ["result"]}),
            definitions,
        );
        let (plain, is_object) = match object_root(with_definitions(schema, definitions)) {
            Ok(schema) => (schema, true),
            Err(schema) => (schema, false),
        };
        Self {
            plain: to_schema(&plain),
            wrapped: to_schema(&wrapped),
            is_object,
        }
    }

    /// What results are held against.
    pub(super) fn promise(&self) -> Option<Promise> {
        Promise::of(&self.plain)
    }

    /// The schema as a revision may say it: not at all, of objects only, or any.
    pub fn for_shape(&self, shape: StructuredShape) -> Option<Schema> {
        match shape {
            StructuredShape::None => None,
            StructuredShape::Object if !self.is_object => Some(self.wrapped.clone()),
            StructuredShape::Wrapped => Some(self.wrapped.clone()),
            StructuredShape::Object | StructuredShape::Any | StructuredShape::Declared => {
                Some(self.plain.clone())
            }
        }
    }
}

fn with_definitions(mut schema: Value, definitions: &Map<String, Value>) -> Value {
    if let (Value::Object(object), false) = (&mut schema, definitions.is_empty()) {
        object.insert("$defs".to_owned(), definitions.clone().into());
    }
    schema
}

fn to_schema(schema: &Value) -> Schema {
    let text: RawJson = write(schema)
        .parse()
        .expect("a schema written from JSON values is JSON");
    text.into()
}

/// Whether a schema admits values of these types alone.
fn admits_only(schema: &Value, types: &[&str]) -> bool {
    match schema.get("type").and_then(Value::as_str) {
        Some(name) => types.contains(&name),
        None => schema
            .get("anyOf")
            .or_else(|| schema.get("oneOf"))
            .and_then(Value::as_array)
            .is_some_and(|branches| {
                !branches.is_empty() && branches.iter().all(|branch| admits_only(branch, types))
            }),
    }
}
