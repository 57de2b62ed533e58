//! Elicitation: asking the client's user, with a form or by sending them to a URL.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::{Meta, Schema};

/// The parameters of `elicitation/create`. A missing `mode` means a form.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ElicitRequest {
    /// Fill in a form (since 2025-06-18).
    Form(ElicitForm),
    /// Visit a URL (since 2025-11-25).
    Url(ElicitUrl),
}

/// A form for the user to fill in.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ElicitForm {
    /// Why the user is asked.
    pub message: String,
    /// A flat object schema of the fields.
    pub requested_schema: Schema,
    /// Metadata.
    pub meta: Option<Meta>,
}

/// A URL for the user to visit.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ElicitUrl {
    /// Why the user is sent there.
    pub message: String,
    /// Where to.
    pub url: String,
    /// Identifies the elicitation for the notification of its completion (2025-11-25 only).
    pub elicitation_id: Option<String>,
    /// Metadata.
    pub meta: Option<Meta>,
}

impl ElicitRequest {
    /// Asks for a form to be filled in.
    pub fn form(message: impl Into<String>, requested_schema: Schema) -> Self {
        Self::Form(ElicitForm {
            message: message.into(),
            requested_schema,
            meta: None,
        })
    }

    /// Asks for a URL to be visited.
    pub fn url(message: impl Into<String>, url: impl Into<String>) -> Self {
        Self::Url(ElicitUrl {
            message: message.into(),
            url: url.into(),
            elicitation_id: None,
            meta: None,
        })
    }

    /// Why the user is asked.
    pub fn message(&self) -> &str {
        match self {
            Self::Form(form) => &form.message,
            Self::Url(url) => &url.message,
        }
    }

    /// Metadata.
    pub fn meta(&self) -> Option<&Meta> {
        match self {
            Self::Form(form) => form.meta.as_ref(),
            Self::Url(url) => url.meta.as_ref(),
        }
    }
}

/// Both modes at once, as they lie on the wire. The mode of a form is left out when writing, which
/// every revision understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<S, M> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mode: Option<S>,
    message: S,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    requested_schema: Option<Schema>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<S>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    elicitation_id: Option<S>,
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    meta: Option<M>,
}

impl Serialize for ElicitRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Form(form) => Wire {
                mode: None,
                message: form.message.as_str(),
                requested_schema: Some(form.requested_schema.clone()),
                url: None,
                elicitation_id: None,
                meta: form.meta.as_ref(),
            },
            Self::Url(url) => Wire {
                mode: Some("url"),
                message: url.message.as_str(),
                requested_schema: None,
                url: Some(url.url.as_str()),
                elicitation_id: url.elicitation_id.as_deref(),
                meta: url.meta.as_ref(),
            },
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ElicitRequest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = Wire::<String, Meta>::deserialize(deserializer)?;
        match wire.mode.as_deref() {
            None | Some("form") => Ok(Self::Form(ElicitForm {
                message: wire.message,
                requested_schema: wire
                    .requested_schema
                    .ok_or_else(|| D::Error::missing_field("requestedSchema"))?,
                meta: wire.meta,
            })),
            Some("url") => Ok(Self::Url(ElicitUrl {
                message: wire.message,
                url: wire.url.ok_or_else(|| D::Error::missing_field("url"))?,
                elicitation_id: wire.elicitation_id,
                meta: wire.meta,
            })),
            Some(mode) => Err(D::Error::unknown_variant(mode, &["form", "url"])),
        }
    }
}

/// What the user did with an elicitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ElicitAction {
    /// Agreed: filled in the form, or agreed to visit the URL.
    Accept,
    /// Said no.
    Decline,
    /// Turned away without an answer.
    Cancel,
}

/// The result of `elicitation/create`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ElicitResult {
    /// What the user did.
    pub action: ElicitAction,
    /// The fields of an accepted form: strings, numbers, booleans or arrays of strings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Map<String, Value>>,
    /// Metadata (until 2025-11-25).
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

impl ElicitResult {
    /// The user filled in the form.
    pub fn accept(content: Map<String, Value>) -> Self {
        Self {
            action: ElicitAction::Accept,
            content: Some(content),
            meta: None,
        }
    }

    /// The user agreed to visit the URL.
    pub fn accept_url() -> Self {
        Self {
            action: ElicitAction::Accept,
            content: None,
            meta: None,
        }
    }

    /// The user said no.
    pub fn decline() -> Self {
        Self {
            action: ElicitAction::Decline,
            content: None,
            meta: None,
        }
    }

    /// The user turned away.
    pub fn cancel() -> Self {
        Self {
            action: ElicitAction::Cancel,
            content: None,
            meta: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_round_trip_and_schemas_stay_verbatim() {
        for text in [
            r#"{"message":"m","requestedSchema":{"type":"object","$schema":"s","properties":{"z":{"type":"string","enum":["b"],"enumNames":["B"]},"a":{"type":"number","minimum":1.0}}}}"#,
            r#"{"mode":"url","message":"m","url":"https://example.com"}"#,
            r#"{"mode":"url","message":"m","url":"https://example.com","elicitationId":"1"}"#,
        ] {
            let request: ElicitRequest = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&request).unwrap(), text);
        }
    }

    #[test]
    fn the_mode_decides_what_must_be_there() {
        for (text, problem) in [
            (r#"{"message":"m"}"#, "missing field `requestedSchema`"),
            (
                r#"{"mode":"url","message":"m","requestedSchema":{}}"#,
                "missing field `url`",
            ),
            (
                r#"{"mode":"voice","message":"m"}"#,
                "unknown variant `voice`",
            ),
        ] {
            let error = serde_json::from_str::<ElicitRequest>(text)
                .unwrap_err()
                .to_string();
            assert!(error.contains(problem), "{error}");
        }
    }

    #[test]
    fn a_null_content_is_no_content() {
        let text = r#"{"action":"decline","content":null}"#;
        assert_eq!(
            serde_json::from_str::<ElicitResult>(text).unwrap(),
            ElicitResult::decline()
        );
    }
}
