//! Prompts: messages made from arguments.

mod argument;
mod definition;
mod input;
mod output;
mod result;
mod spec;
mod text;

pub use definition::{PromptDefinition, PromptDescription};
pub use input::PromptInput;
pub use output::PromptOutput;
pub use result::PromptResult;
pub use spec::PromptSpec;

pub(crate) use text::PlainText;

#[cfg(test)]
mod tests;
