//! The arguments of one prompt, split by position and not yet decoded.

use std::future::ready;

use super::PromptResult;
use crate::context::Context;
use crate::future::BoxFuture;
use crate::tool::{ArgumentTable, Arguments};
use crate::{Error, ErrorKind, Result};

/// What a prompt is made with.
#[doc(hidden)]
#[derive(Debug)]
pub struct PromptInput<'a> {
    context: &'a Context,
    arguments: Arguments<'a>,
}

impl<'a> PromptInput<'a> {
    /// Splits the arguments, which are the text of one JSON value that has been validated.
    pub fn new(context: &'a Context, table: &'a ArgumentTable, arguments: Option<&'a str>) -> Self {
        Self {
            context,
            arguments: Arguments::split(table, arguments),
        }
    }

    /// The request the prompt is for.
    pub fn context(&self) -> &'a Context {
        self.context
    }

    /// Whether an argument is wrong.
    pub fn has_mistakes(&self) -> bool {
        self.arguments.has_mistakes()
    }

    /// The answer to wrong arguments, which names every one of them.
    pub fn reject(self) -> BoxFuture<'a, Result<PromptResult>> {
        let error = Error::new(ErrorKind::InvalidArguments, self.arguments.report());
        Box::pin(ready(Err(error)))
    }

    pub(super) fn given(&self, index: usize) -> Option<&'a str> {
        self.arguments.given(index)
    }

    pub(super) fn missing(&mut self, index: usize) {
        self.arguments.missing(index);
    }

    pub(super) fn admits(&mut self, index: usize, json: &str) -> bool {
        self.arguments.admits(index, json)
    }

    pub(super) fn refuse(&mut self, index: usize, error: &serde_json::Error) {
        self.arguments.unreadable(index, error);
    }
}
