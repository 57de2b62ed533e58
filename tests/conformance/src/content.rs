//! Every kind of content a tool can return, and an error.

use purlin::prelude::*;

/// One pixel, red.
pub(crate) const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0,
    1, 0, 0, 0, 1, 8, 2, 0, 0, 0, 0x90, 0x77, 0x53, 0xde, 0, 0, 0, 12, b'I', b'D', b'A', b'T', 8,
    0xd7, 0x63, 0xf8, 0xcf, 0xc0, 0, 0, 3, 1, 1, 0, 0x18, 0xdd, 0x8d, 0xb0, 0, 0, 0, 0, b'I', b'E',
    b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

/// One sample of silence: mono, 8 kHz, 8 bits.
const WAV: &[u8] = &[
    b'R', b'I', b'F', b'F', 38, 0, 0, 0, b'W', b'A', b'V', b'E', b'f', b'm', b't', b' ', 16, 0, 0,
    0, 1, 0, 1, 0, 0x40, 0x1f, 0, 0, 0x40, 0x1f, 0, 0, 1, 0, 8, 0, b'd', b'a', b't', b'a', 1, 0, 0,
    0, 0x80, 0,
];

/// Content of tools.
#[mcp_server]
pub(crate) mod fixtures {
    use super::*;

    /// Returns a text.
    #[mcp_tool]
    fn test_simple_text() -> &'static str {
        "This is a simple text response for testing."
    }

    /// Returns an image.
    #[mcp_tool]
    fn test_image_content() -> Image {
        Image::png(PNG)
    }

    /// Returns a sound.
    #[mcp_tool]
    fn test_audio_content() -> Audio {
        Audio::wav(WAV)
    }

    /// Returns a resource with its contents.
    #[mcp_tool]
    fn test_embedded_resource() -> ResourceContents {
        ResourceContents::text(
            "test://embedded-resource",
            "This is an embedded resource content.",
        )
        .with_mime_type("text/plain")
    }

    /// Returns a text, an image and a resource.
    #[mcp_tool]
    fn test_multiple_content_types() -> Vec<Content> {
        let resource = ResourceContents::text(
            "test://mixed-content-resource",
            r#"{"test":"data","value":123}"#,
        )
        .with_mime_type("application/json");
        vec![
            Content::text("Multiple content types test:"),
            Image::png(PNG).into(),
            Content::resource(resource),
        ]
    }

    /// Fails.
    #[mcp_tool]
    fn test_error_handling() -> Result<String, ToolError> {
        Err(ToolError::new(
            "This tool intentionally returns an error for testing",
        ))
    }
}
