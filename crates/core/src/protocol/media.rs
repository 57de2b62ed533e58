//! Base64 bodies: images, audio and binary resource contents.

use std::fmt;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::{Deserialize, Serialize};

use super::{Annotations, Meta};

/// Writes padding, as the schema's `byte` format asks, and reads with or without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(super) fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64.encode(bytes)
}

pub(super) fn decode(text: &str) -> Result<Vec<u8>, InvalidBase64> {
    BASE64
        .decode(text)
        .map_err(|error| InvalidBase64(error.to_string()))
}

/// A body that is not base64.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidBase64(String);

impl fmt::Display for InvalidBase64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the body is not base64: {}", self.0)
    }
}

impl std::error::Error for InvalidBase64 {}

/// An image or a sound.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MediaContent {
    /// The bytes, as base64.
    pub data: String,
    /// The media type, for example `image/png`.
    pub mime_type: String,
    /// Hints for the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<Annotations>,
    /// Metadata.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

impl MediaContent {
    /// Encodes bytes of a media type.
    pub fn new(bytes: impl AsRef<[u8]>, mime_type: impl Into<String>) -> Self {
        Self {
            data: encode(bytes),
            mime_type: mime_type.into(),
            annotations: None,
            meta: None,
        }
    }

    /// The bytes.
    ///
    /// # Errors
    /// When the peer sent something that is not base64.
    pub fn bytes(&self) -> Result<Vec<u8>, InvalidBase64> {
        decode(&self.data)
    }
}
