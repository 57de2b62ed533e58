//! Tools: how they are listed, and what calling one returned.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::page::page;
use super::{Content, Icon, Meta, RawJson, Schema, lenient};

/// A tool, as listed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Tool {
    /// The name it is called by.
    pub name: String,
    /// Name to show to people (since 2025-06-18).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it does, for the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Icons to choose from (since 2025-11-25).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icons: Option<Vec<Icon>>,
    /// The schema of its arguments.
    pub input_schema: Schema,
    /// The schema of its structured result (since 2025-06-18).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_schema: Option<Schema>,
    /// Hints about its behaviour (since 2025-03-26).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<ToolAnnotations>,
    /// How it may be run (2025-11-25).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution: Option<ToolExecution>,
    /// Metadata.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

impl Tool {
    /// A tool with a name and the schema of its arguments.
    pub fn new(name: impl Into<String>, input_schema: Schema) -> Self {
        Self {
            name: name.into(),
            title: None,
            description: None,
            icons: None,
            input_schema,
            output_schema: None,
            annotations: None,
            execution: None,
            meta: None,
        }
    }

    /// Sets the name to show to people.
    #[must_use]
    pub fn with_title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Says what it does.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets the schema of its structured result.
    #[must_use]
    pub fn with_output_schema(mut self, schema: Schema) -> Self {
        self.output_schema = Some(schema);
        self
    }

    /// Sets hints about its behaviour.
    #[must_use]
    pub fn with_annotations(mut self, annotations: ToolAnnotations) -> Self {
        self.annotations = Some(annotations);
        self
    }

    /// What to show to people: the title, else the annotations' title, else the name.
    pub fn display_name(&self) -> &str {
        let annotated = || self.annotations.as_ref()?.title.as_deref();
        self.title
            .as_deref()
            .or_else(annotated)
            .unwrap_or(&self.name)
    }
}

/// Hints about a tool's behaviour. A client must not trust those of a server it does not trust.
///
/// Absent hints have defaults: a tool may write, destroy, differ when repeated, and reach out.
///
/// ```
/// use purlin_core::protocol::ToolAnnotations;
///
/// let hints = ToolAnnotations::new().with_read_only(true).with_open_world(false);
/// assert_eq!(hints.read_only_hint, Some(true));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ToolAnnotations {
    /// Name to show to people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// It changes nothing. Default: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_only_hint: Option<bool>,
    /// It may destroy, not merely add; meaningful unless read-only. Default: true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destructive_hint: Option<bool>,
    /// Repeating it changes nothing more; meaningful unless read-only. Default: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotent_hint: Option<bool>,
    /// It deals with an open world, such as the web. Default: true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_world_hint: Option<bool>,
}

impl ToolAnnotations {
    /// No hints.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name to show to people.
    #[must_use]
    pub fn with_title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Says whether it changes nothing.
    #[must_use]
    pub fn with_read_only(mut self, hint: bool) -> Self {
        self.read_only_hint = Some(hint);
        self
    }

    /// Says whether it may destroy.
    #[must_use]
    pub fn with_destructive(mut self, hint: bool) -> Self {
        self.destructive_hint = Some(hint);
        self
    }

    /// Says whether repeating it changes nothing more.
    #[must_use]
    pub fn with_idempotent(mut self, hint: bool) -> Self {
        self.idempotent_hint = Some(hint);
        self
    }

    /// Says whether it deals with an open world.
    #[must_use]
    pub fn with_open_world(mut self, hint: bool) -> Self {
        self.open_world_hint = Some(hint);
        self
    }
}

/// How a tool may be run (2025-11-25).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ToolExecution {
    /// Whether it may run as a task; absent means it must not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_support: Option<TaskSupport>,
}

impl ToolExecution {
    /// Says whether it may run as a task.
    pub fn new(task_support: TaskSupport) -> Self {
        Self {
            task_support: Some(task_support),
        }
    }
}

/// Whether a tool may run as a task (2025-11-25).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum TaskSupport {
    /// It must not.
    Forbidden,
    /// It may.
    Optional,
    /// It must.
    Required,
    /// An answer this version does not know.
    #[serde(untagged)]
    Other(String),
}

/// What calling a tool returned, as the caller sees it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CallToolResult {
    /// What it returned, for the model.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub content: Vec<Content>,
    /// What it returned, structured (since 2025-06-18). The value `null` is not absence.
    #[serde(
        default,
        deserialize_with = "lenient::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub structured_content: Option<RawJson>,
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

impl CallToolResult {
    /// A success with this content.
    pub fn new(content: impl IntoIterator<Item = impl Into<Content>>) -> Self {
        Self {
            content: content.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }

    /// The text blocks, joined by newlines.
    pub fn text(&self) -> String {
        self.content
            .iter()
            .filter_map(Content::as_text)
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Decodes the structured content; `None` when there is none.
    ///
    /// # Errors
    /// When it does not have the shape of `T`.
    pub fn structured<T: DeserializeOwned>(&self) -> serde_json::Result<Option<T>> {
        self.structured_content
            .as_ref()
            .map(RawJson::decode)
            .transpose()
    }
}

page! {
    /// The result of `tools/list`.
    pub struct ListToolsResult {
        /// This page's tools.
        pub tools: Vec<Tool>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structured_null_is_a_value_and_absence_is_none() {
        for (text, raw) in [
            (r#"{"content":[]}"#, None),
            (r#"{"content":[],"structuredContent":null}"#, Some("null")),
            (
                r#"{"content":[],"structuredContent":{"b":1.0, "a":2}}"#,
                Some(r#"{"b":1.0, "a":2}"#),
            ),
            (
                r#"{"content":[],"structuredContent":[0],"isError":true}"#,
                Some("[0]"),
            ),
        ] {
            let result: CallToolResult = serde_json::from_str(text).unwrap();
            assert_eq!(result.structured_content.as_ref().map(RawJson::get), raw);
            assert_eq!(serde_json::to_string(&result).unwrap(), text);
        }
    }

    #[test]
    fn a_list_passes_schemas_through_and_keeps_an_empty_cursor() {
        let text = r#"{"tools":[{"name":"t","inputSchema":{"type":"object","properties":{"z":{},"a":{}}}}],"nextCursor":""}"#;
        let page: ListToolsResult = serde_json::from_str(text).unwrap();
        assert_eq!(page.next_cursor.as_deref(), Some(""));
        assert_eq!(serde_json::to_string(&page).unwrap(), text);
    }

    #[test]
    fn unknown_and_null_members_are_forgiven() {
        let tool: Tool = serde_json::from_str(
            r#"{"name":"t","inputSchema":{},"title":null,"later":[],"execution":{"taskSupport":"maybe"}}"#,
        )
        .unwrap();
        assert_eq!(tool.display_name(), "t");
        let support = tool.execution.unwrap().task_support;
        assert_eq!(support, Some(TaskSupport::Other("maybe".to_owned())));
    }
}
