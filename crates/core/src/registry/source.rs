//! What was put into a server.

use std::{fmt, sync::Arc};

use super::{CompletionEntry, Component, PromptEntry, ResourceEntry, TagFilter, ToolEntry};
use crate::{Server, access::Requirement, middleware::Middleware};

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
}

impl Source {
    /// Puts a component in.
    pub(crate) fn add<C: Component>(&mut self, mut component: C) {
        component.join(self);
        C::list(self).push(Arc::new(component));
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
    /// Keeps the parent informed of the child's changes.
    pub(crate) _link: Arc<dyn super::Listener>,
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
