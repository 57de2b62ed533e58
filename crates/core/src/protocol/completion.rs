//! Completion of prompt arguments and template variables.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Meta, lenient};

/// What an argument to complete belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
#[non_exhaustive]
pub enum Reference {
    /// A prompt.
    #[serde(rename = "ref/prompt")]
    #[non_exhaustive]
    Prompt {
        /// The prompt's name.
        name: String,
        /// Name to show to people (since 2025-06-18).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
    },
    /// A resource or a resource template.
    #[serde(rename = "ref/resource")]
    #[non_exhaustive]
    Resource {
        /// The URI or URI template.
        uri: String,
    },
}

impl Reference {
    /// The same kind of reference to what goes by another name.
    pub(crate) fn renamed(&self, name: &str) -> Self {
        match self {
            Self::Prompt { title, .. } => Self::Prompt {
                name: name.to_owned(),
                title: title.clone(),
            },
            Self::Resource { .. } => Self::resource(name),
        }
    }

    /// A prompt, by name.
    pub fn prompt(name: impl Into<String>) -> Self {
        Self::Prompt {
            name: name.into(),
            title: None,
        }
    }

    /// A resource template, by its text, or a resource, by its URI.
    pub fn resource(uri: impl Into<String>) -> Self {
        Self::Resource { uri: uri.into() }
    }
}

/// The parameters of `completion/complete`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CompleteParams {
    /// What the argument belongs to.
    #[serde(rename = "ref")]
    pub reference: Reference,
    /// The argument and what is typed so far.
    pub argument: CompletionArgument,
    /// What is already known (since 2025-06-18).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<CompletionContext>,
    /// Metadata.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

impl CompleteParams {
    /// Asks how an argument may go on from what is typed so far.
    pub fn new(reference: Reference, name: impl Into<String>, value: impl Into<String>) -> Self {
        let argument = CompletionArgument {
            name: name.into(),
            value: value.into(),
        };
        Self {
            reference,
            argument,
            context: None,
            meta: None,
        }
    }

    /// Adds an argument that is already known.
    #[must_use]
    pub fn with_known(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let context = self.context.get_or_insert_default();
        context.arguments.insert(name.into(), value.into());
        self
    }
}

/// An argument and what is typed of it so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CompletionArgument {
    /// The argument's name.
    pub name: String,
    /// What is typed so far.
    pub value: String,
}

/// What is known while an argument is completed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CompletionContext {
    /// The arguments that have a value.
    #[serde(
        default,
        deserialize_with = "lenient::or_default",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub arguments: BTreeMap<String, String>,
}

/// Ways to complete an argument, best first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Completion {
    /// At most 100 values.
    pub values: Vec<String>,
    /// How many there are in all.
    #[serde(
        default,
        deserialize_with = "lenient::count",
        skip_serializing_if = "Option::is_none"
    )]
    pub total: Option<u64>,
    /// Whether there are more than given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_more: Option<bool>,
}

impl Completion {
    /// How many values one answer may hold.
    pub const MAX_VALUES: usize = 100;

    /// Ways to complete, best first. What exceeds [`Completion::MAX_VALUES`] is counted in `total`
    /// and left off.
    pub fn new(values: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let mut values: Vec<String> = values.into_iter().map(Into::into).collect();
        let total = values.len();
        values.truncate(Self::MAX_VALUES);
        Self {
            has_more: Some(total > values.len()),
            total: Some(total as u64),
            values,
        }
    }
}

/// The result of `completion/complete`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CompleteResult {
    /// The completions.
    pub completion: Completion,
    /// Metadata.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

impl From<Completion> for CompleteResult {
    fn from(completion: Completion) -> Self {
        Self {
            completion,
            meta: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn params_round_trip() {
        for text in [
            r#"{"ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"a","value":""}}"#,
            r#"{"ref":{"type":"ref/resource","uri":"a://{b}"},"argument":{"name":"b","value":"x"},"context":{"arguments":{"c":"d"}}}"#,
        ] {
            let params: CompleteParams = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&params).unwrap(), text);
        }
    }

    #[test]
    fn an_answer_holds_at_most_a_hundred_values() {
        let completion = Completion::new((0..101).map(|n| n.to_string()));
        assert_eq!(completion.values.len(), 100);
        assert_eq!(
            (completion.total, completion.has_more),
            (Some(101), Some(true))
        );
    }
}
