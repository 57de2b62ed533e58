//! What has been typed so far.

use std::collections::BTreeMap;
use std::future::ready;

use crate::context::Context;
use crate::future::BoxFuture;
use crate::protocol::Completion;
use crate::{Error, Result};

/// What has been typed, and what is known beside it.
#[derive(Clone, Copy, Debug)]
pub struct CompletionInput<'a> {
    context: &'a Context,
    value: &'a str,
    known: &'a BTreeMap<String, String>,
}

impl<'a> CompletionInput<'a> {
    /// The input of one completion.
    #[doc(hidden)]
    pub fn new(context: &'a Context, value: &'a str, known: &'a BTreeMap<String, String>) -> Self {
        Self {
            context,
            value,
            known,
        }
    }

    /// The request the completion belongs to.
    pub fn context(&self) -> &'a Context {
        self.context
    }

    /// What has been typed.
    pub fn value(&self) -> &'a str {
        self.value
    }

    /// The other arguments that are settled already.
    pub fn known(&self) -> &'a BTreeMap<String, String> {
        self.known
    }

    /// Whether an argument is wrong: there is nothing to get wrong.
    #[doc(hidden)]
    pub fn has_mistakes(&self) -> bool {
        false
    }

    /// Never used, since nothing can be wrong.
    #[doc(hidden)]
    pub fn reject(self) -> BoxFuture<'a, Result<Completion>> {
        Box::pin(ready(Err(Error::internal(
            "a completion was rejected without a mistake",
        ))))
    }
}

/// A completion while it is described: nothing is said of one.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct CompletionDescription(());
