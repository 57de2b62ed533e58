//! Sampling: asking the client's model for a message (deprecated since 2026-07-28, SEP-2577).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Content, Meta, Role, Tool, lenient};

/// The parameters of `sampling/createMessage`.
///
/// ```
/// use purlin_core::protocol::CreateMessageParams;
///
/// let params = CreateMessageParams::new(200).with_system_prompt("Be brief.").user("Why is it so?");
/// assert_eq!(params.messages.len(), 1);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CreateMessageParams {
    /// The conversation so far.
    pub messages: Vec<SamplingMessage>,
    /// How many tokens the answer may have at most.
    #[serde(deserialize_with = "lenient::required_count")]
    pub max_tokens: u64,
    /// The system prompt to use; the client may change it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_prompt: Option<String>,
    /// Which model to prefer; advice only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_preferences: Option<ModelPreferences>,
    /// How varied the answer may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Texts at which to stop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_sequences: Option<Vec<String>>,
    /// Parameters for the model's provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
    /// Which servers' context to include.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include_context: Option<IncludeContext>,
    /// Tools the model may use (since 2025-11-25).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<Tool>>,
    /// Whether the model must use them (since 2025-11-25).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_choice: Option<ToolChoice>,
    /// Metadata.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

impl CreateMessageParams {
    /// An empty conversation, whose answer has at most this many tokens.
    pub fn new(max_tokens: u64) -> Self {
        Self {
            max_tokens,
            ..Self::default()
        }
    }

    /// The user says something.
    #[must_use]
    pub fn user(self, content: impl Into<Content>) -> Self {
        self.message(SamplingMessage::new(Role::User, [content]))
    }

    /// The model said something.
    #[must_use]
    pub fn assistant(self, content: impl Into<Content>) -> Self {
        self.message(SamplingMessage::new(Role::Assistant, [content]))
    }

    /// Adds a message.
    #[must_use]
    pub fn message(mut self, message: SamplingMessage) -> Self {
        self.messages.push(message);
        self
    }

    /// Sets the system prompt.
    #[must_use]
    pub fn with_system_prompt(mut self, prompt: impl Into<String>) -> Self {
        self.system_prompt = Some(prompt.into());
        self
    }

    /// Says which model to prefer.
    #[must_use]
    pub fn with_model_preferences(mut self, preferences: ModelPreferences) -> Self {
        self.model_preferences = Some(preferences);
        self
    }

    /// Says how varied the answer may be.
    #[must_use]
    pub fn with_temperature(mut self, temperature: f64) -> Self {
        self.temperature = Some(temperature);
        self
    }

    /// Adds a text at which to stop.
    #[must_use]
    pub fn with_stop_sequence(mut self, sequence: impl Into<String>) -> Self {
        self.stop_sequences
            .get_or_insert_default()
            .push(sequence.into());
        self
    }

    /// Sets a parameter for the model's provider.
    #[must_use]
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.metadata
            .get_or_insert_default()
            .insert(key.into(), value.into());
        self
    }

    /// Says which servers' context to include.
    #[must_use]
    pub fn with_include_context(mut self, include: IncludeContext) -> Self {
        self.include_context = Some(include);
        self
    }

    /// Adds a tool the model may use.
    #[must_use]
    pub fn with_tool(mut self, tool: Tool) -> Self {
        self.tools.get_or_insert_default().push(tool);
        self
    }

    /// Says whether the model must use tools.
    #[must_use]
    pub fn with_tool_choice(mut self, mode: ToolChoiceMode) -> Self {
        self.tool_choice = Some(ToolChoice { mode: Some(mode) });
        self
    }
}

/// A message of a sampling conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SamplingMessage {
    /// Who speaks.
    pub role: Role,
    /// What is said. On the wire one block stands bare, which revisions before 2025-11-25 require.
    #[serde(
        deserialize_with = "lenient::one_or_many",
        serialize_with = "lenient::write_one_or_many"
    )]
    pub content: Vec<Content>,
    /// Metadata (since 2025-11-25).
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

impl SamplingMessage {
    /// A message of one or more blocks.
    pub fn new(role: Role, content: impl IntoIterator<Item = impl Into<Content>>) -> Self {
        Self {
            role,
            content: content.into_iter().map(Into::into).collect(),
            meta: None,
        }
    }
}

/// Which model to prefer. Priorities go from 0 to 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ModelPreferences {
    /// Models by name, best first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hints: Option<Vec<ModelHint>>,
    /// How much a low price matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_priority: Option<f64>,
    /// How much speed matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_priority: Option<f64>,
    /// How much intelligence matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intelligence_priority: Option<f64>,
}

impl ModelPreferences {
    /// No preference.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a model, by a part of its name.
    #[must_use]
    pub fn with_hint(mut self, name: impl Into<String>) -> Self {
        self.hints.get_or_insert_default().push(ModelHint {
            name: Some(name.into()),
        });
        self
    }

    /// Says how much a low price matters.
    #[must_use]
    pub fn with_cost_priority(mut self, priority: f64) -> Self {
        self.cost_priority = Some(priority);
        self
    }

    /// Says how much speed matters.
    #[must_use]
    pub fn with_speed_priority(mut self, priority: f64) -> Self {
        self.speed_priority = Some(priority);
        self
    }

    /// Says how much intelligence matters.
    #[must_use]
    pub fn with_intelligence_priority(mut self, priority: f64) -> Self {
        self.intelligence_priority = Some(priority);
        self
    }
}

/// A model to prefer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ModelHint {
    /// A part of its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Which servers' context to include in the prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum IncludeContext {
    /// None.
    None,
    /// The asking server's (deprecated, SEP-2596).
    ThisServer,
    /// All servers' (deprecated, SEP-2596).
    AllServers,
}

/// Whether the model must use tools.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ToolChoice {
    /// Absent means [`ToolChoiceMode::Auto`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<ToolChoiceMode>,
}

/// Whether the model must use tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ToolChoiceMode {
    /// It decides.
    Auto,
    /// It must use at least one.
    Required,
    /// It must not.
    None,
}

/// The result of `sampling/createMessage`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CreateMessageResult {
    /// Who speaks, which is the model.
    pub role: Role,
    /// What it said. On the wire one block stands bare.
    #[serde(
        deserialize_with = "lenient::one_or_many",
        serialize_with = "lenient::write_one_or_many"
    )]
    pub content: Vec<Content>,
    /// The model that answered.
    pub model: String,
    /// Why it stopped, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_reason: Option<StopReason>,
    /// Metadata.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

impl CreateMessageResult {
    /// What a model said.
    pub fn new(model: impl Into<String>, content: impl Into<Content>) -> Self {
        Self {
            role: Role::Assistant,
            content: vec![content.into()],
            model: model.into(),
            stop_reason: None,
            meta: None,
        }
    }

    /// Says why it stopped.
    #[must_use]
    pub fn with_stop_reason(mut self, reason: StopReason) -> Self {
        self.stop_reason = Some(reason);
        self
    }

    /// The text blocks, joined by newlines.
    pub fn text(&self) -> String {
        self.content
            .iter()
            .filter_map(Content::as_text)
            .collect::<Vec<_>>()
            .join("\n")
    }
}

/// Why a model stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum StopReason {
    /// It had said everything.
    EndTurn,
    /// It came upon a stop sequence.
    StopSequence,
    /// It reached the limit of tokens.
    MaxTokens,
    /// It wants a tool called (since 2025-11-25).
    ToolUse,
    /// A reason of the provider's own.
    #[serde(untagged)]
    Other(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_one_block_or_an_array() {
        let text = |text: &str| format!(r#"{{"type":"text","text":"{text}"}}"#);
        for (content, count, written) in [
            (text("a"), 1, text("a")),
            (format!("[{}]", text("a")), 1, text("a")),
            (
                format!("[{},{}]", text("a"), text("b")),
                2,
                format!("[{},{}]", text("a"), text("b")),
            ),
            ("[]".to_owned(), 0, "[]".to_owned()),
        ] {
            let message: SamplingMessage =
                serde_json::from_str(&format!(r#"{{"role":"user","content":{content}}}"#)).unwrap();
            assert_eq!(message.content.len(), count);
            assert_eq!(
                serde_json::to_string(&message).unwrap(),
                format!(r#"{{"role":"user","content":{written}}}"#),
            );
        }
    }

    #[test]
    fn params_round_trip_in_full() {
        let text = r#"{"messages":[{"role":"user","content":{"type":"text","text":"hi"}}],"maxTokens":5,"systemPrompt":"s","modelPreferences":{"hints":[{"name":"m"}],"costPriority":0.5},"temperature":0.1,"stopSequences":["."],"metadata":{"k":null},"includeContext":"thisServer","tools":[{"name":"t","inputSchema":{"type":"object"}}],"toolChoice":{"mode":"required"}}"#;
        let params: CreateMessageParams = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&params).unwrap(), text);
        let tree: Value = serde_json::from_str(text).unwrap();
        assert_eq!(
            serde_json::from_value::<CreateMessageParams>(tree).unwrap(),
            params
        );
    }

    #[test]
    fn stop_reasons_of_providers_pass_through() {
        for (text, reason) in [
            ("\"endTurn\"", StopReason::EndTurn),
            ("\"refusal\"", StopReason::Other("refusal".to_owned())),
        ] {
            assert_eq!(serde_json::from_str::<StopReason>(text).unwrap(), reason);
            assert_eq!(serde_json::to_string(&reason).unwrap(), text);
        }
    }
}
