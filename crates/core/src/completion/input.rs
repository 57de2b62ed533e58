//! What has been typed so far.

use std::{fmt, future::ready};

use super::KnownArguments;
use crate::context::Context;
use crate::future::BoxFuture;
use crate::protocol::Completion;
use crate::schema::raw::{Members, unescape};
use crate::{Error, Result};

/// What has been typed, and what is known beside it.
#[derive(Clone, Copy)]
pub struct CompletionInput<'a> {
    context: &'a Context,
    value: &'a str,
    known: Option<&'a str>,
}

/// Without what was typed and what is known: both may be secrets.
impl fmt::Debug for CompletionInput<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompletionInput").finish_non_exhaustive()
    }
}

impl<'a> CompletionInput<'a> {
    /// The input of one completion.
    ///
    /// `known` is the JSON object of the other arguments, validated as JSON.
    #[doc(hidden)]
    pub fn new(context: &'a Context, value: &'a str, known: Option<&'a str>) -> Self {
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
    pub fn known(&self) -> KnownArguments {
        let members = self.known.and_then(Members::of).into_iter().flatten();
        members
            .map(|member| (member.name(), unescape(member.value)))
            .collect()
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
