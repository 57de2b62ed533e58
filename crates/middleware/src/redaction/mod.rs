//! Secrets out of whatever is written down.
//!
//! A [`Redactor`] knows secrets by the names they stand under, at any depth, in
//! any case and with any separators: `apiKey`, `API_KEY` and `x-api-key` are one
//! name. Within a sentence it knows what has such a name before it (`token=…`,
//! JSON), what follows `Bearer` and `Basic`, and the password of a URL. Any other
//! secret in a sentence it cannot know: who writes one there says so with
//! `#[arg(sensitive)]`, or leaves payloads out of the log.

mod hooks;
mod names;
mod redactor;
mod sentence;
#[cfg(test)]
mod tests;

pub use redactor::Redactor;

/// Takes secrets out of what tools answer, resources contain and prompts say, and out
/// of the texts, causes and data of errors, before clients and their models see them.
///
/// Content is looked through at any depth: structured content, texts, JSON inside of
/// texts, embedded resources. What stays as it is: `_meta`, lists, and bytes.
///
/// What is logged and audited is redacted there, by a [`Redactor`] of its own:
/// this is for servers whose components pass on what they got from elsewhere. A
/// value is replaced by a text, whatever its type was, so it is for components
/// whose output schema has no secrets in it.
///
/// ```
/// use purlin_core::Server;
/// use purlin_middleware::{Redaction, Redactor};
///
/// let redaction = Redaction::of(Redactor::new().also(["iban"]));
/// let server = Server::builder("orders", "1.0.0").middleware(redaction);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Redaction {
    redactor: Redactor,
}

impl Redaction {
    /// Takes out what this redactor knows.
    pub fn of(redactor: Redactor) -> Self {
        Self { redactor }
    }
}
