//! Secrets out of whatever is written down.
//!
//! A [`Redactor`] knows secrets by the names they stand under, at any depth, in
//! any case and with any separators: `apiKey`, `API_KEY` and `x-api-key` are one
//! name. It cannot know a secret in the middle of a sentence: who writes one
//! there says so with `#[arg(sensitive)]`, or leaves payloads out of the log.

mod names;
mod redactor;
#[cfg(test)]
mod tests;

pub use redactor::Redactor;
