//! Components that are made at run time.

use std::{borrow::Cow, sync::Arc, time::Duration};

use super::{dispatch, refused};
use crate::{
    BoxFuture, Context, Rate, Result,
    access::{Access, Policy},
    middleware::{Middleware, layer},
    prompt::PromptResult,
    protocol::{Prompt, Resource, ResourceTemplate, Tool},
    registry::{
        Component, Level, PromptEntry, PromptHandler, ResourceAddress, ResourceEntry,
        ResourceHandler, ToolEntry, ToolHandler, header_params, visible, wraps,
    },
    resource::{ResourceInput, ResourceResult, UriTemplate},
    tool::{Aliases, Lenient, ToolResult, Treatment},
};

/// A tool that is made at run time.
///
/// ```
/// use purlin_core::{DynamicTool, Server, protocol::Tool, tool::ToolResult};
/// use serde_json::json;
///
/// let schema = json!({ "type": "object", "properties": { "name": { "type": "string" } } });
/// let greet = DynamicTool::new(Tool::new("greet", schema.into()), |_cx, arguments| {
///     let name = arguments.get("name").and_then(|name| name.as_str()).unwrap_or("world").to_owned();
///     async move { Ok(ToolResult::text(format!("Hello, {name}!"))) }
/// });
/// let server = Server::builder("greeter", "1.0.0");
/// server.add_tool(greet)?;
/// # Ok::<(), purlin_core::Error>(())
/// ```
#[derive(Debug)]
pub struct DynamicTool {
    pub(super) entry: ToolEntry,
}

/// A resource or a resource template that is made at run time.
///
/// ```
/// use purlin_core::{DynamicResource, ResourceResult, Server, protocol::Resource};
///
/// let notes = Resource::new("notes://all", "all");
/// let notes = DynamicResource::new(notes, |_cx, uri: String| async move {
///     Ok(ResourceResult::text(format!("read from {uri}")))
/// });
/// let server = Server::builder("notes", "1.0.0");
/// server.add_resource(notes.timeout(std::time::Duration::from_secs(5)))?;
/// # Ok::<(), purlin_core::Error>(())
/// ```
#[derive(Debug)]
pub struct DynamicResource {
    pub(super) entry: ResourceEntry,
}

/// A prompt that is made at run time.
///
/// ```
/// use purlin_core::{DynamicPrompt, PromptResult, Server, protocol::{Prompt, PromptMessage}};
///
/// let brief = DynamicPrompt::new(Prompt::new("brief"), |_cx, _arguments| async {
///     Ok(PromptResult::new([PromptMessage::user("Brief me.")]))
/// });
/// let server = Server::builder("news", "1.0.0");
/// server.add_prompt(brief)?;
/// # Ok::<(), purlin_core::Error>(())
/// ```
#[derive(Debug)]
pub struct DynamicPrompt {
    pub(super) entry: PromptEntry,
}

impl DynamicTool {
    /// A tool given by its definition and a function of the JSON arguments,
    /// which have not been checked against the schema.
    pub fn new<F, Fut>(tool: Tool, call: F) -> Self
    where
        F: Fn(Context, serde_json::Map<String, serde_json::Value>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<ToolResult>> + Send + 'static,
    {
        Self::with_handler(tool, FnTool(call))
    }

    /// A tool given by its definition and its code.
    pub fn with_handler(tool: Tool, handler: impl ToolHandler) -> Self {
        let entry = ToolEntry {
            wraps: wraps(tool.output_schema.as_ref()),
            headers: header_params(&tool.input_schema),
            treatment: Treatment::of(
                &tool.input_schema,
                Aliases::default(),
                Lenient::These(Vec::new()),
            ),
            aliases: Aliases::default(),
            tool,
            tags: Vec::new(),
            handler: Arc::new(handler),
            timeout: None,
            hidden: false,
            levels: Vec::new(),
            scope: Arc::default(),
            access: Access::default(),
        };
        Self { entry }
    }
}

impl DynamicTool {
    /// What it is listed as.
    pub fn tool(&self) -> &Tool {
        &self.entry.tool
    }

    /// Whether it is to be shown to whoever sent this request, by what it demands and
    /// by what the server demands for all that it offers.
    pub async fn is_listed_for(&self, cx: &Context) -> bool {
        let entry = cx.server().catalogue().demanding(&self.entry);
        !entry.hidden && visible(cx, &[&entry]).await == [true]
    }

    /// Serves a call with it as if it stood in the server: asks who may use it and how often,
    /// bounds its time, turns a panic into an error. Middleware of its own is not run.
    ///
    /// # Errors
    /// As the tool.
    pub async fn call(&self, cx: &Context, arguments: Option<&str>) -> Result<ToolResult> {
        dispatch::run_entry(cx, &self.entry, arguments).await
    }
}

impl DynamicResource {
    /// A resource at a fixed URI.
    pub fn new(resource: Resource, handler: impl ResourceHandler) -> Self {
        Self::at(ResourceAddress::Fixed(resource), handler)
    }

    /// A family of resources.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when the URI template is malformed.
    pub fn template(template: ResourceTemplate, handler: impl ResourceHandler) -> Result<Self> {
        let parsed = UriTemplate::parse(&template.uri_template).map_err(|error| {
            refused(format!(
                "`{}` is not a URI template: {error}",
                template.uri_template
            ))
        })?;
        Ok(Self::at(
            ResourceAddress::Template(template, parsed),
            handler,
        ))
    }

    fn at(address: ResourceAddress, handler: impl ResourceHandler) -> Self {
        let entry = ResourceEntry {
            address,
            tags: Vec::new(),
            handler: Arc::new(handler),
            timeout: None,
            hidden: false,
            levels: Vec::new(),
            scope: Arc::default(),
            access: Access::default(),
        };
        Self { entry }
    }
}

impl DynamicPrompt {
    /// A prompt given by its definition and its code.
    pub fn new(prompt: Prompt, handler: impl PromptHandler) -> Self {
        let entry = PromptEntry {
            prompt,
            treatment: None,
            aliases: Aliases::default(),
            tags: Vec::new(),
            handler: Arc::new(handler),
            timeout: None,
            hidden: false,
            levels: Vec::new(),
            scope: Arc::default(),
            access: Access::default(),
        };
        Self { entry }
    }
}

macro_rules! settings {
    ($($name:ident)*) => {
        $(impl $name {
            /// Puts middleware around it, inside of what was put before.
            #[must_use]
            pub fn middleware(mut self, middleware: impl Middleware) -> Self {
                let layers = [layer(middleware)];
                self.entry.access.requirement.add_policies_of(&layers);
                let level = Level::own(&layers, self.entry.name());
                self.entry.levels.extend(level);
                self
            }

            /// Adds a tag to filter by.
            #[must_use]
            pub fn tag(mut self, tag: impl Into<Cow<'static, str>>) -> Self {
                self.entry.tags.push(tag.into());
                self
            }

            /// Bounds the time it may take.
            #[must_use]
            pub fn timeout(mut self, limit: Duration) -> Self {
                self.entry.timeout = Some(limit);
                self
            }

            /// Demands that its callers were granted these scopes, all of them.
            #[must_use]
            pub fn scopes<T: Into<Cow<'static, str>>>(
                mut self,
                scopes: impl IntoIterator<Item = T>,
            ) -> Self {
                self.entry.access.requirement.add_scopes(scopes);
                self
            }

            /// Demands that its callers have one of these roles. Whoever has
            /// none is not told that it exists.
            #[must_use]
            pub fn roles<T: Into<Cow<'static, str>>>(
                mut self,
                roles: impl IntoIterator<Item = T>,
            ) -> Self {
                self.entry.access.requirement.add_roles(roles);
                self
            }

            /// Has this policy asked about its callers.
            #[must_use]
            pub fn policy(mut self, policy: impl Policy) -> Self {
                self.entry.access.requirement.add_policy(Arc::new(policy));
                self
            }

            /// Bounds how often each caller may come.
            #[must_use]
            pub fn rate_limit(mut self, rate: Rate) -> Self {
                self.entry.access.limit(Some(rate));
                self
            }

            /// Leaves it out of lists.
            #[must_use]
            pub fn hidden(mut self) -> Self {
                self.entry.hidden = true;
                self
            }
        })*
    };
}

settings!(DynamicTool DynamicResource DynamicPrompt);

struct FnTool<F>(F);

impl<F, Fut> ToolHandler for FnTool<F>
where
    F: Fn(Context, serde_json::Map<String, serde_json::Value>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<ToolResult>> + Send + 'static,
{
    fn call<'a>(
        &'a self,
        cx: &'a Context,
        arguments: Option<&'a str>,
    ) -> BoxFuture<'a, Result<ToolResult>> {
        match serde_json::from_str(arguments.unwrap_or("{}")) {
            Ok(arguments) => Box::pin((self.0)(cx.clone(), arguments)),
            Err(error) => Box::pin(async move { Err(error.into()) }),
        }
    }
}

/// Functions are resources too.
impl<F, Fut> ResourceHandler for F
where
    F: Fn(Context, String) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<ResourceResult>> + Send + 'static,
{
    fn read<'a>(&'a self, input: ResourceInput<'a>) -> BoxFuture<'a, Result<ResourceResult>> {
        Box::pin(self(input.context().clone(), input.uri().to_owned()))
    }
}

/// Functions are prompts too.
impl<F, Fut> PromptHandler for F
where
    F: Fn(Context, serde_json::Map<String, serde_json::Value>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<PromptResult>> + Send + 'static,
{
    fn get<'a>(
        &'a self,
        cx: &'a Context,
        arguments: Option<&'a str>,
    ) -> BoxFuture<'a, Result<PromptResult>> {
        match serde_json::from_str(arguments.unwrap_or("{}")) {
            Ok(arguments) => Box::pin(self(cx.clone(), arguments)),
            Err(error) => Box::pin(async move { Err(error.into()) }),
        }
    }
}
