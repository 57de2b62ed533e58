//! Several servers behind one handle, their names told apart by a prefix.

use std::collections::BTreeMap;
use std::fmt;

use purlin_core::protocol::{
    CallToolResult, GetPromptResult, Prompt, ReadResourceResult, Resource, ResourceTemplate, Tool,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::task::JoinSet;

use crate::Result;
use crate::builder::ClientBuilder;
use crate::call::{Call, Request};
use crate::client::Client;
use crate::config::Config;
use crate::error::ClientError;

/// Clients by name, used as one.
///
/// What a server called `weather` offers has the names that mounting it would give: its tool and
/// prompt `current` is `weather_current`, its resource `cities://fr` is `cities://weather/fr`.
///
/// ```no_run
/// # async fn example() -> Result<(), purlin_client::ClientError> {
/// use purlin_client::{Config, Group};
/// use serde_json::json;
///
/// let group = Group::connect(&Config::read("mcp.json").await?).await?;
/// for tool in group.list_tools().await? {
///     println!("{}", tool.name);
/// }
/// let now: String = group.call("weather_current", json!({"city": "Paris"}))?.await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Group(BTreeMap<String, Client>);

impl Group {
    /// Connects to every server of a configuration, with the default configuration of clients.
    ///
    /// # Errors
    /// As [`connect_with`](Self::connect_with).
    pub async fn connect(config: &Config) -> Result<Self> {
        Self::connect_with(config, |_| Client::builder()).await
    }

    /// Connects to every server of a configuration at the same time; `builder` is asked for the
    /// client of each.
    ///
    /// # Errors
    /// When any of them cannot be connected to, or the names cannot be prefixes.
    pub async fn connect_with(
        config: &Config,
        builder: impl Fn(&str) -> ClientBuilder,
    ) -> Result<Self> {
        check_names(config.names())?;
        let mut connecting = JoinSet::new();
        for (name, entry) in config.iter() {
            let (name, entry, builder) = (name.to_owned(), entry.clone(), builder(name));
            connecting.spawn(async move {
                let client = builder.connect(&entry).await;
                client
                    .map(|client| (name.clone(), client))
                    .map_err(|error| error.about(&name))
            });
        }
        let mut clients = BTreeMap::new();
        while let Some(connected) = connecting.join_next().await {
            let connected =
                connected.map_err(|error| ClientError::transport("connecting", error))?;
            let (name, client) = connected?;
            clients.insert(name, client);
        }
        Ok(Self(clients))
    }

    /// Clients that are connected already.
    ///
    /// # Errors
    /// When the names cannot be prefixes.
    pub fn new<N: Into<String>>(clients: impl IntoIterator<Item = (N, Client)>) -> Result<Self> {
        let clients: BTreeMap<String, Client> = clients
            .into_iter()
            .map(|(name, client)| (name.into(), client))
            .collect();
        check_names(clients.keys().map(String::as_str))?;
        Ok(Self(clients))
    }

    /// The client of this name.
    pub fn client(&self, name: &str) -> Option<&Client> {
        self.0.get(name)
    }

    /// The clients with their names.
    pub fn clients(&self) -> impl Iterator<Item = (&str, &Client)> {
        self.0.iter().map(|(name, client)| (name.as_str(), client))
    }

    /// The tools of all servers.
    ///
    /// # Errors
    /// As the request to any of them.
    pub async fn list_tools(&self) -> Result<Vec<Tool>> {
        let mut all = Vec::new();
        for (prefix, client) in self.clients() {
            let tools = client.list_tools().await;
            for mut tool in tools.map_err(|error| error.about(prefix))? {
                tool.name = format!("{prefix}_{}", tool.name);
                all.push(tool);
            }
        }
        Ok(all)
    }

    /// The prompts of all servers.
    ///
    /// # Errors
    /// As the request to any of them.
    pub async fn list_prompts(&self) -> Result<Vec<Prompt>> {
        let mut all = Vec::new();
        for (prefix, client) in self.clients() {
            let prompts = client.list_prompts().await;
            for mut prompt in prompts.map_err(|error| error.about(prefix))? {
                prompt.name = format!("{prefix}_{}", prompt.name);
                all.push(prompt);
            }
        }
        Ok(all)
    }

    /// The resources of all servers.
    ///
    /// # Errors
    /// As the request to any of them.
    pub async fn list_resources(&self) -> Result<Vec<Resource>> {
        let mut all = Vec::new();
        for (prefix, client) in self.clients() {
            let resources = client.list_resources().await;
            for mut resource in resources.map_err(|error| error.about(prefix))? {
                resource.uri = prefixed(prefix, &resource.uri);
                all.push(resource);
            }
        }
        Ok(all)
    }

    /// The resource templates of all servers.
    ///
    /// # Errors
    /// As the request to any of them.
    pub async fn list_resource_templates(&self) -> Result<Vec<ResourceTemplate>> {
        let mut all = Vec::new();
        for (prefix, client) in self.clients() {
            let templates = client.list_resource_templates().await;
            for mut template in templates.map_err(|error| error.about(prefix))? {
                template.uri_template = prefixed(prefix, &template.uri_template);
                all.push(template);
            }
        }
        Ok(all)
    }

    /// Calls a tool by its prefixed name; see [`Client::call`].
    ///
    /// # Errors
    /// When no server of the group has this prefix.
    pub fn call<T: DeserializeOwned>(
        &self,
        tool: &str,
        arguments: impl Serialize,
    ) -> Result<Call<T>> {
        let (client, tool) = self.named(tool)?;
        Ok(client.call(tool, arguments))
    }

    /// Calls a tool by its prefixed name and gives everything it answers.
    ///
    /// # Errors
    /// When no server of the group has this prefix.
    pub fn call_tool(
        &self,
        tool: &str,
        arguments: impl Serialize,
    ) -> Result<Request<CallToolResult>> {
        let (client, tool) = self.named(tool)?;
        Ok(client.call_tool(tool, arguments))
    }

    /// Gets a prompt by its prefixed name.
    ///
    /// # Errors
    /// When no server of the group has this prefix.
    pub fn get_prompt(
        &self,
        prompt: &str,
        arguments: impl Serialize,
    ) -> Result<Request<GetPromptResult>> {
        let (client, prompt) = self.named(prompt)?;
        Ok(client.get_prompt(prompt, arguments))
    }

    /// Reads a resource by its prefixed URI. The contents have the URIs that their server gave
    /// them.
    ///
    /// # Errors
    /// When no server of the group has this prefix.
    pub fn read_resource(&self, uri: &str) -> Result<Request<ReadResourceResult>> {
        self.clients()
            .find_map(|(prefix, client)| Some(client.read_resource(&unprefixed(prefix, uri)?)))
            .ok_or_else(|| nobody(uri))
    }

    /// Closes all connections in good order.
    pub async fn close(&self) {
        for client in self.0.values() {
            client.close().await;
        }
    }

    /// Whose the name is, and what they call it.
    fn named<'a>(&self, name: &'a str) -> Result<(&Client, &'a str)> {
        self.clients()
            .find_map(|(prefix, client)| {
                let rest = name.strip_prefix(prefix)?.strip_prefix('_')?;
                Some((client, rest))
            })
            .ok_or_else(|| nobody(name))
    }
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(&self.0).finish()
    }
}

fn nobody(name: &str) -> ClientError {
    ClientError::config(format!("no server of this group has `{name}`"))
}

/// With `a` and `a_b`, nobody could say whose `a_b_c` is.
fn check_names<'a>(names: impl Iterator<Item = &'a str>) -> Result<()> {
    let names: Vec<&str> = names.collect();
    for name in &names {
        let begins = |other: &&&str| {
            other
                .strip_prefix(name)
                .is_some_and(|it| it.starts_with('_'))
        };
        if let Some(other) = names.iter().find(begins) {
            return Err(ClientError::config(format!(
                "servers `{name}` and `{other}` cannot be told apart by their prefix: rename one"
            )));
        }
        if name.is_empty() || name.contains('/') {
            return Err(ClientError::config(format!("`{name}` cannot be a prefix")));
        }
    }
    Ok(())
}

/// `{scheme}://{prefix}/{rest}`, as mounting does it.
fn prefixed(prefix: &str, uri: &str) -> String {
    let (scheme, rest) = parts(uri);
    format!("{scheme}{prefix}/{rest}")
}

fn unprefixed(prefix: &str, uri: &str) -> Option<String> {
    let (scheme, rest) = parts(uri);
    let rest = rest.strip_prefix(prefix)?.strip_prefix('/')?;
    Some(format!("{scheme}{rest}"))
}

/// The scheme with its separator, and the rest.
fn parts(uri: &str) -> (&str, &str) {
    let end = match (uri.find("://"), uri.find(':')) {
        (Some(at), _) => at + 3,
        (None, Some(at)) => at + 1,
        (None, None) => 0,
    };
    uri.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_get_a_prefix_and_lose_it_again() {
        for (uri, with) in [
            ("cities://fr", "cities://weather/fr"),
            ("urn:x", "urn:weather/x"),
            ("file:///a b", "file://weather//a b"),
            ("plain", "weather/plain"),
        ] {
            assert_eq!(prefixed("weather", uri), with);
            assert_eq!(unprefixed("weather", with).as_deref(), Some(uri));
            assert_eq!(unprefixed("weath", with), None);
        }
    }

    #[test]
    fn names_have_to_be_told_apart() {
        assert!(check_names(["a", "b", "ab"].into_iter()).is_ok());
        for names in [["a", "a_b"], ["a", ""], ["a", "b/c"]] {
            let problem = check_names(names.into_iter()).unwrap_err();
            assert_eq!(problem.kind(), crate::ErrorKind::Configuration);
        }
    }
}
