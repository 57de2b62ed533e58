//! Images and sounds as results of tools.

use crate::protocol::{Content, MediaContent};

/// An image a tool returns.
///
/// ```
/// use purlin_core::Image;
///
/// let chart = Image::png([0x89, b'P', b'N', b'G']);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Image(MediaContent);

impl Image {
    /// An image of a media type, for example `image/webp`.
    pub fn new(bytes: impl AsRef<[u8]>, mime_type: impl Into<String>) -> Self {
        Self(MediaContent::new(bytes, mime_type))
    }

    /// A PNG image.
    pub fn png(bytes: impl AsRef<[u8]>) -> Self {
        Self::new(bytes, "image/png")
    }

    /// A JPEG image.
    pub fn jpeg(bytes: impl AsRef<[u8]>) -> Self {
        Self::new(bytes, "image/jpeg")
    }
}

impl From<Image> for Content {
    fn from(image: Image) -> Self {
        Self::Image(image.0)
    }
}

/// A sound a tool returns.
///
/// ```
/// use purlin_core::Audio;
///
/// let chime = Audio::wav([b'R', b'I', b'F', b'F']);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Audio(MediaContent);

impl Audio {
    /// A sound of a media type, for example `audio/ogg`.
    pub fn new(bytes: impl AsRef<[u8]>, mime_type: impl Into<String>) -> Self {
        Self(MediaContent::new(bytes, mime_type))
    }

    /// A WAV sound.
    pub fn wav(bytes: impl AsRef<[u8]>) -> Self {
        Self::new(bytes, "audio/wav")
    }

    /// An MP3 sound.
    pub fn mp3(bytes: impl AsRef<[u8]>) -> Self {
        Self::new(bytes, "audio/mpeg")
    }
}

impl From<Audio> for Content {
    fn from(audio: Audio) -> Self {
        Self::Audio(audio.0)
    }
}
