//! How an annotated type becomes a server.

use std::{borrow::Cow, sync::Arc};

use super::{
    CompletionFn, Function, Info, PromptFn, ResourceFn, Server, Shared, Terms, ToolFn, handler,
    link_parent,
};
use crate::{
    access::{Policies, Requirement},
    completion::{CompletionSpec, CompletionTarget},
    middleware::Layers,
    names::Names,
    prompt::{PromptDescription, PromptSpec},
    registry::{CompletionEntry, CompletionOf, Source},
    resource::{ResourceDescription, ResourceSpec},
    tool::{IconSpec, ToolDescription, ToolSpec},
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
    /// What has to allow it.
    pub policies: Policies,
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
        policies: Vec::new,
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
    /// What has to allow it.
    pub policies: Policies,
    /// What is put around it.
    pub layers: Layers,
}

impl MountSpec {
    /// Nothing said.
    pub const EMPTY: Self = Self {
        prefix: None,
        scopes: &[],
        roles: &[],
        policies: Vec::new,
        layers: Vec::new,
    };
}

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

impl<S: 'static> Part<S> {
    /// What the server is.
    pub fn server(&mut self, spec: &ServerSpec) {
        self.info = Info::from_spec(spec);
        self.source.lenient = spec.lenient;
        self.source.middleware = (spec.layers)();
        let layers = &self.source.middleware;
        self.source.requirement =
            Requirement::of_attribute(spec.scopes, spec.roles, spec.policies, layers);
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
        let entry = handler::tool(&self.shared, description.finish(), call);
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
        let entry = handler::resource(&self.shared, &description.finish(), read);
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
        let entry = handler::prompt(&self.shared, description.finish(), get);
        self.source.prompts.push(Arc::new(entry));
    }

    /// Adds what completes an argument.
    pub fn completion(&mut self, spec: &'static CompletionSpec, complete: CompletionFn<S>) {
        let target = match spec.target {
            CompletionTarget::Prompt(name) => CompletionOf::Prompt(name.to_owned()),
            CompletionTarget::Resource(template) => CompletionOf::Resource(template.to_owned()),
        };
        self.source.completions.push(Arc::new(CompletionEntry {
            target,
            argument: Cow::Borrowed(spec.argument),
            handler: handler::completion(&self.shared, complete),
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
        let around = (spec.layers)();
        let requirement =
            Requirement::of_attribute(spec.scopes, spec.roles, spec.policies, &around);
        self.mounts.push(Mount {
            prefix: spec.prefix,
            server: C::__server(self.shared.project(field)),
            terms: Terms {
                requirement,
                around,
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
