//! What tools, resources and prompts have in common, so that putting one in,
//! taking one out and moving one is written once.

use std::{borrow::Cow, sync::Arc};

use super::{Catalogue, Change, Level, PromptEntry, ResourceEntry, Source, ToolEntry};
use crate::{
    access::{Access, ComponentKind, Purpose, Subject},
    server::Scope,
};

/// A tool, a resource or a prompt.
pub(crate) trait Component: Clone + Send + Sync + 'static {
    /// The word for it in messages.
    const WORD: &'static str;
    /// What policies call it.
    const KIND: ComponentKind;
    /// What is published when one comes or goes.
    const CHANGE: Change;

    /// Its name, or the URI or template of a resource.
    fn name(&self) -> &str;

    /// Where a server keeps its own.
    fn list(source: &mut Source) -> &mut Vec<Arc<Self>>;

    /// What is offered, mounts included.
    fn offered(catalogue: &Catalogue) -> impl Iterator<Item = &Arc<Self>>;

    /// Whether one of the name is offered, mounts included.
    fn is_in(catalogue: &Catalogue, name: &str) -> bool;

    /// Takes on what its server says of all its components.
    fn join(&mut self, _: &Source) {}

    /// The mounts it is reached through, and the scope it runs in.
    fn place(&mut self) -> (&mut Vec<Level>, &mut Arc<Scope>);

    /// Whether it is left out of lists.
    fn is_hidden(&self) -> bool;

    fn tags(&self) -> &[Cow<'static, str>];

    /// What is demanded of its callers.
    fn access(&self) -> &Access;

    /// The same, to demand more.
    fn access_mut(&mut self) -> &mut Access;

    /// The component, of whose callers is demanded what the server demands too.
    fn demanding(component: &Arc<Self>, source: &Source) -> Arc<Self> {
        let mut component = Arc::clone(component);
        let requirement = source.demands(component.tags());
        if !requirement.is_empty() {
            let demanded = &mut Arc::make_mut(&mut component).access_mut().requirement;
            demanded.add(&requirement);
        }
        component
    }

    /// What a policy is told of it where nobody uses it yet.
    fn subject(&self, purpose: Purpose) -> Subject<'_> {
        Subject::new(Self::KIND, purpose, self.name(), self.tags())
    }
}

impl Component for ToolEntry {
    const WORD: &'static str = "tool";
    const KIND: ComponentKind = ComponentKind::Tool;
    const CHANGE: Change = Change::Tools;

    fn name(&self) -> &str {
        &self.tool.name
    }

    fn list(source: &mut Source) -> &mut Vec<Arc<Self>> {
        &mut source.tools
    }

    fn offered(catalogue: &Catalogue) -> impl Iterator<Item = &Arc<Self>> {
        catalogue.tools.iter()
    }

    fn is_in(catalogue: &Catalogue, name: &str) -> bool {
        catalogue.tools.get(name).is_some()
    }

    fn join(&mut self, source: &Source) {
        if source.lenient {
            self.make_lenient();
        }
    }

    fn place(&mut self) -> (&mut Vec<Level>, &mut Arc<Scope>) {
        (&mut self.levels, &mut self.scope)
    }

    fn is_hidden(&self) -> bool {
        self.hidden
    }

    fn tags(&self) -> &[Cow<'static, str>] {
        &self.tags
    }

    fn access(&self) -> &Access {
        &self.access
    }

    fn access_mut(&mut self) -> &mut Access {
        &mut self.access
    }
}

impl Component for ResourceEntry {
    const WORD: &'static str = "resource";
    const KIND: ComponentKind = ComponentKind::Resource;
    const CHANGE: Change = Change::Resources;

    fn name(&self) -> &str {
        self.uri()
    }

    fn list(source: &mut Source) -> &mut Vec<Arc<Self>> {
        &mut source.resources
    }

    fn offered(catalogue: &Catalogue) -> impl Iterator<Item = &Arc<Self>> {
        catalogue.resources.iter().chain(catalogue.templates.iter())
    }

    fn is_in(catalogue: &Catalogue, name: &str) -> bool {
        catalogue.resources.get(name).is_some() || catalogue.templates.get(name).is_some()
    }

    fn place(&mut self) -> (&mut Vec<Level>, &mut Arc<Scope>) {
        (&mut self.levels, &mut self.scope)
    }

    fn is_hidden(&self) -> bool {
        self.hidden
    }

    fn tags(&self) -> &[Cow<'static, str>] {
        &self.tags
    }

    fn access(&self) -> &Access {
        &self.access
    }

    fn access_mut(&mut self) -> &mut Access {
        &mut self.access
    }
}

impl Component for PromptEntry {
    const WORD: &'static str = "prompt";
    const KIND: ComponentKind = ComponentKind::Prompt;
    const CHANGE: Change = Change::Prompts;

    fn name(&self) -> &str {
        &self.prompt.name
    }

    fn list(source: &mut Source) -> &mut Vec<Arc<Self>> {
        &mut source.prompts
    }

    fn offered(catalogue: &Catalogue) -> impl Iterator<Item = &Arc<Self>> {
        catalogue.prompts.iter()
    }

    fn is_in(catalogue: &Catalogue, name: &str) -> bool {
        catalogue.prompts.get(name).is_some()
    }

    fn place(&mut self) -> (&mut Vec<Level>, &mut Arc<Scope>) {
        (&mut self.levels, &mut self.scope)
    }

    fn is_hidden(&self) -> bool {
        self.hidden
    }

    fn tags(&self) -> &[Cow<'static, str>] {
        &self.tags
    }

    fn access(&self) -> &Access {
        &self.access
    }

    fn access_mut(&mut self) -> &mut Access {
        &mut self.access
    }
}
