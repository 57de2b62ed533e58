//! What was put into a server.

use std::{borrow::Cow, fmt, sync::Arc};

use super::{
    Catalogue, CompletionEntry, Component, PromptEntry, ResourceEntry, TagFilter, ToolEntry,
};
use crate::{
    Server,
    access::Requirement,
    middleware::{Chain, Middleware},
};

/// What was put into a server, in order.
#[derive(Default)]
pub(crate) struct Source {
    pub(crate) tools: Vec<Arc<ToolEntry>>,
    pub(crate) resources: Vec<Arc<ResourceEntry>>,
    pub(crate) prompts: Vec<Arc<PromptEntry>>,
    pub(crate) completions: Vec<Arc<CompletionEntry>>,
    pub(crate) mounts: Vec<Mounted>,
    pub(crate) middleware: Vec<Arc<dyn Middleware>>,
    pub(crate) filter: TagFilter,
    pub(crate) page_size: Option<usize>,
    /// Tools take arguments of kindred types.
    pub(crate) lenient: bool,
    /// What is demanded of the callers of everything the server offers.
    pub(crate) requirement: Requirement,
    /// The same of what carries a tag.
    pub(crate) tagged: Vec<(Cow<'static, str>, Requirement)>,
}

impl Source {
    /// What is demanded of the callers of whatever carries the tag.
    pub(crate) fn tagged(&mut self, tag: Cow<'static, str>) -> &mut Requirement {
        let known = self.tagged.iter().position(|(known, _)| *known == tag);
        let index = known.unwrap_or_else(|| {
            self.tagged.push((tag, Requirement::default()));
            self.tagged.len() - 1
        });
        &mut self.tagged[index].1
    }

    /// What is demanded of the callers of something with these tags.
    pub(crate) fn demands(&self, tags: &[Cow<'static, str>]) -> Requirement {
        let mut demanded = self.requirement.clone();
        for (tag, requirement) in &self.tagged {
            if tags.contains(tag) {
                demanded.add(requirement);
            }
        }
        demanded
    }

    /// Puts middleware around everything, in this place.
    pub(crate) fn put_around(&mut self, index: usize, middleware: Arc<dyn Middleware>) {
        self.requirement
            .add_policies_of(std::slice::from_ref(&middleware));
        self.middleware.insert(index, middleware);
    }

    /// Puts a component in.
    pub(crate) fn add<C: Component>(&mut self, mut component: C) {
        component.join(self);
        C::list(self).push(Arc::new(component));
    }

    /// Puts the components of another in.
    pub(crate) fn extend(&mut self, more: Self) {
        for tool in more.tools {
            self.add(Arc::unwrap_or_clone(tool));
        }
        self.resources.extend(more.resources);
        self.prompts.extend(more.prompts);
        self.completions.extend(more.completions);
    }

    /// Makes every tool lenient, those to come included.
    pub(crate) fn make_lenient(&mut self) {
        self.lenient = true;
        for tool in &mut self.tools {
            Arc::make_mut(tool).make_lenient();
        }
    }
}

/// A server that is mounted in another one.
#[derive(Clone)]
pub(crate) struct Mounted {
    pub(crate) prefix: Option<String>,
    pub(crate) server: Server,
    /// What is demanded of the callers of everything the mount offers.
    pub(crate) requirement: Requirement,
    /// What is put around the mount, outside of the server's own middleware.
    pub(crate) around: Arc<Chain>,
    /// Keeps the parent informed of the child's changes.
    pub(crate) _link: Arc<dyn super::Listener>,
}

impl Mounted {
    /// The middleware on the way into the mounted server.
    pub(crate) fn chain(&self, child: &Catalogue) -> Arc<Chain> {
        if self.around.is_empty() {
            return Arc::clone(&child.chain);
        }
        Arc::new(self.around.around(&child.chain))
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("tools", &self.tools.len())
            .field("resources", &self.resources.len())
            .field("prompts", &self.prompts.len())
            .field("mounts", &self.mounts.len())
            .field("middleware", &self.middleware.len())
            .finish()
    }
}
