//! What reading a resource gives, and how it is written.

use serde::Serialize;

use crate::protocol::{Meta, ResourceContents};
use crate::wire::{json_len, write_json};
use crate::{Error, Result};

/// What reading a resource gives.
///
/// Contents without a URI or a media type get those of the resource.
///
/// ```
/// use purlin_core::ResourceResult;
///
/// let result = ResourceResult::text("# Hello").with_mime_type("text/markdown");
/// assert_eq!(result.contents[0].as_text(), Some("# Hello"));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ResourceResult {
    /// The contents.
    pub contents: Vec<ResourceContents>,
    meta: Option<Meta>,
}

impl ResourceResult {
    /// These contents.
    pub fn new(contents: impl IntoIterator<Item = ResourceContents>) -> Self {
        Self {
            contents: contents.into_iter().collect(),
            meta: None,
        }
    }

    /// How many bytes its contents take as JSON: what a cache, a quota or a limit
    /// counts.
    pub fn encoded_len(&self) -> usize {
        json_len(&self.contents)
    }

    /// One text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new([ResourceContents::text("", text)])
    }

    /// Bytes, which are sent as base64.
    pub fn blob(bytes: impl AsRef<[u8]>) -> Self {
        Self::new([ResourceContents::blob("", bytes)])
    }

    /// A value as JSON text, of the media type `application/json`.
    ///
    /// # Errors
    /// When the value cannot be serialised as JSON.
    pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<Self> {
        let json = serde_json::to_string(value).map_err(Error::internal)?;
        Ok(Self::from_json(json))
    }

    pub(super) fn from_json(json: String) -> Self {
        Self::text(json).with_mime_type(JSON)
    }

    /// Sets the media type of all contents.
    #[must_use]
    pub fn with_mime_type(mut self, mime_type: &str) -> Self {
        for contents in &mut self.contents {
            contents.mime_type = Some(mime_type.to_owned());
        }
        self
    }

    /// Sets metadata.
    #[must_use]
    pub fn with_meta(mut self, meta: Meta) -> Self {
        self.meta = Some(meta);
        self
    }

    /// Fills in what the handler left open: the URI that was read, and the declared media type,
    /// which also stands for the `application/json` that was assumed.
    #[doc(hidden)]
    pub fn settle(&mut self, uri: &str, mime_type: Option<&str>) {
        for contents in &mut self.contents {
            if !contents.uri.is_empty() {
                continue;
            }
            uri.clone_into(&mut contents.uri);
            let is_open = contents
                .mime_type
                .as_deref()
                .is_none_or(|known| known == JSON);
            if let (true, Some(mime_type)) = (is_open, mime_type) {
                contents.mime_type = Some(mime_type.to_owned());
            }
        }
    }

    /// The metadata.
    pub fn meta(&self) -> Option<&Meta> {
        self.meta.as_ref()
    }

    /// The metadata, to be changed.
    pub fn meta_mut(&mut self) -> &mut Meta {
        self.meta.get_or_insert_default()
    }

    /// Writes the members of the result, without braces: `"contents":[…]`.
    #[doc(hidden)]
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(br#""contents":"#);
        write_json(out, &self.contents);
        if let Some(meta) = self.meta.as_ref().filter(|meta| !meta.is_empty()) {
            out.extend_from_slice(br#","_meta":"#);
            write_json(out, meta);
        }
    }
}

/// The media type of values that are serialised for the handler.
const JSON: &str = "application/json";
