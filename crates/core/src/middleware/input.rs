//! What hooks take: one type per kind of request.

use std::fmt;
use std::{borrow::Cow, sync::Arc, time::Duration};

use serde::de::DeserializeOwned;

use crate::{
    Context, Error, Result, Server,
    access::{Access, Purpose},
    protocol::{Prompt, Reference, Tool},
    registry::{
        CompletionEntry, Component, ListKind, PromptEntry, ResourceTarget, Table, ToolEntry,
    },
    server::fault,
    tool::Treatment,
    wire::Raw,
};

macro_rules! permit {
    ($(#[$doc:meta])*) => {
        $(#[$doc])*
        ///
        /// # Errors
        /// Why not.
        pub async fn permit(mut self) -> Result<Self> {
            self.check().await?;
            self.permitted = true;
            Ok(self)
        }
    };
}

macro_rules! decided {
    ($self:ident: $access:expr) => {
        /// Whether policies decide who may use it, so that the same caller may be
        /// refused another time.
        pub fn is_decided_by_policies(&$self) -> bool {
            let access: Option<&Access> = $access;
            access.is_some_and(|access| access.requirement.has_policies())
        }
    };
}

/// A call of a tool on its way to the tool.
#[derive(Clone)]
pub struct ToolCall<'a> {
    pub(crate) cx: &'a Context,
    pub(crate) name: Cow<'a, str>,
    pub(crate) arguments: Option<Cow<'a, str>>,
    pub(crate) entry: Option<&'a ToolEntry>,
    /// Its caller was let in.
    pub(crate) permitted: bool,
}

impl<'a> ToolCall<'a> {
    pub(crate) fn new(
        cx: &'a Context,
        name: impl Into<Cow<'a, str>>,
        arguments: Option<Cow<'a, str>>,
    ) -> Self {
        Self {
            cx,
            name: name.into(),
            arguments,
            entry: None,
            permitted: false,
        }
    }

    /// The request.
    pub fn context(&self) -> &'a Context {
        self.cx
    }

    /// The name, as this server knows the tool (with the prefixes of its
    /// mounts, without those of the servers it is mounted in).
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The tool; `None` when there is none of this name.
    pub fn tool(&self) -> Option<&'a Tool> {
        self.entry.map(|entry| &entry.tool)
    }

    /// The tags of the tool.
    pub fn tags(&self) -> &'a [Cow<'static, str>] {
        self.entry.map_or(&[], |entry| &entry.tags)
    }

    /// Whether the tool carries a tag.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags().iter().any(|own| own == tag)
    }

    /// The scopes that the tool, its server and the mounts on the way demand.
    pub fn required_scopes(&self) -> impl Iterator<Item = &'a str> {
        scopes(self.entry.map(|entry| &entry.access))
    }

    /// How long the tool may take, if there is a bound.
    pub fn time_limit(&self) -> Option<Duration> {
        time_limit(self.cx, self.entry.and_then(|entry| entry.timeout))
    }

    /// The error for a tool that is not there, under the name the client knows:
    /// the answer to those who may not know of it.
    pub fn unknown(&self) -> Error {
        fault::unknown_tool(self.entry.map_or(&self.name, |entry| &entry.tool.name))
    }

    /// The arguments as JSON text: an object, or nothing.
    pub fn arguments(&self) -> Option<&str> {
        self.arguments.as_deref()
    }

    /// The arguments without the values of those that are sensitive (`#[arg(sensitive)]`, or
    /// `writeOnly` in the schema), for logs and traces.
    pub fn redacted_arguments(&self) -> Option<Cow<'_, str>> {
        let treatment = self.entry.and_then(|entry| entry.treatment.as_deref());
        redacted(self.arguments(), treatment)
    }

    /// Decodes the arguments.
    ///
    /// # Errors
    /// When they do not have the shape of `T`.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T> {
        Ok(serde_json::from_str(self.arguments().unwrap_or("{}"))?)
    }

    /// The same call with other arguments.
    ///
    /// # Errors
    /// When they cannot be serialised.
    pub fn with_arguments(mut self, arguments: &impl serde::Serialize) -> Result<Self> {
        self.arguments = Some(Cow::Owned(serde_json::to_string(arguments)?));
        // Policies may go by them.
        self.permitted = false;
        Ok(self)
    }

    decided!(self: self.entry.map(|entry| &entry.access));

    permit! {
        /// Asks now whether the caller may call the tool, where there is one, instead
        /// of at the end of the chain: for middleware that answers in its place, or that
        /// is not to work for those who are refused.
    }

    pub(crate) async fn check(&self) -> Result<()> {
        let Some(entry) = self.entry.filter(|_| !self.permitted) else {
            return Ok(());
        };
        let unknown = || fault::unknown_tool(&entry.tool.name);
        let subject = || entry.asked_with(self.arguments());
        entry.access.permit(self.cx, subject, unknown).await
    }
}

/// Without the arguments: which of them are secrets only their author knows, who
/// has said so as a rule and not always.
impl fmt::Debug for ToolCall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToolCall")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

fn redacted<'a>(arguments: Option<&'a str>, treatment: Option<&Treatment>) -> Option<Cow<'a, str>> {
    Some(match treatment {
        Some(treatment) => treatment.redact(arguments?),
        None => Cow::Borrowed(arguments?),
    })
}

fn time_limit(cx: &Context, own: Option<Duration>) -> Option<Duration> {
    cx.server().tail().limit(own)
}

fn scopes(access: Option<&Access>) -> impl Iterator<Item = &str> {
    access
        .into_iter()
        .flat_map(|access| access.requirement.scopes())
}

/// The reading of a resource on its way to the resource.
#[derive(Clone)]
pub struct ResourceRead<'a> {
    pub(crate) cx: &'a Context,
    pub(crate) uri: Cow<'a, str>,
    /// The URI as the client knows it.
    pub(crate) asked: &'a str,
    pub(crate) target: Option<ResourceTarget<'a>>,
    /// Its caller was let in.
    pub(crate) permitted: bool,
}

impl<'a> ResourceRead<'a> {
    /// The request.
    pub fn context(&self) -> &'a Context {
        self.cx
    }

    /// The URI, as this server knows the resource.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// The URI as the client knows it: with the prefixes of all mounts.
    pub fn asked(&self) -> &'a str {
        self.asked
    }

    /// What the URI leads to: the URI of a resource that is offered, or the URI
    /// template of several, as clients know it; `None` when there is neither.
    pub fn component(&self) -> Option<&'a str> {
        self.target.as_ref().map(|target| target.entry.uri())
    }

    /// The scopes that the resource, its server and the mounts on the way demand.
    pub fn required_scopes(&self) -> impl Iterator<Item = &'a str> {
        scopes(self.target.as_ref().map(|target| &target.entry.access))
    }

    /// How long the reading may take, if there is a bound.
    pub fn time_limit(&self) -> Option<Duration> {
        let own = self.target.as_ref().and_then(|target| target.entry.timeout);
        time_limit(self.cx, own)
    }

    /// The error for a resource that is not there, under the URI the client
    /// knows: the answer to those who may not know of it.
    pub fn unknown(&self) -> Error {
        fault::unknown_resource(self.asked)
    }

    /// The tags of the resource or template.
    pub fn tags(&self) -> &'a [Cow<'static, str>] {
        self.target
            .as_ref()
            .map_or(&[], |target| &target.entry.tags)
    }

    decided!(self: self.target.as_ref().map(|target| &target.entry.access));

    permit! {
        /// Asks now whether the caller may read the resource, where there is one,
        /// instead of at the end of the chain; see [`ToolCall::permit`].
    }

    pub(crate) async fn check(&self) -> Result<()> {
        let Some(target) = self.target.as_ref().filter(|_| !self.permitted) else {
            return Ok(());
        };
        let unknown = || fault::unknown_resource(self.asked);
        let subject = || target.asked_at(self.asked, Purpose::Use);
        let access = &target.entry.access;
        access.permit(self.cx, subject, unknown).await
    }

    /// Whether the resource or template carries a tag.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags().iter().any(|own| own == tag)
    }
}

/// Without the URI, whose variables are arguments as well.
impl fmt::Debug for ResourceRead<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceRead")
            .field("component", &self.component())
            .finish_non_exhaustive()
    }
}

/// The making of a prompt on its way to the prompt.
#[derive(Clone)]
pub struct PromptGet<'a> {
    pub(crate) cx: &'a Context,
    pub(crate) name: Cow<'a, str>,
    pub(crate) arguments: Option<Cow<'a, str>>,
    pub(crate) entry: Option<&'a PromptEntry>,
    /// Its caller was let in.
    pub(crate) permitted: bool,
}

impl<'a> PromptGet<'a> {
    /// The request.
    pub fn context(&self) -> &'a Context {
        self.cx
    }

    /// The name, as this server knows the prompt.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The prompt; `None` when there is none of this name.
    pub fn prompt(&self) -> Option<&'a Prompt> {
        self.entry.map(|entry| &entry.prompt)
    }

    /// The tags of the prompt.
    pub fn tags(&self) -> &'a [Cow<'static, str>] {
        self.entry.map_or(&[], |entry| &entry.tags)
    }

    /// Whether the prompt carries a tag.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags().iter().any(|own| own == tag)
    }

    /// The scopes that the prompt, its server and the mounts on the way demand.
    pub fn required_scopes(&self) -> impl Iterator<Item = &'a str> {
        scopes(self.entry.map(|entry| &entry.access))
    }

    /// How long the prompt may take, if there is a bound.
    pub fn time_limit(&self) -> Option<Duration> {
        time_limit(self.cx, self.entry.and_then(|entry| entry.timeout))
    }

    /// The error for a prompt that is not there, under the name the client
    /// knows: the answer to those who may not know of it.
    pub fn unknown(&self) -> Error {
        fault::unknown_prompt(self.entry.map_or(&self.name, |entry| &entry.prompt.name))
    }

    /// The arguments without the values of those that are sensitive (`#[arg(sensitive)]`).
    pub fn redacted_arguments(&self) -> Option<Cow<'_, str>> {
        let treatment = self.entry.and_then(|entry| entry.treatment.as_deref());
        redacted(self.arguments(), treatment)
    }

    /// The arguments as JSON text: an object of texts, or nothing.
    pub fn arguments(&self) -> Option<&str> {
        self.arguments.as_deref()
    }

    decided!(self: self.entry.map(|entry| &entry.access));

    permit! {
        /// Asks now whether the caller may get the prompt, where there is one, instead
        /// of at the end of the chain; see [`ToolCall::permit`].
    }

    pub(crate) async fn check(&self) -> Result<()> {
        let Some(entry) = self.entry.filter(|_| !self.permitted) else {
            return Ok(());
        };
        let unknown = || fault::unknown_prompt(&entry.prompt.name);
        let subject = || entry.asked_with(self.arguments());
        entry.access.permit(self.cx, subject, unknown).await
    }
}

/// Without the arguments, as a [`ToolCall`].
impl fmt::Debug for PromptGet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PromptGet")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The completion of an argument.
#[derive(Clone)]
pub struct Complete<'a> {
    pub(crate) cx: &'a Context,
    /// In a box, so that it does not make every operation on its way larger.
    pub(crate) reference: Box<Reference>,
    pub(crate) argument: Cow<'a, str>,
    pub(crate) value: Cow<'a, str>,
    /// The arguments known already, as a JSON object.
    pub(crate) known: Option<Raw<'a>>,
    /// What completes, once it was found.
    pub(crate) entry: Option<Arc<CompletionEntry>>,
    /// Its caller was let in.
    pub(crate) permitted: bool,
}

impl<'a> Complete<'a> {
    /// The request.
    pub fn context(&self) -> &'a Context {
        self.cx
    }

    /// The prompt or resource template whose argument is completed.
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// The tags of the prompt or template; none where there is nothing of the name.
    pub fn tags(&self) -> Vec<Cow<'static, str>> {
        let catalogue = self.cx.server().catalogue();
        match &*self.reference {
            Reference::Prompt { .. } => tags(&catalogue.prompts, self.asked()),
            Reference::Resource { .. } => tags(&catalogue.templates, self.asked()),
        }
    }

    /// The error for what is not there, under the name the client knows: the
    /// answer to those who may not know of it.
    pub fn unknown(&self) -> Error {
        fault::unknown_reference(&self.reference, self.asked())
    }

    /// The name or URI as the client knows it.
    fn asked(&self) -> &str {
        match (&self.entry, &*self.reference) {
            (Some(entry), _) => entry.target.name(),
            (None, Reference::Prompt { name, .. }) => name,
            (None, Reference::Resource { uri }) => uri,
        }
    }

    /// The name of the argument.
    pub fn argument(&self) -> &str {
        &self.argument
    }

    /// What has been typed.
    pub fn value(&self) -> &str {
        &self.value
    }

    permit! {
        /// Asks now whether the caller may use what the argument belongs to, where
        /// there is such a thing, instead of at the end of the chain; see
        /// [`ToolCall::permit`].
    }

    /// In a mount the outermost server has asked already.
    pub(crate) async fn check(&self) -> Result<()> {
        if self.permitted || self.entry.is_some() {
            return Ok(());
        }
        let catalogue = self.cx.server().catalogue();
        match catalogue.access(&self.reference, Purpose::Complete) {
            Some((access, mut subject)) => {
                let known = self.known.filter(|known| known.is_object());
                subject.arguments = known.map(|known| Cow::Borrowed(known.get()));
                let unknown = || self.unknown();
                access.permit(self.cx, || subject, unknown).await
            }
            None => Ok(()),
        }
    }
}

/// Without what was typed: the argument may be sensitive.
impl fmt::Debug for Complete<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Complete")
            .field("reference", &self.reference)
            .field("argument", &self.argument)
            .finish_non_exhaustive()
    }
}

macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident of $table:ident, $kind:ident;)*) => {
        $($(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name<'a> {
            pub(crate) cx: &'a Context,
            pub(crate) server: &'a Server,
        }

        impl<'a> $name<'a> {
            /// The request.
            pub fn context(&self) -> &'a Context {
                self.cx
            }

            /// Whether policies decide who sees what of it, so that the same caller
            /// may get another list another time.
            pub fn is_decided_by_policies(&self) -> bool {
                self.cx.server().catalogue().asks_for(ListKind::$kind)
            }

            /// The tags of what the list names so; none where there is nothing of
            /// the name.
            pub fn tags(&self, name: &str) -> Vec<Cow<'static, str>> {
                tags(&self.server.catalogue().$table, name)
            }
        })*
    };
}

fn tags<C: Component>(table: &Table<C>, name: &str) -> Vec<Cow<'static, str>> {
    table
        .get(name)
        .map_or_else(Vec::new, |entry| entry.tags().to_vec())
}

lists! {
    /// A request for the list of tools.
    ToolList of tools, Tools;
    /// A request for the list of resources.
    ResourceList of resources, Resources;
    /// A request for the list of resource templates.
    ResourceTemplateList of templates, ResourceTemplates;
    /// A request for the list of prompts.
    PromptList of prompts, Prompts;
}
