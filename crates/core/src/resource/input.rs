//! What a resource is read with: its URI and the variables of its template.

use std::{fmt, future::ready};

use super::{ResourceResult, VariableEntry, VariableValue, Variables};
use crate::context::Context;
use crate::future::BoxFuture;
use crate::server::fault;
use crate::{Error, ErrorKind, Result};

/// What a resource is read with.
pub struct ResourceInput<'a> {
    context: &'a Context,
    uri: &'a str,
    variables: &'a Variables,
    mime_type: Option<&'a str>,
    params: &'a [VariableEntry],
    mistakes: Vec<String>,
}

/// Without the URI and its variables: they may be secrets.
impl fmt::Debug for ResourceInput<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceInput")
            .field("mime_type", &self.mime_type)
            .finish_non_exhaustive()
    }
}

impl<'a> ResourceInput<'a> {
    /// The input of one read.
    #[doc(hidden)]
    pub fn new(
        context: &'a Context,
        uri: &'a str,
        variables: &'a Variables,
        mime_type: Option<&'a str>,
    ) -> Self {
        Self {
            context,
            uri,
            variables,
            mime_type,
            params: &[],
            mistakes: Vec::new(),
        }
    }

    /// Says which parameter takes which variable.
    #[doc(hidden)]
    #[must_use]
    pub fn with_params(mut self, params: &'a [VariableEntry]) -> Self {
        self.params = params;
        self
    }

    /// The request the read belongs to.
    pub fn context(&self) -> &'a Context {
        self.context
    }

    /// The URI as the client asked for it.
    pub fn uri(&self) -> &'a str {
        self.uri
    }

    /// The variables of the template.
    pub fn variables(&self) -> &'a Variables {
        self.variables
    }

    /// The media type the resource declares.
    pub fn mime_type(&self) -> Option<&'a str> {
        self.mime_type
    }

    /// Whether a variable is wrong.
    #[doc(hidden)]
    pub fn has_mistakes(&self) -> bool {
        !self.mistakes.is_empty()
    }

    /// The answer to wrong variables, which names every one of them.
    #[doc(hidden)]
    pub fn reject(self) -> BoxFuture<'a, Result<ResourceResult>> {
        let message = format!("Invalid resource URI:\n{}", self.mistakes.join("\n"));
        let error = Error::new(ErrorKind::InvalidParams, message).with_data(fault::which(self.uri));
        Box::pin(ready(Err(error)))
    }

    pub(super) fn given(&self, index: usize) -> Option<&'a VariableValue> {
        self.variables.get(self.name(index))
    }

    /// Holds the value of a variable against what is demanded of it.
    pub(super) fn admits(&mut self, index: usize, value: &VariableValue) -> bool {
        let Some(entry) = self.params.get(index) else {
            return true;
        };
        let broken = entry.broken_by(value);
        for problem in &broken {
            self.refuse(index, problem);
        }
        broken.is_empty()
    }

    pub(super) fn refuse(&mut self, index: usize, problem: &str) {
        let mistake = format!("{}: {problem}", self.name(index));
        self.mistakes.push(mistake);
    }

    fn name(&self, index: usize) -> &'static str {
        self.params.get(index).map_or("", |param| param.name)
    }
}
