//! Prompts of every content, and the completion of an argument.

use purlin::prelude::*;

use crate::content::PNG;

/// Prompts.
#[mcp_server]
pub(crate) mod fixtures {
    use super::*;

    /// A prompt without arguments.
    #[mcp_prompt]
    fn test_simple_prompt() -> &'static str {
        "This is a simple prompt for testing."
    }

    /// A prompt with two arguments.
    #[mcp_prompt]
    fn test_prompt_with_arguments(
        /// First test argument.
        arg1: &str,
        /// Second test argument.
        arg2: &str,
    ) -> String {
        format!("Prompt with arguments: arg1='{arg1}', arg2='{arg2}'")
    }

    #[mcp_completion(prompt = "test_prompt_with_arguments", argument = "arg1")]
    fn complete_arg1(typed: &str) -> Vec<String> {
        ["test", "testing", "tested"]
            .into_iter()
            .filter(|word| word.starts_with(typed))
            .map(str::to_owned)
            .collect()
    }

    /// A prompt with a resource in it.
    #[mcp_prompt]
    fn test_prompt_with_embedded_resource(
        /// URI of the resource to embed.
        #[arg(name = "resourceUri")]
        uri: &str,
    ) -> Vec<PromptMessage> {
        let resource = ResourceContents::text(uri, "Embedded resource content for testing.")
            .with_mime_type("text/plain");
        vec![
            PromptMessage::user(Content::resource(resource)),
            PromptMessage::user("Please process the embedded resource above."),
        ]
    }

    /// A prompt with an image in it.
    #[mcp_prompt]
    fn test_prompt_with_image() -> Vec<PromptMessage> {
        vec![
            PromptMessage::user(Image::png(PNG)),
            PromptMessage::user("Please analyze the image above."),
        ]
    }
}
