//! Capabilities: what a peer declares it can do. The presence of an object is the declaration.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Settings of a capability that has no members of its own; `{}` says yes.
type Settings = Map<String, Value>;

/// What a client can do for its servers.
///
/// ```
/// use purlin_core::protocol::ClientCapabilities;
///
/// let capabilities: ClientCapabilities = serde_json::from_str(r#"{"elicitation":{}}"#).unwrap();
/// assert!(capabilities.elicitation_form() && !capabilities.elicitation_url());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClientCapabilities {
    /// It answers `roots/list`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roots: Option<RootsCapability>,
    /// It answers `sampling/createMessage`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampling: Option<SamplingCapability>,
    /// It answers `elicitation/create` (since 2025-06-18).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elicitation: Option<ElicitationCapability>,
    /// It runs requests as tasks (2025-11-25).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tasks: Option<Settings>,
    /// Extensions by id, with their settings (SEP-2133, since 2026-07-28).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extensions: Option<Map<String, Value>>,
    /// Capabilities outside the specification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experimental: Option<Map<String, Value>>,
}

impl ClientCapabilities {
    /// Whether it shows forms. Declaring elicitation without a mode means forms only.
    pub fn elicitation_form(&self) -> bool {
        self.elicitation
            .as_ref()
            .is_some_and(|modes| modes.form.is_some() || modes.url.is_none())
    }

    /// Whether it sends its user to URLs.
    pub fn elicitation_url(&self) -> bool {
        self.elicitation
            .as_ref()
            .is_some_and(|modes| modes.url.is_some())
    }

    /// Whether it asks its model.
    pub fn sampling(&self) -> bool {
        self.sampling.is_some()
    }

    /// Whether its model may be given tools.
    pub fn sampling_tools(&self) -> bool {
        self.sampling
            .as_ref()
            .is_some_and(|sampling| sampling.tools.is_some())
    }

    /// Whether it includes servers' context in prompts.
    pub fn sampling_context(&self) -> bool {
        self.sampling
            .as_ref()
            .is_some_and(|sampling| sampling.context.is_some())
    }

    /// Whether it lists its roots.
    pub fn roots(&self) -> bool {
        self.roots.is_some()
    }

    /// The settings of an extension it supports; `{}` when it has none.
    pub fn extension(&self, id: &str) -> Option<&Value> {
        self.extensions.as_ref()?.get(id)
    }

    /// Declares that it lists its roots.
    #[must_use]
    pub fn with_roots(mut self) -> Self {
        self.roots.get_or_insert_default();
        self
    }

    /// Declares that it asks its model.
    #[must_use]
    pub fn with_sampling(mut self) -> Self {
        self.sampling.get_or_insert_default();
        self
    }

    /// Declares that its model may be given tools.
    #[must_use]
    pub fn with_sampling_tools(mut self) -> Self {
        self.sampling
            .get_or_insert_default()
            .tools
            .get_or_insert_default();
        self
    }

    /// Declares that it shows forms.
    #[must_use]
    pub fn with_elicitation_form(mut self) -> Self {
        self.elicitation
            .get_or_insert_default()
            .form
            .get_or_insert_default();
        self
    }

    /// Declares that it sends its user to URLs.
    #[must_use]
    pub fn with_elicitation_url(mut self) -> Self {
        self.elicitation
            .get_or_insert_default()
            .url
            .get_or_insert_default();
        self
    }

    /// Declares an extension.
    #[must_use]
    pub fn with_extension(mut self, id: impl Into<String>, settings: Map<String, Value>) -> Self {
        self.extensions
            .get_or_insert_default()
            .insert(id.into(), settings.into());
        self
    }
}

/// How a client lists its roots.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RootsCapability {
    /// Whether it says when they change (until 2025-11-25).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_changed: Option<bool>,
}

/// How a client asks its model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SamplingCapability {
    /// It includes servers' context (deprecated, SEP-2596).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Settings>,
    /// It gives the model tools (since 2025-11-25).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<Settings>,
}

/// How a client asks its user.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ElicitationCapability {
    /// With forms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Settings>,
    /// By sending them to URLs (since 2025-11-25).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Settings>,
}

/// What a server offers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ServerCapabilities {
    /// It has tools.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<ToolsCapability>,
    /// It has resources.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<ResourcesCapability>,
    /// It has prompts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompts: Option<PromptsCapability>,
    /// It completes arguments (since 2025-03-26).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completions: Option<Settings>,
    /// It sends log messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logging: Option<Settings>,
    /// It runs requests as tasks (2025-11-25).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tasks: Option<Settings>,
    /// Extensions by id, with their settings (SEP-2133, since 2026-07-28).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extensions: Option<Map<String, Value>>,
    /// Capabilities outside the specification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experimental: Option<Map<String, Value>>,
}

impl ServerCapabilities {
    /// The settings of an extension it supports; `{}` when it has none.
    pub fn extension(&self, id: &str) -> Option<&Value> {
        self.extensions.as_ref()?.get(id)
    }
}

/// How a server offers tools.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ToolsCapability {
    /// Whether it says when the list changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_changed: Option<bool>,
}

/// How a server offers prompts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PromptsCapability {
    /// Whether it says when the list changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_changed: Option<bool>,
}

/// How a server offers resources.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ResourcesCapability {
    /// Whether it says when a subscribed resource changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscribe: Option<bool>,
    /// Whether it says when the list changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_changed: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elicitation_without_a_mode_means_forms_only() {
        for (text, form, url) in [
            (r"{}", false, false),
            (r#"{"elicitation":null}"#, false, false),
            (r#"{"elicitation":{}}"#, true, false),
            (r#"{"elicitation":{"form":{}}}"#, true, false),
            (r#"{"elicitation":{"url":{}}}"#, false, true),
            (r#"{"elicitation":{"form":{},"url":{}}}"#, true, true),
        ] {
            let capabilities: ClientCapabilities = serde_json::from_str(text).unwrap();
            assert_eq!(capabilities.elicitation_form(), form, "{text}");
            assert_eq!(capabilities.elicitation_url(), url, "{text}");
        }
    }

    #[test]
    fn presence_round_trips() {
        for text in [
            r#"{"roots":{"listChanged":true},"sampling":{"tools":{}},"extensions":{"a/b":{"k":[1]}}}"#,
            r#"{"roots":{},"sampling":{},"experimental":{"x":{}}}"#,
        ] {
            let capabilities: ClientCapabilities = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&capabilities).unwrap(), text);
        }
        let text = r#"{"tools":{"listChanged":true},"resources":{"subscribe":true},"prompts":{},"completions":{},"logging":{}}"#;
        let capabilities: ServerCapabilities = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&capabilities).unwrap(), text);
    }
}
