//! What the remote server offers, kept in step with what it announces.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use purlin_core::protocol::{Prompt, Reference, Resource, ResourceTemplate, Tool};
use purlin_core::resource::UriTemplate;
use purlin_core::{DynamicPrompt, DynamicResource, DynamicTool, Server, WeakServer};
use tokio::sync::Mutex;

use super::forward::{Argument, Contents, Messages, RemoteTool};
use super::watched::Watched;
use crate::Result;
use crate::changes::{Change, Subscription};
use crate::client::Client;
use crate::error::{ClientError, ErrorKind};

/// The longest wait before a server that was lost is tried again.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// What was fetched last.
pub(super) struct Catalogue {
    watched: Arc<Watched>,
    tools: BTreeMap<String, Tool>,
    prompts: BTreeMap<String, Prompt>,
    resources: BTreeMap<String, Resource>,
    templates: BTreeMap<String, ResourceTemplate>,
}

impl Catalogue {
    pub(super) fn new(watched: Arc<Watched>) -> Self {
        Self {
            watched,
            tools: BTreeMap::new(),
            prompts: BTreeMap::new(),
            resources: BTreeMap::new(),
            templates: BTreeMap::new(),
        }
    }

    /// Fetches everything.
    pub(super) async fn refresh(&mut self, client: &Client, server: &Server) -> Result<()> {
        for change in [Change::Tools, Change::Prompts, Change::Resources] {
            self.update(&change, client, server).await?;
        }
        Ok(())
    }

    /// Fetches what changed.
    async fn update(&mut self, change: &Change, client: &Client, server: &Server) -> Result<()> {
        let offered = client.server_capabilities();
        match change {
            Change::Tools if offered.tools.is_some() => {
                self.update_tools(client, server).await?;
            }
            Change::Prompts if offered.prompts.is_some() => {
                self.update_prompts(client, server).await?;
            }
            Change::Resources if offered.resources.is_some() => {
                self.update_resources(client, server).await?;
                self.update_templates(client, server).await?;
            }
            // Single resources are followed by those who watch them.
            _ => {}
        }
        Ok(())
    }

    async fn update_tools(&mut self, client: &Client, server: &Server) -> Result<()> {
        let listed = client.list_tools().await?;
        let listed = listed.into_iter().map(|tool| (tool.name.clone(), tool));
        let remove = |name: &str| server.remove_tool(name);
        replace(&mut self.tools, listed, remove, |tool| {
            let remote = RemoteTool::new(client, &tool.name);
            server.add_tool(DynamicTool::with_handler(tool, remote))
        });
        Ok(())
    }

    async fn update_prompts(&mut self, client: &Client, server: &Server) -> Result<()> {
        let listed = client.list_prompts().await?;
        let listed = listed.into_iter().map(|it| (it.name.clone(), it));
        let remove = |name: &str| server.remove_prompt(name);
        replace(&mut self.prompts, listed, remove, |prompt| {
            let reference = Reference::prompt(&prompt.name);
            for argument in &prompt.arguments {
                let completion = Argument::new(client, &reference, &argument.name);
                server.add_completion(&reference, argument.name.clone(), completion);
            }
            let remote = Messages::new(client, &prompt.name);
            server.add_prompt(DynamicPrompt::new(prompt, remote))
        });
        Ok(())
    }

    async fn update_resources(&mut self, client: &Client, server: &Server) -> Result<()> {
        let listed = client.list_resources().await?;
        let listed = listed.into_iter().map(|it| (it.uri.clone(), it));
        let remove = |uri: &str| server.remove_resource(uri);
        let watched = &self.watched;
        replace(&mut self.resources, listed, remove, |resource| {
            let contents = Contents::new(client, watched);
            server.add_resource(DynamicResource::new(resource, contents))
        });
        Ok(())
    }

    async fn update_templates(&mut self, client: &Client, server: &Server) -> Result<()> {
        let listed = match client.list_resource_templates().await {
            Ok(listed) => listed,
            // Some servers with resources have no templates, and do not even know the question.
            Err(failure) if failure.kind() == ErrorKind::Rpc => Vec::new(),
            Err(failure) => return Err(failure),
        };
        let listed = listed.into_iter().map(|it| (it.uri_template.clone(), it));
        let remove = |uri: &str| server.remove_resource(uri);
        let watched = &self.watched;
        replace(&mut self.templates, listed, remove, |template| {
            let reference = Reference::resource(&template.uri_template);
            let parsed = UriTemplate::parse(&template.uri_template).ok();
            for variable in parsed.iter().flat_map(UriTemplate::variables) {
                let completion = Argument::new(client, &reference, variable);
                server.add_completion(&reference, variable.to_owned(), completion);
            }
            let contents = Contents::new(client, watched);
            server.add_resource(DynamicResource::template(template, contents)?)
        });
        Ok(())
    }
}

/// Makes the components what was listed: those that are gone go, those that changed are replaced.
/// One that cannot stand here (its name breaks the rules) is left out.
fn replace<T: Clone + PartialEq>(
    known: &mut BTreeMap<String, T>,
    listed: impl Iterator<Item = (String, T)>,
    remove: impl Fn(&str) -> bool,
    add: impl Fn(T) -> purlin_core::Result<()>,
) {
    let listed: BTreeMap<String, T> = listed.collect();
    for (name, component) in &*known {
        if listed.get(name) != Some(component) {
            remove(name);
        }
    }
    for (name, component) in &listed {
        if known.get(name) == Some(component) {
            continue;
        }
        if let Err(error) = add(component.clone()) {
            tracing::warn!(name, %error, "left out of the proxy");
        }
    }
    *known = listed;
}

/// Follows the changes of the remote server until this one is gone.
pub(super) async fn follow(client: Client, server: WeakServer, known: Arc<Mutex<Catalogue>>) {
    let mut wait = Duration::from_secs(1);
    loop {
        match follow_once(&client, &server, &known, &mut wait).await {
            Ok(()) => return,
            // A server that tells no changes has none to follow.
            Err(failure) if failure.kind() == ErrorKind::Rpc => return,
            Err(failure) => tracing::debug!(%failure, "the remote server is not heard any more"),
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

/// Ends without an error when this server is gone.
async fn follow_once(
    client: &Client,
    server: &WeakServer,
    known: &Mutex<Catalogue>,
    wait: &mut Duration,
) -> Result<()> {
    let mut changes = client.listen(Subscription::lists()).await?;
    // What changed while nobody listened.
    client.cache().clear();
    let Some(here) = server.upgrade() else {
        return Ok(());
    };
    known.lock().await.refresh(client, &here).await?;
    drop(here);
    *wait = Duration::from_secs(1);
    while let Some(change) = changes.next().await {
        let Some(here) = server.upgrade() else {
            return Ok(());
        };
        known.lock().await.update(&change?, client, &here).await?;
    }
    Err(ClientError::closed())
}
