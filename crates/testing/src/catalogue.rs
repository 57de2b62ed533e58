//! What a server lists, as one text.

use std::fmt;

use purlin_client::protocol::{Prompt, Resource, ResourceTemplate, Tool};
use purlin_client::{Client, Result};
use serde::Serialize;

/// Every list of a server, in its order, with all descriptions and schemas.
///
/// Its `Display` text is pretty JSON with sorted members: it changes when what the server says
/// changes, and only then.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Catalogue {
    /// The tools.
    pub tools: Vec<Tool>,
    /// The resources.
    pub resources: Vec<Resource>,
    /// The resource templates.
    pub templates: Vec<ResourceTemplate>,
    /// The prompts.
    pub prompts: Vec<Prompt>,
}

impl Catalogue {
    /// Reads the lists that the server declares.
    pub(crate) async fn read(client: &Client) -> Result<Self> {
        let declared = client.server_capabilities();
        let (has_resources, has_prompts) =
            (declared.resources.is_some(), declared.prompts.is_some());
        Ok(Self {
            tools: if declared.tools.is_some() {
                client.list_tools().await?
            } else {
                Vec::new()
            },
            resources: if has_resources {
                client.list_resources().await?
            } else {
                Vec::new()
            },
            templates: if has_resources {
                client.list_resource_templates().await?
            } else {
                Vec::new()
            },
            prompts: if has_prompts {
                client.list_prompts().await?
            } else {
                Vec::new()
            },
        })
    }

    /// The names of the tools, in order.
    pub fn tool_names(&self) -> Vec<&str> {
        self.tools.iter().map(|tool| tool.name.as_str()).collect()
    }

    /// The tool of this name.
    pub fn tool(&self, name: &str) -> Option<&Tool> {
        self.tools.iter().find(|tool| tool.name == name)
    }

    /// The URIs of the resources, in order.
    pub fn resource_uris(&self) -> Vec<&str> {
        self.resources
            .iter()
            .map(|resource| resource.uri.as_str())
            .collect()
    }

    /// The URI templates, in order.
    pub fn uri_templates(&self) -> Vec<&str> {
        self.templates
            .iter()
            .map(|template| template.uri_template.as_str())
            .collect()
    }

    /// The names of the prompts, in order.
    pub fn prompt_names(&self) -> Vec<&str> {
        self.prompts
            .iter()
            .map(|prompt| prompt.name.as_str())
            .collect()
    }
}

impl fmt::Display for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // By way of a tree, which sorts the members of schemas too.
        let tree = serde_json::to_value(self).map_err(|_| fmt::Error)?;
        write!(f, "{tree:#}")
    }
}
