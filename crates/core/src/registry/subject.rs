//! What policies are told of a component that somebody uses.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{Component, PromptEntry, ResourceTarget, ToolEntry};
use crate::{
    access::{Purpose, Subject},
    resource::{VariableValue, Variables},
};

impl ToolEntry {
    /// A call with these arguments, which policies see as the tool does.
    pub(crate) fn asked_with<'a>(&'a self, arguments: Option<&'a str>) -> Subject<'a> {
        let read = |arguments| match &self.treatment {
            Some(treatment) => treatment.coerce(arguments),
            None => Cow::Borrowed(arguments),
        };
        Subject {
            arguments: Some(arguments.map_or(Cow::Borrowed("{}"), read)),
            aliases: &self.aliases,
            ..self.subject(Purpose::Use)
        }
    }
}

impl PromptEntry {
    /// The prompt with these arguments.
    pub(crate) fn asked_with<'a>(&'a self, arguments: Option<&'a str>) -> Subject<'a> {
        Subject {
            arguments: Some(Cow::Borrowed(arguments.unwrap_or("{}"))),
            aliases: &self.aliases,
            ..self.subject(Purpose::Use)
        }
    }
}

impl<'a> ResourceTarget<'a> {
    /// The resource at a URI.
    pub(crate) fn asked_at<'s>(&self, uri: &'s str, purpose: Purpose) -> Subject<'s>
    where
        'a: 's,
    {
        Subject {
            uri: Some(uri),
            arguments: Some(Cow::Owned(object(&self.variables))),
            ..self.entry.subject(purpose)
        }
    }
}

fn object(variables: &Variables) -> String {
    let members = variables.iter().map(|(name, value)| {
        let value = match value {
            VariableValue::Text(text) => Value::from(text.as_str()),
            VariableValue::List(texts) => Value::from(texts.clone()),
        };
        (name.to_owned(), value)
    });
    Value::Object(members.collect::<Map<_, _>>()).to_string()
}
