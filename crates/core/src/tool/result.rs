//! What a tool answers, and how it is written.

use std::borrow::Cow;

use serde::Serialize;

use crate::protocol::{Content, Meta};
use crate::schema::raw::{escape_into, quote, quoted_len, unescape};
use crate::wire::{json_len, write_json};
use crate::{Error, Result};

/// What a tool answers: content for the model, structured content for programs, or a failure.
///
/// Handlers rarely make one: whatever they return becomes one. It is what middleware sees.
///
/// ```
/// use purlin_core::ToolResult;
///
/// let mut result = ToolResult::text("42 is the answer");
/// assert_eq!(result.as_text(), "42 is the answer");
/// result.set_text("42");
/// assert_eq!(result.as_text(), "42");
/// ```
#[derive(Clone, Debug, Default)]
pub struct ToolResult {
    content: Blocks,
    /// JSON text. Not shrunk to a box: that costs more than the spare bytes.
    structured: Option<String>,
    is_error: bool,
    meta: Option<Box<Meta>>,
}

/// Content, in the form that is cheapest to write.
#[derive(Clone, Debug)]
enum Blocks {
    /// One text block, already a JSON string.
    Literal(String),
    /// One text block, the text of the structured content.
    Mirror,
    /// Any blocks.
    List(Vec<Content>),
}

impl Default for Blocks {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

/// How structured content is written, which depends on the revision spoken and on the tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StructuredShape {
    /// Not at all (before 2025-06-18).
    None,
    /// Objects as they are, everything else as `{"result": …}` (until 2025-11-25).
    Object,
    /// As it is (since 2026-07-28).
    Any,
    /// Always as `{"result": …}`: the tool declared a schema of which not all values are objects.
    Wrapped,
    /// As it is, and always: the tool declared a schema.
    Declared,
}

impl ToolResult {
    /// A result without content.
    pub fn new() -> Self {
        Self::default()
    }

    /// One text block.
    pub fn text(text: impl AsRef<str>) -> Self {
        Self::literal(quote(text.as_ref()))
    }

    /// The tool failed, in words for the model.
    pub fn error(text: impl AsRef<str>) -> Self {
        Self {
            is_error: true,
            ..Self::text(text)
        }
    }

    /// Structured content, mirrored as text for clients that do not read it.
    ///
    /// # Errors
    /// When the value cannot be serialised as JSON.
    pub fn structured<T: Serialize + ?Sized>(value: &T) -> Result<Self> {
        let json = serde_json::to_string(value).map_err(Error::internal)?;
        Ok(Self {
            content: Blocks::Mirror,
            structured: Some(json),
            ..Self::default()
        })
    }

    /// The JSON of any value: a string is text, `null` is nothing, all else is structured.
    pub(crate) fn from_json(json: String) -> Self {
        match json.as_bytes().first() {
            Some(b'"') => Self::literal(json),
            Some(b'n') => Self::default(),
            _ => Self {
                content: Blocks::Mirror,
                structured: Some(json),
                ..Self::default()
            },
        }
    }

    fn literal(json: String) -> Self {
        Self {
            content: Blocks::Literal(json),
            ..Self::default()
        }
    }

    /// Adds a block of content.
    #[must_use]
    pub fn with_content(mut self, content: impl Into<Content>) -> Self {
        self.content_mut().push(content.into());
        self
    }

    /// Sets metadata.
    #[must_use]
    pub fn with_meta(mut self, meta: Meta) -> Self {
        self.meta = Some(Box::new(meta));
        self
    }

    /// Sets structured content and leaves the blocks as they are.
    ///
    /// # Errors
    /// When the value cannot be serialised as JSON.
    pub fn with_structured<T: Serialize + ?Sized>(mut self, value: &T) -> Result<Self> {
        let json = serde_json::to_string(value).map_err(Error::internal)?;
        self.content_mut();
        self.structured = Some(json);
        Ok(self)
    }

    /// Whether the tool failed.
    pub fn is_error(&self) -> bool {
        self.is_error
    }

    /// Says whether the tool failed.
    pub fn set_error(&mut self, is_error: bool) {
        self.is_error = is_error;
    }

    /// The text blocks, joined by newlines.
    pub fn as_text(&self) -> Cow<'_, str> {
        match &self.content {
            Blocks::Literal(json) => unescape(json),
            Blocks::Mirror => Cow::Borrowed(self.structured_json().unwrap_or_default()),
            Blocks::List(blocks) => {
                let mut texts = blocks.iter().filter_map(Content::as_text);
                let first = texts.next().unwrap_or_default();
                texts.fold(Cow::Borrowed(first), |joined, text| joined + "\n" + text)
            }
        }
    }

    /// Replaces all blocks by one text. Structured content stays.
    pub fn set_text(&mut self, text: impl AsRef<str>) {
        self.content = Blocks::Literal(quote(text.as_ref()));
    }

    /// The blocks of content.
    pub fn content(&self) -> Cow<'_, [Content]> {
        match &self.content {
            Blocks::List(blocks) => Cow::Borrowed(blocks),
            Blocks::Literal(_) | Blocks::Mirror => Cow::Owned(vec![Content::text(self.as_text())]),
        }
    }

    /// The blocks of content, to be changed.
    pub fn content_mut(&mut self) -> &mut Vec<Content> {
        if !matches!(self.content, Blocks::List(_)) {
            self.content = Blocks::List(self.content().into_owned());
        }
        match &mut self.content {
            Blocks::List(blocks) => blocks,
            Blocks::Literal(_) | Blocks::Mirror => unreachable!("made a list above"),
        }
    }

    /// The structured content, as JSON text.
    pub fn structured_json(&self) -> Option<&str> {
        self.structured.as_deref()
    }

    /// Replaces or removes the structured content. Its text mirror stays as it was.
    ///
    /// # Errors
    /// When the value cannot be serialised as JSON.
    pub fn set_structured<T: Serialize + ?Sized>(&mut self, value: Option<&T>) -> Result<()> {
        let json = value
            .map(serde_json::to_string)
            .transpose()
            .map_err(Error::internal)?;
        if matches!(self.content, Blocks::Mirror) {
            self.content_mut();
        }
        self.structured = json;
        Ok(())
    }

    /// The metadata.
    pub fn meta(&self) -> Option<&Meta> {
        self.meta.as_deref()
    }

    /// The metadata, to be changed.
    pub fn meta_mut(&mut self) -> &mut Meta {
        self.meta.get_or_insert_default()
    }

    /// How many bytes its content and structured content take as JSON, however it
    /// is framed: what a cache, a quota or a limit counts.
    ///
    /// ```
    /// use purlin_core::ToolResult;
    ///
    /// assert_eq!(ToolResult::text("four").encoded_len(), r#""four""#.len());
    /// ```
    pub fn encoded_len(&self) -> usize {
        let structured = self.structured.as_ref().map_or(0, String::len);
        structured
            + match &self.content {
                Blocks::Literal(json) => json.len(),
                Blocks::Mirror => quoted_len(self.structured_json().unwrap_or_default()),
                Blocks::List(blocks) => json_len(blocks),
            }
    }

    /// The blocks that are more than one text.
    pub(crate) fn blocks_mut(&mut self) -> &mut [Content] {
        match &mut self.content {
            Blocks::List(blocks) => blocks,
            Blocks::Literal(_) | Blocks::Mirror => &mut [],
        }
    }

    /// Writes the members of the result, without braces: `"content":[…],"structuredContent":…`.
    #[doc(hidden)]
    pub fn write(&self, out: &mut Vec<u8>, shape: StructuredShape) {
        self.write_content(out);
        if let Some(json) = self.structured_for(shape) {
            out.extend_from_slice(br#","structuredContent":"#);
            let wrap = match shape {
                StructuredShape::Wrapped => true,
                StructuredShape::Object => !json.starts_with('{'),
                StructuredShape::None | StructuredShape::Any | StructuredShape::Declared => false,
            };
            if wrap {
                out.extend_from_slice(br#"{"result":"#);
            }
            out.extend_from_slice(json.as_bytes());
            if wrap {
                out.push(b'}');
            }
        }
        if self.is_error {
            out.extend_from_slice(br#","isError":true"#);
        }
        if let Some(meta) = self.meta.as_deref().filter(|meta| !meta.is_empty()) {
            out.extend_from_slice(br#","_meta":"#);
            write_json(out, meta);
        }
    }

    /// Whether the only block is the text of the structured content.
    pub fn is_mirrored(&self) -> bool {
        matches!(self.content, Blocks::Mirror)
    }

    /// About how many bytes [`write`](Self::write) takes.
    pub(crate) fn size_hint(&self) -> usize {
        const FRAME: usize = 96;
        let structured = self.structured.as_ref().map_or(0, String::len);
        let content = match &self.content {
            Blocks::Literal(json) => 2 * json.len(),
            // The mirror is escaped: every quote takes two bytes.
            Blocks::Mirror => structured + structured / 4,
            Blocks::List(blocks) => 256 * blocks.len(),
        };
        FRAME + structured + content
    }

    fn write_content(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(br#""content":["#);
        match &self.content {
            Blocks::Literal(json) => {
                out.extend_from_slice(br#"{"type":"text","text":"#);
                out.extend_from_slice(json.as_bytes());
                out.push(b'}');
            }
            Blocks::Mirror => {
                out.extend_from_slice(br#"{"type":"text","text":""#);
                escape_into(out, self.structured_json().unwrap_or_default());
                out.extend_from_slice(br#""}"#);
            }
            Blocks::List(blocks) => {
                for (index, block) in blocks.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    write_json(out, block);
                }
            }
        }
        out.push(b']');
    }

    /// The structured content as this shape wants it, before any wrapping.
    fn structured_for(&self, shape: StructuredShape) -> Option<&str> {
        match (shape, &self.structured, &self.content) {
            (StructuredShape::None, ..) => None,
            (_, Some(json), _) => Some(json),
            (StructuredShape::Object | StructuredShape::Any, None, _) => None,
            // A declared schema must be met by every success, also where the value is a text or
            // nothing, which would otherwise not be structured.
            _ if self.is_error => None,
            (_, None, Blocks::Literal(json)) => Some(json),
            (_, None, Blocks::List(blocks)) if blocks.is_empty() => Some("null"),
            _ => None,
        }
    }
}

impl From<Content> for ToolResult {
    fn from(content: Content) -> Self {
        Self::from_iter([content])
    }
}

impl FromIterator<Content> for ToolResult {
    fn from_iter<I: IntoIterator<Item = Content>>(blocks: I) -> Self {
        Self {
            content: Blocks::List(blocks.into_iter().collect()),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(result: &ToolResult, shape: StructuredShape, expected: &str) {
        let mut out = Vec::new();
        result.write(&mut out, shape);
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, expected);
        serde_json::from_str::<serde_json::Value>(&format!("{{{text}}}")).unwrap();
    }

    #[test]
    fn text_is_written_once() {
        let result = ToolResult::text("a \"b\"\n");
        for shape in [
            StructuredShape::None,
            StructuredShape::Object,
            StructuredShape::Any,
        ] {
            check(
                &result,
                shape,
                r#""content":[{"type":"text","text":"a \"b\"\n"}]"#,
            );
        }
        check(
            &result,
            StructuredShape::Declared,
            r#""content":[{"type":"text","text":"a \"b\"\n"}],"structuredContent":"a \"b\"\n""#,
        );
    }

    #[test]
    fn structured_content_is_mirrored_and_shaped() {
        let object = ToolResult::structured(&json!({"a": "b"})).unwrap();
        let mirror = r#""content":[{"type":"text","text":"{\"a\":\"b\"}"}]"#;
        check(&object, StructuredShape::None, mirror);
        for shape in [
            StructuredShape::Object,
            StructuredShape::Any,
            StructuredShape::Declared,
        ] {
            check(
                &object,
                shape,
                &format!(r#"{mirror},"structuredContent":{{"a":"b"}}"#),
            );
        }
        check(
            &object,
            StructuredShape::Wrapped,
            &format!(r#"{mirror},"structuredContent":{{"result":{{"a":"b"}}}}"#),
        );
        let number = ToolResult::structured(&3).unwrap();
        let mirror = r#""content":[{"type":"text","text":"3"}]"#;
        check(
            &number,
            StructuredShape::Any,
            &format!(r#"{mirror},"structuredContent":3"#),
        );
        check(
            &number,
            StructuredShape::Object,
            &format!(r#"{mirror},"structuredContent":{{"result":3}}"#),
        );
    }

    #[test]
    fn nothing_is_empty_content_and_null_where_a_schema_asks() {
        let nothing = ToolResult::from_json("null".to_owned());
        check(&nothing, StructuredShape::Any, r#""content":[]"#);
        check(
            &nothing,
            StructuredShape::Declared,
            r#""content":[],"structuredContent":null"#,
        );
        check(
            &nothing,
            StructuredShape::Wrapped,
            r#""content":[],"structuredContent":{"result":null}"#,
        );
    }

    #[test]
    fn a_failure_needs_no_structured_content() {
        check(
            &ToolResult::error("no"),
            StructuredShape::Declared,
            r#""content":[{"type":"text","text":"no"}],"isError":true"#,
        );
    }

    #[test]
    fn blocks_can_be_added_to_any_form() {
        let result = ToolResult::structured(&[1])
            .unwrap()
            .with_content(Content::text("more"))
            .with_meta(Meta::new().with("k", 1));
        check(
            &result,
            StructuredShape::Any,
            r#""content":[{"type":"text","text":"[1]"},{"type":"text","text":"more"}],"structuredContent":[1],"_meta":{"k":1}"#,
        );
        assert_eq!(result.as_text(), "[1]\nmore");
    }
}
