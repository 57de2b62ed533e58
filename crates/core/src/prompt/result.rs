//! The messages of a prompt, and how they are written.

use crate::protocol::{Meta, PromptMessage};
use crate::wire::{json_len, write_json};

/// The messages of a prompt.
///
/// ```
/// use purlin_core::PromptResult;
/// use purlin_core::protocol::PromptMessage;
///
/// let result = PromptResult::new([PromptMessage::user("Where to?")]).with_description("A trip");
/// assert_eq!(result.messages.len(), 1);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct PromptResult {
    /// What the messages are for.
    pub description: Option<String>,
    /// The messages.
    pub messages: Vec<PromptMessage>,
    meta: Option<Meta>,
}

impl PromptResult {
    /// These messages.
    pub fn new(messages: impl IntoIterator<Item = PromptMessage>) -> Self {
        Self {
            messages: messages.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Says what the messages are for.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets metadata.
    #[must_use]
    pub fn with_meta(mut self, meta: Meta) -> Self {
        self.meta = Some(meta);
        self
    }

    /// How many bytes its messages take as JSON: what a cache, a quota or a limit
    /// counts.
    pub fn encoded_len(&self) -> usize {
        json_len(&self.messages)
    }

    /// The metadata.
    pub fn meta(&self) -> Option<&Meta> {
        self.meta.as_ref()
    }

    /// The metadata, to be changed.
    pub fn meta_mut(&mut self) -> &mut Meta {
        self.meta.get_or_insert_default()
    }

    /// Writes the members of the result, without braces: `"messages":[…]`.
    #[doc(hidden)]
    pub fn write(&self, out: &mut Vec<u8>) {
        if let Some(description) = &self.description {
            out.extend_from_slice(br#""description":"#);
            write_json(out, description);
            out.push(b',');
        }
        out.extend_from_slice(br#""messages":"#);
        write_json(out, &self.messages);
        if let Some(meta) = self.meta.as_ref().filter(|meta| !meta.is_empty()) {
            out.extend_from_slice(br#","_meta":"#);
            write_json(out, meta);
        }
    }
}
