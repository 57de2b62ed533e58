//! Resources: where they are, what is read from them.

mod definition;
mod entry;
mod input;
mod output;
mod result;
mod spec;
mod template;
mod variable;

pub use definition::{ResourceDefinition, ResourceDescription};
pub use entry::VariableEntry;
pub use input::ResourceInput;
pub use output::{ResourceOutput, Value};
pub use result::ResourceResult;
pub use spec::ResourceSpec;
pub use template::{TemplateError, UriTemplate, VariableValue, Variables};
pub use variable::{Many, One, Optional, TemplateVariable};

#[cfg(test)]
mod tests;
