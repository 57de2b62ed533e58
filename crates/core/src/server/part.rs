//! How an annotated type becomes a server.

use std::{borrow::Cow, sync::Arc};

use super::{Function, Info, Server, Shared, Terms, link_parent};
use crate::{
    BoxFuture, Context, Result,
    access::{Access, Requirement},
    completion::{CompletionInput, CompletionSpec, CompletionTarget},
    middleware::Layers,
    names::Names,
    prompt::{PromptDefinition, PromptDescription, PromptInput, PromptResult, PromptSpec},
    protocol::Completion,
    registry::{
        CompletionEntry, CompletionHandler, Level, PromptEntry, PromptHandler, ResourceAddress,
        ResourceEntry, ResourceHandler, Source, ToolEntry, ToolHandler, header_params, wraps,
    },
    resource::{
        ResourceDefinition, ResourceDescription, ResourceInput, ResourceResult, ResourceSpec,
        VariableEntry,
    },
    tool::{
        IconSpec, StructuredShape, ToolDefinition, ToolDescription, ToolInput, ToolResult, ToolSpec,
    },
};

/// A type that is a server: what `#[mcp_server]` implements.
///
/// Mounted fields may be of any such type, of `Arc` or `Box` of one, or a
/// [`Server`] put together at run time.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a server",
    label = "not a server",
    note = "annotate its impl block, the struct or a module with `#[mcp_server]`"
)]
pub trait McpServer: Send + Sync + Sized + 'static {
    /// Its names, as far as they are known while compiling.
    #[doc(hidden)]
    const __NAMES: &'static Names = &Names::NONE;

    /// Says what the server is and offers.
    #[doc(hidden)]
    fn __assemble(part: &mut Part<Self>);

    /// The server behind a handle.
    #[doc(hidden)]
    fn __server(this: Shared<Self>) -> Server {
        let mut part = Part::new(this);
        Self::__assemble(&mut part);
        part.finish()
    }

    /// Makes it a server that can be served, mounted and tested.
    fn into_server(self) -> Server {
        Server::new(self)
    }
}

impl McpServer for Server {
    fn __assemble(_: &mut Part<Self>) {}

    fn __server(this: Shared<Self>) -> Server {
        (*this).clone()
    }

    fn into_server(self) -> Server {
        self
    }
}

impl<S: McpServer> McpServer for Arc<S> {
    const __NAMES: &'static Names = S::__NAMES;

    fn __assemble(_: &mut Part<Self>) {}

    fn __server(this: Shared<Self>) -> Server {
        S::__server(this.project(|this| &**this))
    }
}

impl<S: McpServer> McpServer for Box<S> {
    const __NAMES: &'static Names = S::__NAMES;

    fn __assemble(_: &mut Part<Self>) {}

    fn __server(this: Shared<Self>) -> Server {
        S::__server(this.project(|this| &**this))
    }
}

/// What `#[mcp_server]` says of a server.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct ServerSpec {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Name to show to people.
    pub title: Option<&'static str>,
    /// What it is.
    pub description: Option<&'static str>,
    /// How a model best uses it.
    pub instructions: Option<&'static str>,
    /// Its home page.
    pub website: Option<&'static str>,
    /// Icons to choose from.
    pub icons: &'static [IconSpec],
    /// Its tools take arguments of kindred types.
    pub lenient: bool,
    /// What its callers must have been granted, all of it.
    pub scopes: &'static [&'static str],
    /// Of what its callers must be one.
    pub roles: &'static [&'static str],
    /// What is put around it.
    pub layers: Layers,
}

impl ServerSpec {
    /// Nothing said.
    pub const EMPTY: Self = Self {
        name: "",
        version: "",
        title: None,
        description: None,
        instructions: None,
        website: None,
        icons: &[],
        lenient: false,
        scopes: &[],
        roles: &[],
        layers: Vec::new,
    };
}

/// What `#[mount]` says of a field.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct MountSpec {
    /// What names are put under.
    pub prefix: Option<&'static str>,
    /// What the callers of everything in it must have been granted, all of it.
    pub scopes: &'static [&'static str],
    /// Of what they must be one.
    pub roles: &'static [&'static str],
    /// What is put around it.
    pub layers: Layers,
}

impl MountSpec {
    /// Nothing said.
    pub const EMPTY: Self = Self {
        prefix: None,
        scopes: &[],
        roles: &[],
        layers: Vec::new,
    };
}

/// The code of an annotated tool.
#[doc(hidden)]
pub type ToolFn<S> = for<'a> fn(&'a Shared<S>, ToolInput<'a>) -> BoxFuture<'a, Result<ToolResult>>;
/// The code of an annotated resource.
#[doc(hidden)]
pub type ResourceFn<S> =
    for<'a> fn(&'a Shared<S>, ResourceInput<'a>) -> BoxFuture<'a, Result<ResourceResult>>;
/// The code of an annotated prompt.
#[doc(hidden)]
pub type PromptFn<S> =
    for<'a> fn(&'a Shared<S>, PromptInput<'a>) -> BoxFuture<'a, Result<PromptResult>>;
/// The code of an annotated completion.
#[doc(hidden)]
pub type CompletionFn<S> =
    for<'a> fn(&'a Shared<S>, CompletionInput<'a>) -> BoxFuture<'a, Result<Completion>>;

/// A server in a field of another.
#[derive(Debug)]
struct Mount {
    prefix: Option<&'static str>,
    server: Server,
    terms: Terms,
}

/// A server while it is assembled.
#[doc(hidden)]
#[derive(Debug)]
pub struct Part<S> {
    shared: Shared<S>,
    info: Info,
    source: Source,
    mounts: Vec<Mount>,
    setup: Option<fn(&S, Server) -> Server>,
}

impl Part<()> {
    /// What a function outside of any server adds.
    pub(super) fn of_function<F: Function>() -> Source {
        let mut part = Self::new(Shared::new(()));
        F::__assemble(&mut part);
        part.source
    }
}

impl<S> Part<S> {
    fn new(shared: Shared<S>) -> Self {
        Self {
            shared,
            info: Info::default(),
            source: Source::default(),
            mounts: Vec::new(),
            setup: None,
        }
    }
}

impl<S: Send + Sync + 'static> Part<S> {
    /// What the server is.
    pub fn server(&mut self, spec: &ServerSpec) {
        self.info = Info::from_spec(spec);
        self.source.lenient = spec.lenient;
        let requirement = &mut self.source.requirement;
        requirement.add_scopes(spec.scopes.iter().copied());
        requirement.add_roles(spec.roles.iter().copied());
        self.source.middleware = (spec.layers)();
    }

    /// Adds a tool.
    pub fn tool(
        &mut self,
        spec: &'static ToolSpec,
        describe: fn(&mut ToolDescription),
        call: ToolFn<S>,
    ) {
        let mut description = ToolDescription::new(spec);
        describe(&mut description);
        let shared = self.shared.clone();
        let entry = tool_entry(description.finish(), |definition| {
            Arc::new(StaticTool {
                shared,
                call,
                definition,
            })
        });
        self.source.add(entry);
    }

    /// Adds a resource or a resource template.
    pub fn resource(
        &mut self,
        spec: &'static ResourceSpec,
        describe: fn(&mut ResourceDescription),
        read: ResourceFn<S>,
    ) {
        let mut description = ResourceDescription::new(spec);
        describe(&mut description);
        let shared = self.shared.clone();
        let definition = description.finish();
        let handler = StaticResource {
            shared,
            read,
            params: definition.params(),
        };
        let entry = resource_entry(&definition, Arc::new(handler));
        self.source.resources.push(Arc::new(entry));
    }

    /// Adds a prompt.
    pub fn prompt(
        &mut self,
        spec: &'static PromptSpec,
        describe: fn(&mut PromptDescription),
        get: PromptFn<S>,
    ) {
        let mut description = PromptDescription::new(spec);
        describe(&mut description);
        let shared = self.shared.clone();
        let entry = prompt_entry(description.finish(), |definition| {
            Arc::new(StaticPrompt {
                shared,
                get,
                definition,
            })
        });
        self.source.prompts.push(Arc::new(entry));
    }

    /// Adds what completes an argument.
    pub fn completion(&mut self, spec: &'static CompletionSpec, complete: CompletionFn<S>) {
        let target = match spec.target {
            CompletionTarget::Prompt(name) => name,
            CompletionTarget::Resource(template) => template,
        };
        self.source.completions.push(Arc::new(CompletionEntry {
            target: target.to_owned(),
            argument: Cow::Borrowed(spec.argument),
            handler: Arc::new(StaticCompletion {
                shared: self.shared.clone(),
                complete,
            }),
            levels: Vec::new(),
            scope: Arc::default(),
        }));
    }

    /// Adds a function that has no server of its own.
    pub fn function<F: Function>(&mut self) {
        self.source.extend(Part::of_function::<F>());
    }

    /// Mounts a field.
    pub fn mount<C: McpServer>(&mut self, spec: &MountSpec, field: fn(&S) -> &C) {
        let mut requirement = Requirement::default();
        requirement.add_scopes(spec.scopes.iter().copied());
        requirement.add_roles(spec.roles.iter().copied());
        self.mounts.push(Mount {
            prefix: spec.prefix,
            server: C::__server(self.shared.project(field)),
            terms: Terms {
                requirement,
                around: (spec.layers)(),
            },
        });
    }

    /// Finishes the server with a function of its author's.
    pub fn setup(&mut self, setup: fn(&S, Server) -> Server) {
        self.setup = Some(setup);
    }

    fn finish(self) -> Server {
        let server = Server::from_source(self.info, self.source);
        for mount in self.mounts {
            link_parent(&server, mount.prefix, mount.server, mount.terms);
        }
        match self.setup {
            Some(setup) => setup(&self.shared, server),
            None => server,
        }
    }
}

fn tags(tags: &'static [&'static str]) -> Vec<Cow<'static, str>> {
    tags.iter().map(|tag| Cow::Borrowed(*tag)).collect()
}

fn tool_entry(
    definition: ToolDefinition,
    handler: impl FnOnce(Arc<ToolDefinition>) -> Arc<dyn ToolHandler>,
) -> ToolEntry {
    let definition = Arc::new(definition);
    let spec = definition.spec();
    let tool = definition.to_tool(spec.name, StructuredShape::Any);
    ToolEntry {
        wraps: wraps(tool.output_schema.as_ref()),
        headers: header_params(&tool.input_schema),
        treatment: definition.treatment(),
        aliases: definition.arguments().aliases().collect(),
        tool,
        tags: tags(spec.tags),
        timeout: spec.timeout,
        hidden: spec.hidden,
        levels: Vec::from_iter(Level::own(&(spec.layers)(), spec.name)),
        scope: Arc::default(),
        access: Access::new(spec.scopes, spec.roles, spec.rate),
        handler: handler(definition),
    }
}

fn resource_entry(
    definition: &ResourceDefinition,
    handler: Arc<dyn ResourceHandler>,
) -> ResourceEntry {
    let spec = definition.spec();
    let address = match definition.template() {
        Some(template) => {
            ResourceAddress::Template(definition.to_template(spec.uri), template.clone())
        }
        None => ResourceAddress::Fixed(definition.to_resource(spec.uri)),
    };
    ResourceEntry {
        address,
        tags: tags(spec.tags),
        handler,
        timeout: spec.timeout,
        hidden: spec.hidden,
        levels: Vec::from_iter(Level::own(&(spec.layers)(), spec.uri)),
        scope: Arc::default(),
        access: Access::new(spec.scopes, spec.roles, spec.rate),
    }
}

fn prompt_entry(
    definition: PromptDefinition,
    handler: impl FnOnce(Arc<PromptDefinition>) -> Arc<dyn PromptHandler>,
) -> PromptEntry {
    let definition = Arc::new(definition);
    let spec = definition.spec();
    PromptEntry {
        prompt: definition.to_prompt(spec.name),
        treatment: definition.treatment(),
        tags: tags(spec.tags),
        timeout: spec.timeout,
        hidden: spec.hidden,
        levels: Vec::from_iter(Level::own(&(spec.layers)(), spec.name)),
        scope: Arc::default(),
        access: Access::new(spec.scopes, spec.roles, spec.rate),
        handler: handler(definition),
    }
}

struct StaticTool<S> {
    shared: Shared<S>,
    call: ToolFn<S>,
    definition: Arc<ToolDefinition>,
}

impl<S: Send + Sync + 'static> ToolHandler for StaticTool<S> {
    fn call<'a>(
        &'a self,
        cx: &'a Context,
        arguments: Option<&'a str>,
    ) -> BoxFuture<'a, Result<ToolResult>> {
        let table = self.definition.arguments();
        let input = ToolInput::new(cx, table, arguments);
        // A handler without parameters never looks at its input.
        if table.is_empty() && input.has_mistakes() {
            return input.reject();
        }
        let result = (self.call)(&self.shared, input);
        if !self.definition.has_promise() {
            return result;
        }
        Box::pin(async move { self.definition.keep(result.await?) })
    }
}

struct StaticResource<S> {
    shared: Shared<S>,
    read: ResourceFn<S>,
    params: Arc<[VariableEntry]>,
}

impl<S: Send + Sync + 'static> ResourceHandler for StaticResource<S> {
    fn read<'a>(&'a self, input: ResourceInput<'a>) -> BoxFuture<'a, Result<ResourceResult>> {
        (self.read)(&self.shared, input.with_params(&self.params))
    }
}

struct StaticPrompt<S> {
    shared: Shared<S>,
    get: PromptFn<S>,
    definition: Arc<PromptDefinition>,
}

impl<S: Send + Sync + 'static> PromptHandler for StaticPrompt<S> {
    fn get<'a>(
        &'a self,
        cx: &'a Context,
        arguments: Option<&'a str>,
    ) -> BoxFuture<'a, Result<PromptResult>> {
        let table = self.definition.arguments();
        let input = PromptInput::new(cx, table, arguments);
        // A handler without parameters never looks at its input.
        if table.is_empty() && input.has_mistakes() {
            return input.reject();
        }
        (self.get)(&self.shared, input)
    }
}

struct StaticCompletion<S> {
    shared: Shared<S>,
    complete: CompletionFn<S>,
}

impl<S: Send + Sync + 'static> CompletionHandler for StaticCompletion<S> {
    fn complete<'a>(&'a self, input: CompletionInput<'a>) -> BoxFuture<'a, Result<Completion>> {
        (self.complete)(&self.shared, input)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorKind, ToolError};

    #[tokio::test]
    async fn a_tool_without_parameters_refuses_arguments() {
        let definition = Arc::new(ToolDescription::new(&ToolSpec::EMPTY).finish());
        let tool = StaticTool {
            shared: Shared::new(()),
            call: |_, _| Box::pin(async { Ok(ToolResult::text("ran")) }),
            definition,
        };
        let cx = Context::for_tests();
        assert_eq!(tool.call(&cx, Some("{}")).await.unwrap().as_text(), "ran");
        let refused = tool.call(&cx, Some(r#"{"a":1}"#)).await.unwrap();
        assert!(refused.is_error());
        assert!(
            refused
                .as_text()
                .ends_with("$.a: unknown argument; there are none")
        );
    }

    #[tokio::test]
    async fn a_prompt_without_parameters_refuses_arguments() {
        let definition = Arc::new(PromptDescription::new(&PromptSpec::EMPTY).finish());
        let prompt = StaticPrompt {
            shared: Shared::new(()),
            get: |_, _| Box::pin(async { Err(ToolError::new("ran").into()) }),
            definition,
        };
        let cx = Context::for_tests();
        assert_eq!(
            prompt.get(&cx, None).await.unwrap_err().kind(),
            ErrorKind::Tool
        );
        let refused = prompt.get(&cx, Some(r#"{"a":"1"}"#)).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidArguments);
    }
}
