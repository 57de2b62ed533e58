//! Everything a server offers, under its final name.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use super::{
    CompletionEntry, CompletionOf, Component, Level, Mounted, PromptEntry, ResourceAddress,
    ResourceEntry, ResourceTarget, Source, Table, ToolEntry,
    list::{ListKind, Listings, Lists, PreparedList},
    prefixed_name, prefixed_uri,
};
use crate::{
    Context, Server,
    access::{Access, Limiter, Purpose, Requirement, Subject},
    middleware::Chain,
    protocol::{Reference, ServerCapabilities},
    resource::Variables,
    server::{Scope, Tail, promise::Kinds},
    wire::Revision,
};

/// Everything a server offers, worked out from its [`Source`].
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    pub(crate) tools: Table<ToolEntry>,
    pub(crate) resources: Table<ResourceEntry>,
    pub(crate) templates: Table<ResourceEntry>,
    pub(crate) prompts: Table<PromptEntry>,
    pub(crate) completions: Vec<Arc<CompletionEntry>>,
    pub(crate) chain: Arc<Chain>,
    pub(crate) page_size: Option<usize>,
    /// What results end with.
    pub(crate) tail: Arc<Tail>,
    /// The mounted servers' own chains have hooks on lists.
    lists_are_hooked: bool,
    /// Which of the lists differ from caller to caller.
    guarded: [Guarding; ListKind::ALL.len()],
    /// What the server demands, with what it demands by tags, for tools that stand in
    /// no catalogue.
    demanded: Source,
    /// How many of each are the server's own; they come first.
    pub(crate) own: Own,
    /// What limits are called in a store that several processes share: by the
    /// first component that has them.
    limits: HashMap<usize, String>,
    /// Names that were taken twice: the later ones are not served.
    pub(crate) collisions: Vec<String>,
    lists: Lists,
    pub(crate) listings: Listings,
    pub(crate) discovery: OnceLock<Vec<u8>>,
}

impl Catalogue {
    pub(crate) fn build(server: &Server, source: &Source) -> Self {
        let mut this = Self {
            chain: Arc::new(Chain::new(&source.middleware)),
            page_size: source.page_size,
            tail: Arc::new(server.make_tail()),
            demanded: Source {
                requirement: source.requirement.clone(),
                tagged: source.tagged.clone(),
                ..Source::default()
            },
            ..Self::default()
        };
        for tool in source
            .tools
            .iter()
            .filter(|tool| source.filter.keeps(&tool.tags))
        {
            this.add_tool(Component::demanding(tool, source));
        }
        for resource in source
            .resources
            .iter()
            .filter(|resource| source.filter.keeps(&resource.tags))
        {
            this.add_resource(Component::demanding(resource, source));
        }
        for prompt in source
            .prompts
            .iter()
            .filter(|prompt| source.filter.keeps(&prompt.tags))
        {
            this.add_prompt(Component::demanding(prompt, source));
        }
        this.completions.clone_from(&source.completions);
        this.own = Own {
            tools: this.tools.len(),
            resources: this.resources.len(),
            templates: this.templates.len(),
            prompts: this.prompts.len(),
        };
        for mounted in &source.mounts {
            this.mount(server, source, mounted);
        }
        this.guarded = ListKind::ALL.map(|kind| this.guarding(kind));
        this.name_limits();
        this
    }

    fn name_limits(&mut self) {
        fn name<C: Component>(limits: &mut HashMap<usize, String>, table: &Table<C>) {
            for entry in table.iter() {
                if let Some(limiter) = &entry.access().limiter {
                    let name = || format!("{} {}", C::WORD, entry.name());
                    limits.entry(address(limiter)).or_insert_with(name);
                }
            }
        }
        name(&mut self.limits, &self.tools);
        name(&mut self.limits, &self.resources);
        name(&mut self.limits, &self.templates);
        name(&mut self.limits, &self.prompts);
    }

    /// What a limit is called in every process that serves the same components.
    pub(crate) fn limit_name(&self, limiter: &Arc<Limiter>) -> &str {
        self.limits
            .get(&address(limiter))
            .map_or("", String::as_str)
    }

    /// Whether something of this kind is not for every caller.
    fn guarding(&self, kind: ListKind) -> Guarding {
        fn any<C: Component>(table: &Table<C>) -> Guarding {
            let mut guarding = Guarding::default();
            for requirement in table.iter().map(|entry| &entry.access().requirement) {
                guarding.demands |= !requirement.is_empty();
                guarding.asks |= requirement.has_policies();
                guarding.trusts_nobody |= requirement.trusts_nobody();
            }
            guarding
        }
        match kind {
            ListKind::Tools => any(&self.tools),
            ListKind::Resources => any(&self.resources),
            ListKind::ResourceTemplates => any(&self.templates),
            ListKind::Prompts => any(&self.prompts),
        }
    }

    /// Takes over what a mounted server offers, under new names.
    fn mount(&mut self, parent: &Server, source: &Source, mounted: &Mounted) {
        let child = mounted.server.catalogue();
        let chain = mounted.chain(&child);
        let placement = Placement {
            parent: parent.scope(),
            child: mounted.server.scope(),
            prefix: mounted.prefix.as_deref(),
            chain: &chain,
            mounted: &mounted.requirement,
            source,
        };
        let keeps = |tags: &[Cow<'static, str>]| source.filter.keeps(tags);
        for tool in child.tools.iter().filter(|tool| keeps(&tool.tags)) {
            self.add_tool(Arc::new(placement.tool(tool)));
        }
        let resources = child.resources.iter().chain(child.templates.iter());
        for resource in resources.filter(|resource| keeps(&resource.tags)) {
            if let Some(resource) = placement.resource(resource) {
                self.add_resource(Arc::new(resource));
            }
        }
        for prompt in child.prompts.iter().filter(|prompt| keeps(&prompt.tags)) {
            self.add_prompt(Arc::new(placement.prompt(prompt)));
        }
        let completions = child.completions.iter();
        let completions = completions.map(|completion| Arc::new(placement.completion(completion)));
        self.completions.extend(completions);
        self.lists_are_hooked |= child.lists_are_hooked || hooks_lists(&chain);
    }

    fn add_tool(&mut self, tool: Arc<ToolEntry>) {
        let name = tool.tool.name.clone();
        if !self.tools.insert(&name, tool) {
            self.collisions.push(format!("the tool `{name}`"));
        }
    }

    fn add_resource(&mut self, resource: Arc<ResourceEntry>) {
        let uri = resource.uri().to_owned();
        let (table, word) = match resource.address {
            ResourceAddress::Fixed(_) => (&mut self.resources, "resource"),
            ResourceAddress::Template(..) => (&mut self.templates, "resource template"),
        };
        if !table.insert(&uri, resource) {
            self.collisions.push(format!("the {word} `{uri}`"));
        }
    }

    fn add_prompt(&mut self, prompt: Arc<PromptEntry>) {
        let name = prompt.prompt.name.clone();
        if !self.prompts.insert(&name, prompt) {
            self.collisions.push(format!("the prompt `{name}`"));
        }
    }

    /// The resource at a URI: a fixed one, else the first template that
    /// matches.
    pub(crate) fn resource(&self, uri: &str) -> Option<ResourceTarget<'_>> {
        if let Some(entry) = self.resources.get(uri) {
            return Some(ResourceTarget {
                entry,
                variables: Variables::default(),
            });
        }
        self.templates
            .iter()
            .find_map(|entry| match &entry.address {
                ResourceAddress::Template(_, template) => Some(ResourceTarget {
                    entry,
                    variables: template.match_uri(uri)?,
                }),
                ResourceAddress::Fixed(_) => None,
            })
    }

    /// What completes an argument; `None` when nothing does.
    pub(crate) fn completion(
        &self,
        reference: &Reference,
        argument: &str,
    ) -> Option<Arc<CompletionEntry>> {
        self.completions
            .iter()
            .find(|entry| entry.target.is_meant_by(reference) && entry.argument == argument)
            .map(Arc::clone)
    }

    /// Whether a reference names something.
    pub(crate) fn has(&self, reference: &Reference) -> bool {
        self.access(reference, Purpose::Complete).is_some()
    }

    /// What is demanded of the callers of what a reference names, and what it is;
    /// `None` when it names nothing.
    pub(crate) fn access(
        &self,
        reference: &Reference,
        purpose: Purpose,
    ) -> Option<(&Access, Subject<'_>)> {
        match reference {
            Reference::Prompt { name, .. } => {
                let prompt = self.prompts.get(name)?;
                Some((&prompt.access, prompt.subject(purpose)))
            }
            Reference::Resource { uri } => {
                let resource = match self.templates.get(uri) {
                    Some(template) => template,
                    None => self.resource(uri)?.entry,
                };
                Some((&resource.access, resource.subject(purpose)))
            }
        }
    }

    /// Whether a list differs from caller to caller.
    pub(crate) fn is_guarded(&self, kind: ListKind) -> bool {
        self.guarded[kind as usize].demands
    }

    /// A component that stands in no catalogue, with what the server demands of its
    /// callers.
    pub(crate) fn demanding<C: Component>(&self, component: &C) -> C {
        let mut component = component.clone();
        let demanded = self.demanded.demands(component.tags());
        component.access_mut().requirement.add(&demanded);
        component
    }

    /// Whether policies decide who sees what of a list.
    pub(crate) fn asks_for(&self, kind: ListKind) -> bool {
        self.guarded[kind as usize].asks
    }

    /// What whoever sent the request gets of a list.
    pub(crate) async fn list_for(&self, kind: ListKind, cx: &Context) -> Arc<PreparedList> {
        let list = self.list(kind, cx.revision());
        if self.is_whole_for(kind, cx) {
            return Arc::clone(list);
        }
        let admitted = Box::pin(super::list::admitted(self, kind, cx)).await;
        let items = list.items.iter().zip(admitted);
        let items = items.filter(|(_, admitted)| *admitted);
        let items = items.map(|(item, _)| item.clone()).collect();
        Arc::new(PreparedList::new(items))
    }

    /// Whether whoever sent the request gets all of a list.
    pub(crate) fn is_whole_for(&self, kind: ListKind, cx: &Context) -> bool {
        let guarded = self.guarded[kind as usize];
        !guarded.demands || (cx.origin().is_local() && !guarded.trusts_nobody)
    }

    /// Whether lists are made by the middleware of mounted servers.
    pub(crate) fn has_hooked_mounts(&self) -> bool {
        self.lists_are_hooked
    }

    /// Whether some middleware wants to see lists.
    pub(crate) fn has_list_hooks(&self) -> bool {
        self.lists_are_hooked || hooks_lists(&self.chain)
    }

    /// A list, ready to be sent in this revision.
    pub(crate) fn list(&self, kind: ListKind, revision: Revision) -> &Arc<PreparedList> {
        self.lists.get(self, kind, revision)
    }

    /// What the server can do, given the kinds of components it offers.
    pub(crate) fn capabilities(&self, offered: Kinds, revision: Revision) -> ServerCapabilities {
        let mut capabilities = ServerCapabilities::default();
        if offered.tools() {
            capabilities.tools.get_or_insert_default().list_changed = Some(true);
        }
        if offered.prompts() {
            capabilities.prompts.get_or_insert_default().list_changed = Some(true);
        }
        if offered.resources() {
            let resources = capabilities.resources.get_or_insert_default();
            resources.list_changed = Some(true);
            resources.subscribe = Some(true);
        }
        if !self.completions.is_empty() && revision.has_annotations() {
            capabilities.completions = Some(Default::default());
        }
        capabilities.logging = Some(Default::default());
        capabilities
    }
}

/// How one of the lists differs from caller to caller.
#[derive(Debug, Default, Clone, Copy)]
struct Guarding {
    /// Something in it is not for every caller.
    demands: bool,
    /// Policies decide about some of it.
    asks: bool,
    /// Some of them do not trust whoever has started the process either.
    trusts_nobody: bool,
}

/// What tells one limiter from all others, as long as it lives.
fn address(limiter: &Arc<Limiter>) -> usize {
    Arc::as_ptr(limiter) as usize
}

fn hooks_lists(chain: &Chain) -> bool {
    ListKind::ALL
        .iter()
        .any(|kind| !chain.steps(kind.operation()).is_empty())
}

/// How many components a server has of its own.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Own {
    pub(crate) tools: usize,
    pub(crate) resources: usize,
    pub(crate) templates: usize,
    pub(crate) prompts: usize,
}

/// Where a mounted component is placed: behind the chain of its server, in the
/// scope of its parent, under its prefix and with what is demanded there.
struct Placement<'a> {
    parent: &'a Arc<Scope>,
    child: &'a Arc<Scope>,
    prefix: Option<&'a str>,
    chain: &'a Arc<Chain>,
    /// What the mount demands.
    mounted: &'a Requirement,
    /// What the parent demands.
    source: &'a Source,
}

impl Placement<'_> {
    fn tool(&self, tool: &ToolEntry) -> ToolEntry {
        let mut entry = tool.clone();
        self.place(&mut entry.levels, &mut entry.scope, &tool.tool.name);
        self.demand(&mut entry);
        entry.tool.name = prefixed_name(self.prefix, &tool.tool.name).into_owned();
        entry
    }

    /// Nothing where the prefix has braces in it: the mount has refused it already.
    fn resource(&self, resource: &ResourceEntry) -> Option<ResourceEntry> {
        let mut entry = resource.clone();
        self.place(&mut entry.levels, &mut entry.scope, resource.uri());
        self.demand(&mut entry);
        let prefixed = prefixed_uri(self.prefix, resource.uri()).into_owned();
        match &mut entry.address {
            ResourceAddress::Fixed(resource) => resource.uri = prefixed,
            ResourceAddress::Template(template, parsed) => {
                *parsed = parsed.reparse(&prefixed).ok()?;
                template.uri_template = prefixed;
            }
        }
        Some(entry)
    }

    fn prompt(&self, prompt: &PromptEntry) -> PromptEntry {
        let mut entry = prompt.clone();
        self.place(&mut entry.levels, &mut entry.scope, &prompt.prompt.name);
        self.demand(&mut entry);
        entry.prompt.name = prefixed_name(self.prefix, &prompt.prompt.name).into_owned();
        entry
    }

    fn completion(&self, completion: &CompletionEntry) -> CompletionEntry {
        let mut entry = completion.clone();
        self.place(
            &mut entry.levels,
            &mut entry.scope,
            completion.target.name(),
        );
        entry.target = match &completion.target {
            CompletionOf::Prompt(name) => {
                CompletionOf::Prompt(prefixed_name(self.prefix, name).into_owned())
            }
            CompletionOf::Resource(uri) => {
                CompletionOf::Resource(prefixed_uri(self.prefix, uri).into_owned())
            }
        };
        entry
    }

    /// Adds what is demanded on the way: by the mount, which knows the component
    /// by the name it still has, and by the parent.
    fn demand<C: Component>(&self, entry: &mut C) {
        let local = entry.name().to_owned();
        let demanded = self.source.demands(entry.tags());
        let requirement = &mut entry.access_mut().requirement;
        requirement.add(self.mounted);
        requirement.place(&local, |scope| self.outer(scope));
        requirement.add(&demanded);
    }

    /// A scope of the mounted server as the parent sees it.
    fn outer(&self, scope: &Arc<Scope>) -> Arc<Scope> {
        let own = if scope.is_empty() { self.child } else { scope };
        Arc::new(own.inside(self.parent, self.prefix))
    }

    fn place(&self, levels: &mut Vec<Level>, scope: &mut Arc<Scope>, local: &str) {
        *scope = self.outer(scope);
        for level in levels.iter_mut() {
            level.scope = self.outer(&level.scope);
        }
        if !self.chain.is_empty() {
            let scope = self.outer(&Arc::default());
            levels.insert(
                0,
                Level {
                    own: false,
                    chain: Arc::clone(self.chain),
                    local: local.into(),
                    scope,
                },
            );
        }
    }
}
