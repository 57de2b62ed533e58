//! Lists, serialised once per revision and kept until something changes.

use std::{fmt, sync::OnceLock};

use serde::Serialize;

use super::{Catalogue, Component, ResourceAddress, Table, visible};
use crate::{
    BoxFuture, Context,
    middleware::OperationKind,
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
pub(crate) struct Lists([[OnceLock<PreparedList>; Revision::ALL.len()]; ListKind::ALL.len()]);

impl Lists {
    pub(crate) fn get(
        &self,
        catalogue: &Catalogue,
        kind: ListKind,
        revision: Revision,
    ) -> &PreparedList {
        self.0[kind as usize][revision as usize].get_or_init(|| prepare(catalogue, kind, revision))
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
