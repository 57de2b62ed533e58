//! Tools: what one says of itself, what it is given, what it answers.
//!
//! Generic code here is a few lines that decode or encode one value; everything else works on raw
//! JSON and is compiled once. Names, dispatch and masking of errors belong to the server; the
//! envelope around a result belongs to the wire.

mod arg;
mod declared;
mod definition;
pub(crate) mod derived;
mod description;
pub(crate) mod explained;
mod input;
mod json;
mod kind;
pub(crate) mod lend;
mod media;
mod mistake;
pub(crate) mod operations;
mod output;
mod result;
mod returns;
mod spec;
mod table;
mod treatment;

pub use arg::ToolArg;
pub use declared::{DeclaredOutput, OpenOutput};
pub use definition::{OutputSchema, ToolDefinition};
pub use description::ToolDescription;
pub use input::ToolInput;
pub use json::Json;
pub use kind::{Argument, ArgumentKind, Hidden, Injected, InjectedKind, Kind, Shown};
pub use media::{Audio, Image};
pub use operations::Operations;
pub use output::{Data, Direct, ToolOutput};
pub use result::{StructuredShape, ToolResult};
pub use returns::{Fallible, FallibleKind, Infallible, InfallibleKind, Returns};
pub use spec::{DeprecationSpec, IconSpec, ParamSpec, ToolSpec};
pub use table::ArgumentTable;

pub(crate) use input::Arguments;
pub(crate) use spec::{described, icons, listed, meta};
pub(crate) use table::ArgumentEntry;
pub(crate) use treatment::{Aliases, Lenient, Treatment};

#[cfg(test)]
mod tests;
