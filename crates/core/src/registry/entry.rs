//! The components a server offers, each with the code that serves it.

use std::{any::Any, borrow::Cow, fmt, future::ready, sync::Arc, time::Duration};

use crate::{
    BoxFuture, Context, Result,
    access::Access,
    completion::CompletionInput,
    middleware::{Chain, Middleware},
    prompt::PromptResult,
    protocol::{Completion, Prompt, Reference, Resource, ResourceTemplate, Tool},
    resource::{ResourceInput, ResourceResult, UriTemplate, Variables},
    server::Scope,
    tool::{Aliases, Lenient, ToolResult, Treatment},
    wire::HeaderParam,
};

/// The code of a tool.
///
/// Macros write it for annotated functions; implement it for tools that are
/// known only at run time.
pub trait ToolHandler: Send + Sync + 'static {
    /// Serves one call. `arguments` is the JSON object the client sent, valid
    /// JSON but not checked against the schema.
    fn call<'a>(
        &'a self,
        cx: &'a Context,
        arguments: Option<&'a str>,
    ) -> BoxFuture<'a, Result<ToolResult>>;
}

/// The code of a resource or a resource template.
pub trait ResourceHandler: Send + Sync + 'static {
    /// Reads the resource.
    fn read<'a>(&'a self, input: ResourceInput<'a>) -> BoxFuture<'a, Result<ResourceResult>>;

    /// Is told that a client subscribes to the resource, `uri` being what the
    /// client calls it. What is returned is dropped when the client ends the
    /// subscription or goes away.
    ///
    /// Only resources whose changes have to be asked for elsewhere need this,
    /// such as those of a remote server. It returns when changes will be heard
    /// of; they are told by [`Server::notify_resource_updated`](crate::Server::notify_resource_updated)
    /// as all are.
    ///
    /// # Errors
    /// The subscription is refused.
    fn watch<'a>(&'a self, cx: &'a Context, uri: &'a str) -> BoxFuture<'a, Result<Watching>> {
        let _ = (cx, uri);
        Box::pin(ready(Ok(Watching::default())))
    }
}

/// Keeps a resource watched until it is dropped; see [`ResourceHandler::watch`].
///
/// ```
/// use purlin_core::Watching;
///
/// struct Feed;
/// impl Drop for Feed {
///     fn drop(&mut self) { /* hang up */ }
/// }
///
/// let watching = Watching::new(Feed);
/// # let _ = watching;
/// ```
#[derive(Default)]
#[must_use = "dropping it ends the watch"]
pub struct Watching {
    guard: Option<Box<dyn Any + Send + Sync>>,
}

impl Watching {
    /// Drops the guard when nobody watches any more.
    pub fn new(guard: impl Any + Send + Sync) -> Self {
        Self {
            guard: Some(Box::new(guard)),
        }
    }
}

impl fmt::Debug for Watching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watching")
            .field("guarded", &self.guard.is_some())
            .finish()
    }
}

/// The code of a prompt.
pub trait PromptHandler: Send + Sync + 'static {
    /// Makes the prompt's messages.
    fn get<'a>(
        &'a self,
        cx: &'a Context,
        arguments: Option<&'a str>,
    ) -> BoxFuture<'a, Result<PromptResult>>;
}

/// The code that completes an argument.
pub trait CompletionHandler: Send + Sync + 'static {
    /// Completes what has been typed.
    fn complete<'a>(&'a self, input: CompletionInput<'a>) -> BoxFuture<'a, Result<Completion>>;
}

/// Middleware on the way to a component: of a mounted server that it is reached
/// through, or its own.
#[derive(Debug, Clone)]
pub(crate) struct Level {
    /// Whether it is the component's own, which goes wherever the component goes.
    pub(crate) own: bool,
    pub(crate) chain: Arc<Chain>,
    /// The name or URI prefix-free, as that server knows the component.
    pub(crate) local: Arc<str>,
    pub(crate) scope: Arc<Scope>,
}

impl Level {
    /// What is put around a component itself; nothing where there is none.
    pub(crate) fn own(layers: &[Arc<dyn Middleware>], local: &str) -> Option<Self> {
        (!layers.is_empty()).then(|| Self {
            own: true,
            chain: Arc::new(Chain::new(layers)),
            local: local.into(),
            scope: Arc::default(),
        })
    }
}

/// A tool under its final name.
#[derive(Clone)]
pub(crate) struct ToolEntry {
    pub(crate) tool: Tool,
    pub(crate) tags: Vec<Cow<'static, str>>,
    pub(crate) handler: Arc<dyn ToolHandler>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) hidden: bool,
    pub(crate) headers: Vec<HeaderParam>,
    /// What is done to arguments before the handler or others see them.
    pub(crate) treatment: Option<Arc<Treatment>>,
    /// Names of arguments that are not listed.
    pub(crate) aliases: Aliases,
    /// The output is no object, so the session era wraps it in one.
    pub(crate) wraps: bool,
    /// The middleware behind that of the outermost server, outermost first.
    pub(crate) levels: Vec<Level>,
    pub(crate) scope: Arc<Scope>,
    pub(crate) access: Access,
}

impl ToolEntry {
    /// Takes values of kindred types for every argument.
    pub(crate) fn make_lenient(&mut self) {
        let (schema, aliases) = (&self.tool.input_schema, self.aliases.clone());
        self.treatment = Treatment::of(schema, aliases, Lenient::All);
    }
}

/// A resource or a template under its final URI.
#[derive(Clone)]
pub(crate) struct ResourceEntry {
    pub(crate) address: ResourceAddress,
    pub(crate) tags: Vec<Cow<'static, str>>,
    pub(crate) handler: Arc<dyn ResourceHandler>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) hidden: bool,
    pub(crate) levels: Vec<Level>,
    pub(crate) scope: Arc<Scope>,
    pub(crate) access: Access,
}

/// How a resource is addressed.
#[derive(Debug, Clone)]
pub(crate) enum ResourceAddress {
    Fixed(Resource),
    Template(ResourceTemplate, UriTemplate),
}

impl ResourceEntry {
    pub(crate) fn mime_type(&self) -> Option<&str> {
        match &self.address {
            ResourceAddress::Fixed(resource) => resource.mime_type.as_deref(),
            ResourceAddress::Template(template, _) => template.mime_type.as_deref(),
        }
    }

    /// The URI or the template.
    pub(crate) fn uri(&self) -> &str {
        match &self.address {
            ResourceAddress::Fixed(resource) => &resource.uri,
            ResourceAddress::Template(template, _) => &template.uri_template,
        }
    }
}

/// A resource that was found for a URI, with the variables of its template.
#[derive(Debug, Clone)]
pub(crate) struct ResourceTarget<'a> {
    pub(crate) entry: &'a ResourceEntry,
    pub(crate) variables: Variables,
}

/// A prompt under its final name.
#[derive(Clone)]
pub(crate) struct PromptEntry {
    pub(crate) prompt: Prompt,
    /// What is done to arguments before others see them.
    pub(crate) treatment: Option<Arc<Treatment>>,
    /// Names of arguments that are not listed.
    pub(crate) aliases: Aliases,
    pub(crate) tags: Vec<Cow<'static, str>>,
    pub(crate) handler: Arc<dyn PromptHandler>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) hidden: bool,
    pub(crate) levels: Vec<Level>,
    pub(crate) scope: Arc<Scope>,
    pub(crate) access: Access,
}

/// Whose argument is completed. The kind counts: what guards a prompt says nothing
/// of a template that has the same text as its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CompletionOf {
    /// The final name of the prompt.
    Prompt(String),
    /// The final URI template.
    Resource(String),
}

impl CompletionOf {
    /// Its name or URI.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Prompt(name) | Self::Resource(name) => name,
        }
    }

    /// Whether a reference means it.
    pub(crate) fn is_meant_by(&self, reference: &Reference) -> bool {
        match (self, reference) {
            (Self::Prompt(own), Reference::Prompt { name, .. }) => own == name,
            (Self::Resource(own), Reference::Resource { uri }) => own == uri,
            _ => false,
        }
    }
}

impl From<&Reference> for CompletionOf {
    fn from(reference: &Reference) -> Self {
        match reference {
            Reference::Prompt { name, .. } => Self::Prompt(name.clone()),
            Reference::Resource { uri } => Self::Resource(uri.clone()),
        }
    }
}

/// What completes one argument of a prompt or a template.
#[derive(Clone)]
pub(crate) struct CompletionEntry {
    pub(crate) target: CompletionOf,
    pub(crate) argument: Cow<'static, str>,
    pub(crate) handler: Arc<dyn CompletionHandler>,
    /// The middleware behind that of the outermost server, outermost first.
    pub(crate) levels: Vec<Level>,
    pub(crate) scope: Arc<Scope>,
}

macro_rules! debug_by {
    ($($name:ident: $($field:ident).+;)*) => {
        $(impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.$($field).+).finish()
            }
        })*
    };
}

debug_by! {
    ToolEntry: tool.name;
    ResourceEntry: address;
    PromptEntry: prompt.name;
    CompletionEntry: target;
}
