//! Content blocks: what tools return, prompts say, and sampling exchanges.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::lenient;
use super::{Annotations, MediaContent, Meta, Resource, ResourceContents};

/// A block of content, told apart by its `type`.
///
/// ```
/// use purlin_core::protocol::Content;
///
/// let content = Content::image([0x89, b'P'], "image/png");
/// assert_eq!(
///     serde_json::to_string(&content).unwrap(),
///     r#"{"type":"image","data":"iVA=","mimeType":"image/png"}"#,
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Content {
    /// Text.
    Text(TextContent),
    /// An image.
    Image(MediaContent),
    /// A sound (since 2025-03-26).
    Audio(MediaContent),
    /// A resource with its contents.
    Resource(EmbeddedResource),
    /// A resource to be read on demand (since 2025-06-18).
    ResourceLink(Box<Resource>),
    /// The model wants a tool called; in sampling only (since 2025-11-25).
    ToolUse(ToolUseContent),
    /// What the tool returned; in sampling only (since 2025-11-25).
    ToolResult(ToolResultContent),
    /// A block of a type this version does not know, as it came.
    #[serde(untagged)]
    Other(Map<String, Value>),
}

impl Content {
    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(TextContent {
            text: text.into(),
            annotations: None,
            meta: None,
        })
    }

    /// An image from its bytes, which are encoded here.
    pub fn image(bytes: impl AsRef<[u8]>, mime_type: impl Into<String>) -> Self {
        Self::Image(MediaContent::new(bytes, mime_type))
    }

    /// A sound from its bytes, which are encoded here.
    pub fn audio(bytes: impl AsRef<[u8]>, mime_type: impl Into<String>) -> Self {
        Self::Audio(MediaContent::new(bytes, mime_type))
    }

    /// A resource with its contents.
    pub fn resource(contents: ResourceContents) -> Self {
        Self::Resource(EmbeddedResource {
            resource: contents,
            annotations: None,
            meta: None,
        })
    }

    /// A resource to be read on demand. Use a [`Resource`] to say more about it.
    pub fn link(uri: impl Into<String>, name: impl Into<String>) -> Self {
        Resource::new(uri, name).into()
    }

    /// Hints for the client. Tool use and tool results carry none, and are left as they are.
    #[must_use]
    pub fn with_annotations(mut self, annotations: Annotations) -> Self {
        match &mut self {
            Self::Text(text) => text.annotations = Some(annotations),
            Self::Image(media) | Self::Audio(media) => media.annotations = Some(annotations),
            Self::Resource(resource) => resource.annotations = Some(annotations),
            Self::ResourceLink(link) => link.annotations = Some(annotations),
            Self::ToolUse(_) | Self::ToolResult(_) | Self::Other(_) => {}
        }
        self
    }

    /// Sets the block's metadata.
    #[must_use]
    pub fn with_meta(mut self, meta: Meta) -> Self {
        match &mut self {
            Self::Text(text) => text.meta = Some(meta),
            Self::Image(media) | Self::Audio(media) => media.meta = Some(meta),
            Self::Resource(resource) => resource.meta = Some(meta),
            Self::ResourceLink(link) => link.meta = Some(meta),
            Self::ToolUse(tool_use) => tool_use.meta = Some(meta),
            Self::ToolResult(result) => result.meta = Some(meta),
            Self::Other(block) => {
                block.insert("_meta".to_owned(), meta.into_map().into());
            }
        }
        self
    }

    /// The text, when this is a text block.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(&text.text),
            _ => None,
        }
    }

    /// The image or sound, when this is one.
    pub fn as_media(&self) -> Option<&MediaContent> {
        match self {
            Self::Image(media) | Self::Audio(media) => Some(media),
            _ => None,
        }
    }

    /// The contents, when this is an embedded resource.
    pub fn as_resource(&self) -> Option<&ResourceContents> {
        match self {
            Self::Resource(embedded) => Some(&embedded.resource),
            _ => None,
        }
    }
}

/// Reads the block by its `type`, so that a block with a known type and a missing member is an
/// error that names the member, never a block of another type.
impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let block = Map::<String, Value>::deserialize(deserializer)?;
        let Some(kind) = block.get("type").and_then(Value::as_str) else {
            return Err(D::Error::missing_field("type"));
        };
        match kind {
            "text" => read(block).map(Self::Text),
            "image" => read(block).map(Self::Image),
            "audio" => read(block).map(Self::Audio),
            "resource" => read(block).map(Self::Resource),
            "resource_link" => read(block).map(Self::ResourceLink),
            "tool_use" => read(block).map(Self::ToolUse),
            "tool_result" => read(block).map(Self::ToolResult),
            _ => return Ok(Self::Other(block)),
        }
        .map_err(D::Error::custom)
    }
}

fn read<T: for<'a> Deserialize<'a>>(block: Map<String, Value>) -> serde_json::Result<T> {
    T::deserialize(Value::Object(block))
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<ResourceContents> for Content {
    fn from(contents: ResourceContents) -> Self {
        Self::resource(contents)
    }
}

impl From<EmbeddedResource> for Content {
    fn from(resource: EmbeddedResource) -> Self {
        Self::Resource(resource)
    }
}

impl From<Resource> for Content {
    fn from(resource: Resource) -> Self {
        Self::ResourceLink(Box::new(resource))
    }
}

/// Text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TextContent {
    /// The text.
    pub text: String,
    /// Hints for the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<Annotations>,
    /// Metadata.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

/// A resource with its contents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EmbeddedResource {
    /// The contents.
    pub resource: ResourceContents,
    /// Hints for the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<Annotations>,
    /// Metadata.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

/// The model wants a tool called (SEP-1577).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ToolUseContent {
    /// Identifies this use, for the result to answer.
    pub id: String,
    /// The tool.
    pub name: String,
    /// Its arguments.
    #[serde(default)]
    pub input: Map<String, Value>,
    /// Metadata.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

impl ToolUseContent {
    /// A use of a tool.
    pub fn new(id: impl Into<String>, name: impl Into<String>, input: Map<String, Value>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            input,
            meta: None,
        }
    }
}

impl From<ToolUseContent> for Content {
    fn from(tool_use: ToolUseContent) -> Self {
        Self::ToolUse(tool_use)
    }
}

/// What a tool the model wanted returned (SEP-1577).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ToolResultContent {
    /// The [`ToolUseContent::id`] this answers.
    pub tool_use_id: String,
    /// What it returned.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub content: Vec<Content>,
    /// What it returned, structured. `Some(Value::Null)` is the value `null`.
    #[serde(
        default,
        deserialize_with = "lenient::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub structured_content: Option<Value>,
    /// Whether the tool failed.
    #[serde(
        default,
        deserialize_with = "lenient::or_default",
        skip_serializing_if = "lenient::is_false"
    )]
    pub is_error: bool,
    /// Metadata.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

impl ToolResultContent {
    /// A result of the tool use with this id.
    pub fn new(
        tool_use_id: impl Into<String>,
        content: impl IntoIterator<Item = impl Into<Content>>,
    ) -> Self {
        Self {
            tool_use_id: tool_use_id.into(),
            content: content.into_iter().map(Into::into).collect(),
            structured_content: None,
            is_error: false,
            meta: None,
        }
    }
}

impl From<ToolResultContent> for Content {
    fn from(result: ToolResultContent) -> Self {
        Self::ToolResult(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) {
        let content: Content = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&content).unwrap(), text);
    }

    #[test]
    fn every_kind_round_trips() {
        check(r#"{"type":"text","text":"hi"}"#);
        check(
            r#"{"type":"text","text":"hi","annotations":{"audience":["user"],"priority":0.5},"_meta":{"k":1}}"#,
        );
        check(r#"{"type":"image","data":"AAEC","mimeType":"image/png"}"#);
        check(r#"{"type":"audio","data":"AAEC","mimeType":"audio/wav"}"#);
        check(
            r#"{"type":"resource","resource":{"uri":"a://b","mimeType":"text/plain","text":""}}"#,
        );
        check(r#"{"type":"resource","resource":{"uri":"a://b","blob":"AAEC"}}"#);
        check(r#"{"type":"resource_link","uri":"a://b","name":"b","size":3}"#);
        check(r#"{"type":"tool_use","id":"1","name":"add","input":{"a":1}}"#);
        check(r#"{"type":"tool_result","toolUseId":"1","content":[{"type":"text","text":"2"}]}"#);
        check(r#"{"type":"tool_result","toolUseId":"1","content":[],"structuredContent":null}"#);
    }

    #[test]
    fn a_block_of_an_unknown_type_passes_through() {
        let text = r#"{"frames":[1],"type":"video"}"#;
        let content: Content = serde_json::from_str(text).unwrap();
        assert!(matches!(content, Content::Other(_)));
        assert_eq!(serde_json::to_string(&content).unwrap(), text);
    }

    #[test]
    fn a_known_type_with_a_missing_member_is_an_error() {
        for (text, missing) in [
            (r#"{"type":"text"}"#, "text"),
            (r#"{"text":"hi"}"#, "type"),
            (r#"{"type":"image","data":""}"#, "mimeType"),
        ] {
            let error = serde_json::from_str::<Content>(text)
                .unwrap_err()
                .to_string();
            assert!(
                error.contains(&format!("missing field `{missing}`")),
                "{error}"
            );
        }
    }

    #[test]
    fn bodies_decode_with_and_without_padding() {
        let media = MediaContent::new([1, 2, 3, 4], "image/png");
        assert_eq!(media.data, "AQIDBA==");
        assert_eq!(media.bytes().unwrap(), [1, 2, 3, 4]);
        assert_eq!(super::super::media::decode("AQIDBA").unwrap(), [1, 2, 3, 4]);
        assert!(super::super::media::decode("?").is_err());
    }
}
