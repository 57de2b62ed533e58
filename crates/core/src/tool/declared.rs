//! Outputs that are declared beside a function's type: `output = "Forecast"`.

use schemars::JsonSchema;
use schemars::generate::SchemaGenerator;
use serde_json::Value;

use super::{Json, ToolDescription, ToolResult};

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
    note = "derive `schemars::JsonSchema` for it"
)]
pub trait DeclaredOutput {
    /// Says that the tool returns it.
    fn declare(tool: &mut ToolDescription);
}

#[diagnostic::do_not_recommend]
impl<T: JsonSchema> DeclaredOutput for T {
    fn declare(tool: &mut ToolDescription) {
        tool.output(SchemaGenerator::subschema_for::<T>, true);
    }
}
