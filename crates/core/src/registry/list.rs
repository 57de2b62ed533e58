//! Lists, serialised once per revision and kept until something changes.

use std::{
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use serde::Serialize;

use super::{Catalogue, Component, ResourceAddress, Table, visible};
use crate::{
    BoxFuture, Context,
    middleware::{Listing, OperationKind},
    protocol::{Prompt, Resource, ResourceTemplate, Schema, Tool},
    wire::{Revision, write_json},
};

/// The four lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListKind {
    Tools,
    Resources,
    ResourceTemplates,
    Prompts,
}

impl ListKind {
    pub(crate) const ALL: [Self; 4] = [
        Self::Tools,
        Self::Resources,
        Self::ResourceTemplates,
        Self::Prompts,
    ];

    /// The member of the result that holds the list.
    pub(crate) fn member(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Resources => "resources",
            Self::ResourceTemplates => "resourceTemplates",
            Self::Prompts => "prompts",
        }
    }

    pub(crate) fn operation(self) -> OperationKind {
        match self {
            Self::Tools => OperationKind::ListTools,
            Self::Resources => OperationKind::ListResources,
            Self::ResourceTemplates => OperationKind::ListResourceTemplates,
            Self::Prompts => OperationKind::ListPrompts,
        }
    }
}

/// A list as JSON: the items one by one, and all of them together.
#[derive(Clone, Default)]
pub(crate) struct PreparedList {
    /// `[…]`
    pub(crate) whole: Vec<u8>,
    pub(crate) items: Vec<Box<[u8]>>,
}

impl fmt::Debug for PreparedList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedList")
            .field("items", &self.items.len())
            .finish()
    }
}

impl PreparedList {
    pub(crate) fn new(items: Vec<Box<[u8]>>) -> Self {
        let whole = join(&items);
        Self { whole, items }
    }
}

/// Items as a JSON array.
pub(crate) fn join(items: &[Box<[u8]>]) -> Vec<u8> {
    let mut whole = Vec::with_capacity(items.iter().map(|item| item.len() + 1).sum::<usize>() + 2);
    whole.push(b'[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            whole.push(b',');
        }
        whole.extend_from_slice(item);
    }
    whole.push(b']');
    whole
}

/// The lists of one catalogue, per kind and revision.
#[derive(Debug, Default)]
pub(crate) struct Lists([[OnceLock<Arc<PreparedList>>; Revision::ALL.len()]; ListKind::ALL.len()]);

impl Lists {
    pub(crate) fn get(
        &self,
        catalogue: &Catalogue,
        kind: ListKind,
        revision: Revision,
    ) -> &Arc<PreparedList> {
        let list = &self.0[kind as usize][revision as usize];
        list.get_or_init(|| Arc::new(prepare(catalogue, kind, revision)))
    }
}

/// The lists of one catalogue as middleware sees them.
#[derive(Debug, Default)]
pub(crate) struct Listings {
    pub(crate) tools: Listed<Tool>,
    pub(crate) resources: Listed<Resource>,
    pub(crate) templates: Listed<ResourceTemplate>,
    pub(crate) prompts: Listed<Prompt>,
}

/// A list as middleware gets it, and what was made of the one it gave back.
#[derive(Debug)]
pub(crate) struct Listed<T> {
    all: OnceLock<Listing<T>>,
    changed: [Mutex<Option<Changed<T>>>; Revision::ALL.len()],
}

/// A list that middleware gave back, ready to be sent.
type Changed<T> = (Listing<T>, Arc<PreparedList>);

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self {
            all: OnceLock::new(),
            changed: std::array::from_fn(|_| Mutex::default()),
        }
    }
}

impl<T> Listed<T> {
    /// The list that all requests share.
    pub(crate) fn all(&self, collect: impl FnOnce() -> Vec<T>) -> Listing<T> {
        self.all.get_or_init(|| collect().into()).clone()
    }

    /// Whether it is still that list.
    pub(crate) fn is_all(&self, listing: &Listing<T>) -> bool {
        self.all.get().is_some_and(|all| all.is(listing))
    }

    /// Another list, ready to be sent. The last one is remembered for as long as
    /// somebody else keeps it too, and may give it back again.
    pub(crate) fn prepared(
        &self,
        listing: Listing<T>,
        revision: Revision,
        encode: impl FnOnce(&[T]) -> PreparedList,
    ) -> Arc<PreparedList> {
        let lock = || {
            let changed = &self.changed[revision as usize];
            changed.lock().unwrap_or_else(PoisonError::into_inner)
        };
        if let Some((known, list)) = &*lock()
            && known.is(&listing)
        {
            return Arc::clone(list);
        }
        let list = Arc::new(encode(&listing));
        if listing.is_shared() {
            let _last = lock().replace((listing, Arc::clone(&list)));
        }
        list
    }
}

fn prepare(catalogue: &Catalogue, kind: ListKind, revision: Revision) -> PreparedList {
    let items = match kind {
        ListKind::Tools => shown(&catalogue.tools)
            .map(|entry| tool(&entry.tool, entry.wraps, revision))
            .collect(),
        ListKind::Resources => shown(&catalogue.resources)
            .filter_map(|entry| match &entry.address {
                ResourceAddress::Fixed(it) => Some(resource(it, revision)),
                ResourceAddress::Template(..) => None,
            })
            .collect(),
        ListKind::ResourceTemplates => shown(&catalogue.templates)
            .filter_map(|entry| match &entry.address {
                ResourceAddress::Template(it, _) => Some(template(it, revision)),
                ResourceAddress::Fixed(_) => None,
            })
            .collect(),
        ListKind::Prompts => shown(&catalogue.prompts)
            .map(|entry| prompt(&entry.prompt, revision))
            .collect(),
    };
    PreparedList::new(items)
}

/// What a list is made of, in order.
fn shown<C: Component>(table: &Table<C>) -> impl Iterator<Item = &C> {
    let entries = table.iter().map(|entry| &**entry);
    entries.filter(|entry| !entry.is_hidden())
}

/// For each item of a list, whether whoever sent the request may see it.
pub(super) async fn admitted(catalogue: &Catalogue, kind: ListKind, cx: &Context) -> Vec<bool> {
    fn of<'a, C: Component>(table: &'a Table<C>, cx: &'a Context) -> BoxFuture<'a, Vec<bool>> {
        Box::pin(async move { visible(cx, &shown(table).collect::<Vec<_>>()).await })
    }
    match kind {
        ListKind::Tools => of(&catalogue.tools, cx),
        ListKind::Resources => of(&catalogue.resources, cx),
        ListKind::ResourceTemplates => of(&catalogue.templates, cx),
        ListKind::Prompts => of(&catalogue.prompts, cx),
    }
    .await
}

fn json<T: Serialize>(value: &T) -> Box<[u8]> {
    let mut out = Vec::new();
    write_json(&mut out, value);
    out.into_boxed_slice()
}

/// A tool as this revision knows it. Where the output is no object, the session
/// era gets it as the member `result` of one.
pub(crate) fn tool(tool: &Tool, wraps: bool, revision: Revision) -> Box<[u8]> {
    let mut tool = tool.clone();
    if !revision.has_titles() {
        tool.title = None;
        tool.meta = None;
    }
    if !revision.has_icons() {
        tool.icons = None;
    }
    if !revision.has_tool_tasks() {
        tool.execution = None;
    }
    if !revision.has_annotations() {
        tool.annotations = None;
    }
    if !revision.has_structured_content() {
        tool.output_schema = None;
    } else if wraps && !revision.is_modern() {
        tool.output_schema = tool.output_schema.as_ref().map(wrapped);
    }
    json(&tool)
}

fn wrapped(schema: &Schema) -> Schema {
    let text = format!(
        r#"{{"type":"object","properties":{{"result":{}}},"required":["result"]}}"#,
        schema.get()
    );
    text.parse().unwrap_or_else(|_| schema.clone())
}

pub(crate) fn resource(resource: &Resource, revision: Revision) -> Box<[u8]> {
    let mut resource = resource.clone();
    if !revision.has_titles() {
        resource.title = None;
        resource.meta = None;
    }
    if !revision.has_icons() {
        resource.icons = None;
    }
    json(&resource)
}

pub(crate) fn template(template: &ResourceTemplate, revision: Revision) -> Box<[u8]> {
    let mut template = template.clone();
    if !revision.has_titles() {
        template.title = None;
        template.meta = None;
    }
    if !revision.has_icons() {
        template.icons = None;
    }
    json(&template)
}

pub(crate) fn prompt(prompt: &Prompt, revision: Revision) -> Box<[u8]> {
    let mut prompt = prompt.clone();
    if !revision.has_titles() {
        prompt.title = None;
        prompt.meta = None;
        for argument in &mut prompt.arguments {
            argument.title = None;
        }
    }
    if !revision.has_icons() {
        prompt.icons = None;
    }
    json(&prompt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_list_is_written_once_while_whoever_made_it_keeps_it() {
        let listed = Listed::<u8>::default();
        let mut written = 0;
        let mut write = |listing: &Listing<u8>| {
            let encode = |_: &[u8]| {
                written += 1;
                PreparedList::default()
            };
            listed.prepared(listing.clone(), Revision::LATEST, encode);
            written
        };
        let (kept, other) = (Listing::from(vec![1]), Listing::from(vec![1]));
        assert_eq!((write(&kept), write(&kept)), (1, 1));
        assert_eq!((write(&other), write(&kept)), (2, 3));
        // Nobody can give back what nobody keeps.
        listed.prepared(vec![2].into(), Revision::LATEST, |_| {
            PreparedList::default()
        });
        assert_eq!(write(&kept), 3);
    }
}
