//! Completion of prompt arguments and template variables while a user types them.

mod argument;
mod input;
mod output;
mod spec;

pub use argument::{CompletionArg, KnownArguments};
pub use input::{CompletionDescription, CompletionInput};
pub use output::CompletionOutput;
pub use spec::{CompletionSpec, CompletionTarget};

#[cfg(test)]
mod tests;
