//! Prompts: templates of messages with arguments.

mod text;

pub(crate) use text::PlainText;
