//! Outputs that are declared beside a function's type: `output = "Forecast"`.
//!
//! The compiler cannot see whether such a function keeps its word, so each result
//! is held against what was declared before a client gets it.

use schemars::JsonSchema;
use schemars::generate::SchemaGenerator;
use serde_json::Value;

use super::{Json, ToolDescription, ToolResult};
use crate::protocol::Schema;
use crate::schema::Validator;
use crate::{Error, Result};

/// A return type that says nothing of the structure of what it holds, so that the
/// author can.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` says by itself what a tool returns",
    label = "`output` is for functions that return `ToolResult`, `Value` or `Json<Value>`",
    note = "drop `output`, or return a `ToolResult`"
)]
pub trait OpenOutput {}

impl OpenOutput for ToolResult {}
impl OpenOutput for Value {}
impl OpenOutput for Json<Value> {}

/// A type that can be declared as what a tool returns.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no schema that a client could be shown",
    label = "cannot be declared as an output",
    note = "derive `ToolOutput` for it"
)]
pub trait DeclaredOutput {
    /// Says that the tool returns it.
    fn declare(tool: &mut ToolDescription);
}

#[diagnostic::do_not_recommend]
impl<T: JsonSchema> DeclaredOutput for T {
    fn declare(tool: &mut ToolDescription) {
        tool.declare(SchemaGenerator::subschema_for::<T>);
    }
}

/// What the author has promised of every result.
#[derive(Debug)]
pub(crate) struct Promise(Validator);

impl Promise {
    pub(super) fn of(schema: &Schema) -> Option<Self> {
        Some(Self(Validator::new(&schema.decode().ok()?)))
    }

    /// The result, if it is what was promised. A failure promises nothing.
    pub(super) fn keep(&self, result: ToolResult) -> Result<ToolResult> {
        if result.is_error() {
            return Ok(result);
        }
        let Some(json) = result.structured_json() else {
            let problem = "the tool declares its output and has returned no structured content";
            return Err(Error::internal(problem));
        };
        let mut broken = Vec::new();
        self.0.validate(json, &mut |path, problem| {
            broken.push(format!("${path}: {problem}"));
        });
        if broken.is_empty() {
            return Ok(result);
        }
        let problem = format!(
            "the result is not what the tool declares: {}",
            broken.join("; ")
        );
        Err(Error::internal(problem))
    }
}
