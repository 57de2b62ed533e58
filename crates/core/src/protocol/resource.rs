//! Resources: what is listed, templates for what cannot be, and contents.

use serde::de::Error;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::media::{self, InvalidBase64};
use super::page::page;
use super::{Annotations, CacheScope, Icon, Meta, lenient};

/// A resource a server can read; also the body of a resource link.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Resource {
    /// Where it is.
    pub uri: String,
    /// Programmatic name.
    pub name: String,
    /// Name to show to people (since 2025-06-18).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it is, for the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// Its size in bytes, before base64.
    #[serde(
        default,
        deserialize_with = "lenient::count",
        skip_serializing_if = "Option::is_none"
    )]
    pub size: Option<u64>,
    /// Icons to choose from (since 2025-11-25).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icons: Option<Vec<Icon>>,
    /// Hints for the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<Annotations>,
    /// Metadata.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

impl Resource {
    /// A resource at a URI, with its programmatic name.
    pub fn new(uri: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            uri: uri.into(),
            name: name.into(),
            ..Self::default()
        }
    }

    /// Sets the name to show to people.
    #[must_use]
    pub fn with_title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Says what it is.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets the media type.
    #[must_use]
    pub fn with_mime_type(mut self, mime_type: impl Into<String>) -> Self {
        self.mime_type = Some(mime_type.into());
        self
    }

    /// Sets the size in bytes.
    #[must_use]
    pub fn with_size(mut self, bytes: u64) -> Self {
        self.size = Some(bytes);
        self
    }

    /// Adds an icon.
    #[must_use]
    pub fn with_icon(mut self, icon: Icon) -> Self {
        self.icons.get_or_insert_default().push(icon);
        self
    }

    /// Sets hints for the client.
    #[must_use]
    pub fn with_annotations(mut self, annotations: Annotations) -> Self {
        self.annotations = Some(annotations);
        self
    }

    /// Sets the metadata.
    #[must_use]
    pub fn with_meta(mut self, meta: Meta) -> Self {
        self.meta = Some(meta);
        self
    }
}

/// A URI template (RFC 6570) for resources that cannot be listed one by one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ResourceTemplate {
    /// The template.
    pub uri_template: String,
    /// Programmatic name.
    pub name: String,
    /// Name to show to people (since 2025-06-18).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it stands for, for the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The media type, if all its resources share one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// Icons to choose from (since 2025-11-25).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icons: Option<Vec<Icon>>,
    /// Hints for the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<Annotations>,
    /// Metadata.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

impl ResourceTemplate {
    /// A template with its programmatic name.
    pub fn new(uri_template: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            uri_template: uri_template.into(),
            name: name.into(),
            ..Self::default()
        }
    }
}

/// The contents of a resource: text or bytes, never both.
///
/// ```
/// use purlin_core::protocol::ResourceContents;
///
/// let contents = ResourceContents::text("notes://1", "Buy milk").with_mime_type("text/plain");
/// assert_eq!(contents.as_text(), Some("Buy milk"));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ResourceContents {
    /// Where it was read from.
    pub uri: String,
    /// Its media type.
    pub mime_type: Option<String>,
    /// What was read.
    pub body: ResourceBody,
    /// Metadata.
    pub meta: Option<Meta>,
}

/// What was read from a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourceBody {
    /// Text.
    Text(String),
    /// Bytes, as base64.
    Blob(String),
}

impl ResourceContents {
    /// Text read from a URI.
    pub fn text(uri: impl Into<String>, text: impl Into<String>) -> Self {
        Self::with_body(uri, ResourceBody::Text(text.into()))
    }

    /// Bytes read from a URI, which are encoded here.
    pub fn blob(uri: impl Into<String>, bytes: impl AsRef<[u8]>) -> Self {
        Self::with_body(uri, ResourceBody::Blob(media::encode(bytes)))
    }

    fn with_body(uri: impl Into<String>, body: ResourceBody) -> Self {
        Self {
            uri: uri.into(),
            mime_type: None,
            body,
            meta: None,
        }
    }

    /// Sets the media type.
    #[must_use]
    pub fn with_mime_type(mut self, mime_type: impl Into<String>) -> Self {
        self.mime_type = Some(mime_type.into());
        self
    }

    /// Sets the metadata.
    #[must_use]
    pub fn with_meta(mut self, meta: Meta) -> Self {
        self.meta = Some(meta);
        self
    }

    /// The text, unless these are bytes.
    pub fn as_text(&self) -> Option<&str> {
        match &self.body {
            ResourceBody::Text(text) => Some(text),
            ResourceBody::Blob(_) => None,
        }
    }

    /// The bytes; those of a text are its UTF-8.
    ///
    /// # Errors
    /// When the peer sent something that is not base64.
    pub fn bytes(&self) -> Result<Vec<u8>, InvalidBase64> {
        match &self.body {
            ResourceBody::Text(text) => Ok(text.as_bytes().to_vec()),
            ResourceBody::Blob(blob) => media::decode(blob),
        }
    }
}

impl Serialize for ResourceContents {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("uri", &self.uri)?;
        if let Some(mime_type) = &self.mime_type {
            map.serialize_entry("mimeType", mime_type)?;
        }
        match &self.body {
            ResourceBody::Text(text) => map.serialize_entry("text", text)?,
            ResourceBody::Blob(blob) => map.serialize_entry("blob", blob)?,
        }
        if let Some(meta) = &self.meta {
            map.serialize_entry("_meta", meta)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for ResourceContents {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Wire {
            uri: String,
            mime_type: Option<String>,
            text: Option<String>,
            blob: Option<String>,
            #[serde(rename = "_meta")]
            meta: Option<Meta>,
        }

        let wire = Wire::deserialize(deserializer)?;
        let body = match (wire.text, wire.blob) {
            (Some(text), None) => ResourceBody::Text(text),
            (None, Some(blob)) => ResourceBody::Blob(blob),
            (Some(_), Some(_)) => {
                return Err(D::Error::custom(
                    "resource contents have both `text` and `blob`",
                ));
            }
            (None, None) => {
                return Err(D::Error::custom(
                    "resource contents have neither `text` nor `blob`",
                ));
            }
        };
        Ok(Self {
            uri: wire.uri,
            mime_type: wire.mime_type,
            body,
            meta: wire.meta,
        })
    }
}

page! {
    /// The result of `resources/list`.
    pub struct ListResourcesResult {
        /// This page's resources.
        pub resources: Vec<Resource>,
    }
}

page! {
    /// The result of `resources/templates/list`.
    pub struct ListResourceTemplatesResult {
        /// This page's templates.
        pub resource_templates: Vec<ResourceTemplate>,
    }
}

/// The result of `resources/read`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ReadResourceResult {
    /// What was read; several items when the URI names a collection.
    pub contents: Vec<ResourceContents>,
    /// How long it stays fresh, in milliseconds (since 2026-07-28).
    #[serde(
        default,
        deserialize_with = "lenient::count",
        skip_serializing_if = "Option::is_none"
    )]
    pub ttl_ms: Option<u64>,
    /// Who may share it (since 2026-07-28).
    #[serde(
        default,
        deserialize_with = "CacheScope::lenient",
        skip_serializing_if = "Option::is_none"
    )]
    pub cache_scope: Option<CacheScope>,
    /// Metadata.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_are_text_xor_blob() {
        for text in [r#"{"uri":"a:b"}"#, r#"{"uri":"a:b","text":"","blob":""}"#] {
            assert!(
                serde_json::from_str::<ResourceContents>(text).is_err(),
                "{text}"
            );
        }
        let contents: ResourceContents =
            serde_json::from_str(r#"{"uri":"a:b","text":"","blob":null}"#).unwrap();
        assert_eq!(contents.as_text(), Some(""));
    }

    #[test]
    fn cache_hints_of_peers_are_forgiven() {
        for (text, ttl, scope) in [
            (r#"{"resources":[]}"#, None, None),
            (
                r#"{"resources":[],"ttlMs":-1,"cacheScope":""}"#,
                Some(0),
                None,
            ),
            (
                r#"{"resources":[],"ttlMs":5e3,"cacheScope":"public"}"#,
                Some(5000),
                Some(CacheScope::Public),
            ),
        ] {
            let page: ListResourcesResult = serde_json::from_str(text).unwrap();
            assert_eq!((page.ttl_ms, page.cache_scope), (ttl, scope), "{text}");
        }
    }
}
