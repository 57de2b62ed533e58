//! Changing a server while it runs: mounts and components.

use std::{
    borrow::Cow,
    fmt,
    sync::{Arc, Weak},
    time::Duration,
};

use super::{Inner, McpServer, Scope, Server, lock, part::header_params};
use crate::{
    BoxFuture, Context, Error, ErrorKind, Result,
    prompt::PromptResult,
    protocol::{Prompt, Resource, ResourceTemplate, Schema, Tool},
    registry::{
        Catalogue, Change, CompletionEntry, Listener, Mounted, PromptEntry, PromptHandler,
        ResourceAddress, ResourceEntry, ResourceHandler, Source, ToolEntry, ToolHandler,
        prefixed_uri,
    },
    resource::{ResourceInput, ResourceResult, UriTemplate},
    tool::ToolResult,
};

const EVERYTHING: [Change; 3] = [Change::Tools, Change::Prompts, Change::Resources];

/// Whether an output schema is that of something other than an object, which
/// the session era has to get as a member of one.
pub(crate) fn wraps(schema: Option<&Schema>) -> bool {
    schema.is_some_and(|schema| {
        schema
            .decode::<serde_json::Value>()
            .is_ok_and(|schema| schema.get("type").and_then(|ty| ty.as_str()) != Some("object"))
    })
}

/// Passes a child's changes on to the server it is mounted in.
struct ToParent {
    parent: Weak<Inner>,
    prefix: Option<String>,
}

impl Listener for ToParent {
    fn notify(&self, change: &Change) {
        let Some(parent) = self.parent.upgrade().map(Server) else {
            return;
        };
        let change = match change {
            Change::Resource(uri) => {
                Change::Resource(prefixed_uri(self.prefix.as_deref(), uri).into_owned())
            }
            list => {
                let _source = lock(&parent.0.source);
                parent.0.catalogue.store(None);
                list.clone()
            }
        };
        parent.0.bus.publish(&change);
    }
}

/// Mounts without checking for names that collide; `start` does.
pub(crate) fn link_parent(parent: &Server, prefix: Option<&str>, child: Server) {
    let link: Arc<dyn Listener> = Arc::new(ToParent {
        parent: Arc::downgrade(&parent.0),
        prefix: prefix.map(ToOwned::to_owned),
    });
    child.0.bus.join(Arc::downgrade(&link));
    let mounted = Mounted {
        prefix: prefix.map(ToOwned::to_owned),
        server: child,
        _link: link,
    };
    parent.edit(|source| source.mounts.push(mounted), &[]);
}

impl Server {
    /// Mounts a server: what it offers, now and later, is offered here too,
    /// under the prefix. Its middleware and lifespan stay its own.
    ///
    /// Tools and prompts become `{prefix}_{name}`, resources
    /// `{scheme}://{prefix}/{rest}`.
    ///
    /// ```
    /// use purlin_core::Server;
    ///
    /// let platform = Server::builder("platform", "1.0.0");
    /// let weather = Server::builder("weather", "1.0.0");
    /// platform.mount("weather", &weather)?;
    /// platform.unmount("weather");
    /// # Ok::<(), purlin_core::Error>(())
    /// ```
    ///
    /// A server that is serving already does not open the lifespan of what is
    /// mounted later: call [`start`](Self::start) on it first.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] when the prefix is not made of letters,
    /// digits, `-` and `_`, when it is taken, when a name would be taken twice,
    /// or when a server would be mounted in itself.
    pub fn mount<'p>(&self, prefix: impl Into<Option<&'p str>>, child: &Self) -> Result<()> {
        let prefix = prefix.into();
        if let Some(prefix) = prefix {
            check_prefix(prefix)?;
        }
        if child.contains(self) {
            return Err(refused("a server cannot be mounted in itself"));
        }
        let taken = lock(&self.0.source)
            .mounts
            .iter()
            .any(|mounted| prefix.is_some() && mounted.prefix.as_deref() == prefix);
        if taken {
            return Err(refused(format!(
                "the prefix `{}` is taken: unmount it first",
                prefix.unwrap_or_default()
            )));
        }
        link_parent(self, prefix, child.clone());
        if let Some(name) = self.catalogue().collisions.first() {
            let problem = format!("{name} is offered already: mount under another prefix");
            self.edit(|source| source.mounts.pop(), &[]);
            return Err(refused(problem));
        }
        self.publish(&EVERYTHING);
        Ok(())
    }

    /// Mounts an annotated value, for putting a server together in one
    /// expression. Names that collide are reported by [`start`](Self::start).
    ///
    /// # Panics
    /// When a server would be mounted in itself.
    #[must_use]
    pub fn with<'p>(self, prefix: impl Into<Option<&'p str>>, child: impl McpServer) -> Self {
        let child = child.into_server();
        assert!(
            !child.contains(&self),
            "a server cannot be mounted in itself"
        );
        link_parent(&self, prefix.into(), child);
        self
    }

    /// Ends a mount. Calls in flight are finished. False when nothing is
    /// mounted under the prefix.
    pub fn unmount<'p>(&self, prefix: impl Into<Option<&'p str>>) -> bool {
        let prefix = prefix.into();
        let removed = self.edit(
            |source| {
                let index = source
                    .mounts
                    .iter()
                    .position(|mounted| mounted.prefix.as_deref() == prefix)?;
                Some(source.mounts.remove(index))
            },
            &[],
        );
        let found = removed.is_some();
        if found {
            self.publish(&EVERYTHING);
        }
        found
    }

    /// Copies what a server offers now. Later changes of it are not seen, its
    /// middleware does not run.
    ///
    /// # Errors
    /// As [`mount`](Self::mount).
    pub fn import<'p>(&self, prefix: impl Into<Option<&'p str>>, other: &Self) -> Result<()> {
        let frozen = other.frozen();
        let prefix = prefix.into();
        let staging = Self::builder("staging", "");
        staging.mount(prefix, &frozen)?;
        let catalogue = staging.catalogue();
        let clash = {
            let own = self.catalogue();
            let tools = catalogue
                .tools
                .iter()
                .map(|tool| &tool.tool.name)
                .find(|name| own.tools.get(name).is_some());
            let prompts = catalogue
                .prompts
                .iter()
                .map(|prompt| &prompt.prompt.name)
                .find(|name| own.prompts.get(name).is_some());
            tools.or(prompts).cloned()
        };
        if let Some(name) = clash {
            return Err(refused(format!(
                "`{name}` is offered already: import under another prefix"
            )));
        }
        self.edit(
            |source| {
                source.tools.extend(catalogue.tools.iter().cloned());
                source.resources.extend(
                    catalogue
                        .resources
                        .iter()
                        .chain(catalogue.templates.iter())
                        .cloned(),
                );
                source.prompts.extend(catalogue.prompts.iter().cloned());
                source
                    .completions
                    .extend(catalogue.completions.iter().cloned());
            },
            &EVERYTHING,
        );
        Ok(())
    }

    /// A server with the same components, without middleware and mounts of its
    /// own.
    fn frozen(&self) -> Self {
        let catalogue = self.catalogue();
        let frozen = Self::builder(self.name(), "");
        frozen.edit(
            |source| {
                source.tools = catalogue
                    .tools
                    .iter()
                    .map(|tool| Arc::new(at_home(ToolEntry::clone(tool), self)))
                    .collect();
                source.resources = catalogue
                    .resources
                    .iter()
                    .chain(catalogue.templates.iter())
                    .map(|resource| Arc::new(at_home(ResourceEntry::clone(resource), self)))
                    .collect();
                source.prompts = catalogue
                    .prompts
                    .iter()
                    .map(|prompt| Arc::new(at_home(PromptEntry::clone(prompt), self)))
                    .collect();
                source.completions = catalogue
                    .completions
                    .iter()
                    .map(|completion| Arc::new(completion_at_home(completion, self)))
                    .collect();
            },
            &[],
        );
        frozen
    }

    fn contains(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || self
                .children()
                .iter()
                .any(|(_, child)| child.contains(other))
    }

    /// What is mounted, with its prefixes.
    pub(crate) fn children(&self) -> Vec<(Option<String>, Self)> {
        let source = lock(&self.0.source);
        source
            .mounts
            .iter()
            .map(|mounted| (mounted.prefix.clone(), mounted.server.clone()))
            .collect()
    }

    fn publish(&self, changes: &[Change]) {
        for change in changes {
            self.0.bus.publish(change);
        }
    }

    /// Tells clients that listen that the list of tools has changed.
    pub fn notify_tools_changed(&self) {
        self.publish(&[Change::Tools]);
    }

    /// Tells clients that listen that the list of prompts has changed.
    pub fn notify_prompts_changed(&self) {
        self.publish(&[Change::Prompts]);
    }

    /// Tells clients that listen that the list of resources has changed.
    pub fn notify_resources_changed(&self) {
        self.publish(&[Change::Resources]);
    }

    /// Tells clients that subscribed to a resource that its contents changed.
    /// `uri` is the resource as this server knows it.
    pub fn notify_resource_updated(&self, uri: impl Into<String>) {
        self.publish(&[Change::Resource(uri.into())]);
    }

    /// Whether a name is taken, by a component of this server's own or by one
    /// that is mounted. The catalogue is worked out for the latter only.
    fn is_taken(
        &self,
        own: impl Fn(&Source) -> bool,
        mounted: impl Fn(&Catalogue) -> bool,
    ) -> bool {
        let has_mounts = {
            let source = lock(&self.0.source);
            if own(&source) {
                return true;
            }
            !source.mounts.is_empty()
        };
        has_mounts && mounted(&self.catalogue())
    }

    /// Adds a tool.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] when its name is taken or invalid.
    pub fn add_tool(&self, tool: DynamicTool) -> Result<()> {
        check_name(&tool.entry.tool.name)?;
        let name = &tool.entry.tool.name;
        let taken = self.is_taken(
            |source| source.tools.iter().any(|own| own.tool.name == *name),
            |catalogue| catalogue.tools.get(name).is_some(),
        );
        if taken {
            return Err(refused(format!(
                "the tool `{}` exists already: remove it first",
                tool.entry.tool.name
            )));
        }
        self.edit(
            |source| source.tools.push(Arc::new(tool.entry)),
            &[Change::Tools],
        );
        Ok(())
    }

    /// Removes a tool of this server's own. False when there is none.
    pub fn remove_tool(&self, name: &str) -> bool {
        let removed = self.edit(
            |source| {
                let index = source
                    .tools
                    .iter()
                    .position(|entry| entry.tool.name == name)?;
                Some(source.tools.remove(index))
            },
            &[],
        );
        if removed.is_some() {
            self.publish(&[Change::Tools]);
        }
        removed.is_some()
    }

    /// Adds a resource or a resource template.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] when its URI is taken.
    pub fn add_resource(&self, resource: DynamicResource) -> Result<()> {
        let uri = resource.entry.uri();
        let taken = self.is_taken(
            |source| source.resources.iter().any(|own| own.uri() == uri),
            |catalogue| {
                catalogue.resources.get(uri).is_some() || catalogue.templates.get(uri).is_some()
            },
        );
        if taken {
            return Err(refused(format!(
                "the resource `{uri}` exists already: remove it first"
            )));
        }
        self.edit(
            |source| source.resources.push(Arc::new(resource.entry)),
            &[Change::Resources],
        );
        Ok(())
    }

    /// Removes a resource or template of this server's own by its URI or
    /// template. False when there is none.
    pub fn remove_resource(&self, uri: &str) -> bool {
        let removed = self.edit(
            |source| {
                let index = source
                    .resources
                    .iter()
                    .position(|entry| entry.uri() == uri)?;
                Some(source.resources.remove(index))
            },
            &[],
        );
        if removed.is_some() {
            self.publish(&[Change::Resources]);
        }
        removed.is_some()
    }

    /// Adds a prompt.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] when its name is taken or invalid.
    pub fn add_prompt(&self, prompt: DynamicPrompt) -> Result<()> {
        check_name(&prompt.entry.prompt.name)?;
        let name = &prompt.entry.prompt.name;
        let taken = self.is_taken(
            |source| source.prompts.iter().any(|own| own.prompt.name == *name),
            |catalogue| catalogue.prompts.get(name).is_some(),
        );
        if taken {
            return Err(refused(format!(
                "the prompt `{}` exists already: remove it first",
                prompt.entry.prompt.name
            )));
        }
        self.edit(
            |source| source.prompts.push(Arc::new(prompt.entry)),
            &[Change::Prompts],
        );
        Ok(())
    }

    /// Removes a prompt of this server's own. False when there is none.
    pub fn remove_prompt(&self, name: &str) -> bool {
        let removed = self.edit(
            |source| {
                let index = source
                    .prompts
                    .iter()
                    .position(|entry| entry.prompt.name == name)?;
                Some(source.prompts.remove(index))
            },
            &[],
        );
        if removed.is_some() {
            self.publish(&[Change::Prompts]);
        }
        removed.is_some()
    }
}

fn refused(problem: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Configuration, problem)
}

fn check_prefix(prefix: &str) -> Result<()> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if prefix.is_empty() || !prefix.chars().all(fits) {
        return Err(refused(format!(
            "`{prefix}` cannot be a prefix: use letters, digits, `-` and `_`"
        )));
    }
    Ok(())
}

fn check_name(name: &str) -> Result<()> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.is_empty() || name.len() > 128 || !name.chars().all(fits) {
        return Err(refused(format!(
            "`{name}` cannot be a name: use 1 to 128 letters, digits, `_`, `-` and `.`"
        )));
    }
    Ok(())
}

/// An entry that keeps the lifespan values of the server it came from.
fn at_home<E: Placed>(mut entry: E, home: &Server) -> E {
    let (levels, scope) = entry.place();
    levels.clear();
    if scope.is_empty() {
        *scope = Arc::clone(home.scope());
    }
    entry
}

fn completion_at_home(completion: &CompletionEntry, home: &Server) -> CompletionEntry {
    let mut entry = completion.clone();
    if entry.scope.is_empty() {
        entry.scope = Arc::clone(home.scope());
    }
    entry
}

trait Placed {
    fn place(&mut self) -> (&mut Vec<crate::registry::Level>, &mut Arc<Scope>);
}

macro_rules! placed {
    ($($name:ident)*) => {
        $(impl Placed for $name {
            fn place(&mut self) -> (&mut Vec<crate::registry::Level>, &mut Arc<Scope>) {
                (&mut self.levels, &mut self.scope)
            }
        })*
    };
}

placed!(ToolEntry ResourceEntry PromptEntry);

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
    entry: ToolEntry,
}

/// A resource or a resource template that is made at run time.
#[derive(Debug)]
pub struct DynamicResource {
    entry: ResourceEntry,
}

/// A prompt that is made at run time.
#[derive(Debug)]
pub struct DynamicPrompt {
    entry: PromptEntry,
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
            tool,
            tags: Vec::new(),
            handler: Arc::new(handler),
            timeout: None,
            hidden: false,
            levels: Vec::new(),
            scope: Arc::default(),
        };
        Self { entry }
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
    /// [`ErrorKind::Configuration`] when the URI template is malformed.
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
        };
        Self { entry }
    }
}

impl DynamicPrompt {
    /// A prompt given by its definition and its code.
    pub fn new(prompt: Prompt, handler: impl PromptHandler) -> Self {
        let entry = PromptEntry {
            prompt,
            tags: Vec::new(),
            handler: Arc::new(handler),
            timeout: None,
            hidden: false,
            levels: Vec::new(),
            scope: Arc::default(),
        };
        Self { entry }
    }
}

macro_rules! settings {
    ($($name:ident)*) => {
        $(impl $name {
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

impl fmt::Debug for ToParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToParent")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}
