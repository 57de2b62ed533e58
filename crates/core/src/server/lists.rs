//! The four lists: ready-made where nobody interferes, collected through the
//! middleware where somebody does.

use std::sync::Arc;

use super::{
    Server,
    dispatch::wrong_response,
    fault::{self, invalid_params},
};
use crate::{
    BoxFuture, Context, Principal, Result,
    middleware::{
        AnyResponse, Chain, Listing, Next, Operation, PromptList, ResourceList,
        ResourceTemplateList, ToolList,
    },
    protocol::{Prompt, Resource, ResourceTemplate, Tool},
    registry::{
        self, Catalogue, Component, ListKind, PreparedList, PromptEntry, ResourceAddress,
        ResourceEntry, Table, ToolEntry, join, list as list_item, prefixed_name, prefixed_uri,
        visible, wraps,
    },
    wire::{Reply, ResultWriter, Revision, write_json},
};

/// How long a cursor may be, in bytes.
const MAX_CURSOR: usize = 1024;
/// How long a cursor stays good.
const CURSOR_TTL: std::time::Duration = std::time::Duration::from_secs(3600);

/// Serves one page of a list.
pub(crate) async fn list(cx: &Context, kind: ListKind) -> Result<Reply> {
    let catalogue = cx.server().catalogue();
    let offset = offset(cx, kind)?;
    // A list that is not declared is not there.
    if !cx.server().offered(&catalogue).has(kind) {
        return Err(fault::unknown_method(cx.method()));
    }
    let revision = cx.revision();
    let tail = cx.server().tail();
    let prepared = if catalogue.has_list_hooks() {
        through_middleware(cx, &catalogue, kind, revision).await?
    } else {
        catalogue.list_for(kind, cx).await
    };
    let page = catalogue
        .page_size
        .map(|size| offset..(offset + size).min(prepared.items.len()));
    let mut writer = ResultWriter::new(cx.request_id(), revision, &tail, prepared.whole.len());
    let out = writer.members();
    out.push(b'"');
    out.extend_from_slice(kind.member().as_bytes());
    out.extend_from_slice(b"\":");
    match page {
        None => out.extend_from_slice(&prepared.whole),
        Some(page) => {
            let end = page.end;
            let items = prepared.items.get(page).ok_or_else(bad_cursor)?;
            out.extend_from_slice(&join(items));
            if end < prepared.items.len() {
                out.extend_from_slice(br#","nextCursor":"#);
                write_json(
                    out,
                    &cx.server().keys().seal(
                        end.to_string().as_bytes(),
                        &binding(cx, kind),
                        CURSOR_TTL,
                    ),
                );
            }
        }
    }
    writer.cache_hints(catalogue.is_guarded(kind));
    Ok(writer.finish())
}

/// What a cursor is bound to: the list, and the caller, for whom it may be
/// another than for others.
fn binding(cx: &Context, kind: ListKind) -> Vec<u8> {
    let caller = cx.principal().map(Principal::identity).unwrap_or_default();
    format!("{} {caller}", kind.member()).into_bytes()
}

fn bad_cursor() -> crate::Error {
    invalid_params("`params.cursor` is not valid: start again without it")
}

fn offset(cx: &Context, kind: ListKind) -> Result<usize> {
    let Some(cursor) = cx.message().param("cursor").filter(|raw| !raw.is_null()) else {
        return Ok(0);
    };
    let cursor = cursor
        .as_str()
        .filter(|cursor| cursor.len() <= MAX_CURSOR)
        .ok_or_else(bad_cursor)?;
    let plain = cx
        .server()
        .keys()
        .open(&cursor, &binding(cx, kind))
        .ok_or_else(bad_cursor)?;
    std::str::from_utf8(&plain)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or_else(bad_cursor)
}

async fn through_middleware(
    cx: &Context,
    catalogue: &Catalogue,
    kind: ListKind,
    revision: Revision,
) -> Result<Arc<PreparedList>> {
    match kind {
        ListKind::Tools => made::<Tool>(cx, catalogue, revision).await,
        ListKind::Resources => made::<Resource>(cx, catalogue, revision).await,
        ListKind::ResourceTemplates => made::<ResourceTemplate>(cx, catalogue, revision).await,
        ListKind::Prompts => made::<Prompt>(cx, catalogue, revision).await,
    }
}

/// What the middleware makes of a list: mostly nothing, and then it is there
/// already.
async fn made<T: Listed>(
    cx: &Context,
    catalogue: &Catalogue,
    revision: Revision,
) -> Result<Arc<PreparedList>> {
    let listing = run::<T>(cx, cx.server(), &catalogue.chain).await?;
    let listed = T::listed(catalogue);
    if listed.is_all(&listing) {
        return Ok(Arc::clone(catalogue.list(T::KIND, revision)));
    }
    Ok(listed.prepared(listing, revision, |items| {
        PreparedList::new(items.iter().map(|item| item.encode(revision)).collect())
    }))
}

/// Runs the list of one server through its middleware.
async fn run<T: Listed>(cx: &Context, server: &Server, chain: &Chain) -> Result<Listing<T>> {
    let (steps, tail) = (chain.steps(T::KIND.operation()), cx.server().tail());
    let next = Next::new(steps, 0, &tail);
    T::from_response(next.step(T::operation(cx, server)).await?)
}

/// The end of a list's chain: what all callers share, where no mount has anything
/// to say about it. Else the server's own components, then those of its mounts as
/// their middleware leaves them.
pub(crate) fn collect<'a, T: Listed>(
    cx: &'a Context,
    server: &'a Server,
) -> BoxFuture<'a, Result<Listing<T>>> {
    Box::pin(async move {
        let catalogue = server.catalogue();
        if !catalogue.has_hooked_mounts() && catalogue.is_whole_for(T::KIND, cx) {
            return Ok(T::listed(&catalogue).all(|| all(&catalogue)));
        }
        let permissions = Arc::clone(&cx.server().tail().permissions);
        let may = |entry: &T::Entry| {
            let requirement = &entry.access().requirement;
            requirement.admits(cx.origin(), &permissions)
        };
        let own = T::table(&catalogue).iter().map(|entry| &**entry);
        let own = own.take(T::own(&catalogue));
        let own = own.filter(|entry| !entry.is_hidden() && may(entry));
        let mut items: Vec<T> = own.filter_map(T::of).collect();
        for mounted in server.children() {
            let child = &mounted.server;
            let scoped = cx.scoped(child.scope());
            let chain = mounted.chain(&child.catalogue());
            for mut item in run::<T>(&scoped, child, &chain).await? {
                item.put_under(mounted.prefix.as_deref());
                // A filter or a name that was taken may have left it out, and a
                // mount may demand more of its callers.
                let entry = T::table(&catalogue).get(item.key());
                if entry.is_some_and(may) {
                    items.push(item);
                }
            }
        }
        // Every demand on the way is known to the outermost server.
        if catalogue.asks_for(T::KIND) && server.is(cx.server()) {
            items = allowed(cx, &catalogue, items).await;
        }
        Ok(items.into())
    })
}

/// All that is listed, of mounts too, whoever asks.
fn all<T: Listed>(catalogue: &Catalogue) -> Vec<T> {
    let entries = T::table(catalogue).iter().map(|entry| &**entry);
    let shown = entries.filter(|entry| !entry.is_hidden());
    shown.filter_map(T::of).collect()
}

/// What policies let the caller see.
async fn allowed<T: Listed>(cx: &Context, catalogue: &Catalogue, items: Vec<T>) -> Vec<T> {
    let table = T::table(catalogue);
    let entries: Vec<_> = items.iter().map(|item| table.get(item.key())).collect();
    let known: Vec<_> = entries.iter().copied().flatten().collect();
    let mut shown = visible(cx, &known).await.into_iter();
    // Each item is that of an entry: nothing else was collected.
    let shown = |entry: Option<&T::Entry>| entry.is_some() && shown.next().unwrap_or(false);
    let shown: Vec<bool> = entries.into_iter().map(shown).collect();
    let items = items.into_iter().zip(shown);
    items
        .filter_map(|(item, shown)| shown.then_some(item))
        .collect()
}

/// What can be listed.
pub(crate) trait Listed: Clone + Send + Sync + 'static {
    const KIND: ListKind;
    /// What stands behind it.
    type Entry: Component + Send + Sync;

    fn table(catalogue: &Catalogue) -> &Table<Self::Entry>;
    /// What middleware sees of it.
    fn listed(catalogue: &Catalogue) -> &registry::Listed<Self>;
    /// How many of the table are the server's own, without those of its mounts.
    fn own(catalogue: &Catalogue) -> usize;
    /// The item that lists an entry.
    fn of(entry: &Self::Entry) -> Option<Self>;
    /// What the table calls it.
    fn key(&self) -> &str;
    fn put_under(&mut self, prefix: Option<&str>);
    fn operation<'a>(cx: &'a Context, server: &'a Server) -> Operation<'a>;
    fn from_response(response: AnyResponse) -> Result<Listing<Self>>;
    fn encode(&self, revision: Revision) -> Box<[u8]>;
}

impl Listed for Tool {
    const KIND: ListKind = ListKind::Tools;
    type Entry = ToolEntry;

    fn table(catalogue: &Catalogue) -> &Table<ToolEntry> {
        &catalogue.tools
    }

    fn listed(catalogue: &Catalogue) -> &registry::Listed<Self> {
        &catalogue.listings.tools
    }

    fn own(catalogue: &Catalogue) -> usize {
        catalogue.own.tools
    }

    fn of(entry: &ToolEntry) -> Option<Self> {
        Some(entry.tool.clone())
    }

    fn key(&self) -> &str {
        &self.name
    }

    fn put_under(&mut self, prefix: Option<&str>) {
        self.name = prefixed_name(prefix, &self.name).into_owned();
    }

    fn operation<'a>(cx: &'a Context, server: &'a Server) -> Operation<'a> {
        Operation::ListTools(ToolList { cx, server })
    }

    fn from_response(response: AnyResponse) -> Result<Listing<Self>> {
        match response {
            AnyResponse::Tools(items) => Ok(items),
            _ => Err(wrong_response()),
        }
    }

    fn encode(&self, revision: Revision) -> Box<[u8]> {
        list_item::tool(self, wraps(self.output_schema.as_ref()), revision)
    }
}

impl Listed for Prompt {
    const KIND: ListKind = ListKind::Prompts;
    type Entry = PromptEntry;

    fn table(catalogue: &Catalogue) -> &Table<PromptEntry> {
        &catalogue.prompts
    }

    fn listed(catalogue: &Catalogue) -> &registry::Listed<Self> {
        &catalogue.listings.prompts
    }

    fn own(catalogue: &Catalogue) -> usize {
        catalogue.own.prompts
    }

    fn of(entry: &PromptEntry) -> Option<Self> {
        Some(entry.prompt.clone())
    }

    fn key(&self) -> &str {
        &self.name
    }

    fn put_under(&mut self, prefix: Option<&str>) {
        self.name = prefixed_name(prefix, &self.name).into_owned();
    }

    fn operation<'a>(cx: &'a Context, server: &'a Server) -> Operation<'a> {
        Operation::ListPrompts(PromptList { cx, server })
    }

    fn from_response(response: AnyResponse) -> Result<Listing<Self>> {
        match response {
            AnyResponse::Prompts(items) => Ok(items),
            _ => Err(wrong_response()),
        }
    }

    fn encode(&self, revision: Revision) -> Box<[u8]> {
        list_item::prompt(self, revision)
    }
}

impl Listed for Resource {
    const KIND: ListKind = ListKind::Resources;
    type Entry = ResourceEntry;

    fn table(catalogue: &Catalogue) -> &Table<ResourceEntry> {
        &catalogue.resources
    }

    fn listed(catalogue: &Catalogue) -> &registry::Listed<Self> {
        &catalogue.listings.resources
    }

    fn own(catalogue: &Catalogue) -> usize {
        catalogue.own.resources
    }

    fn of(entry: &ResourceEntry) -> Option<Self> {
        match &entry.address {
            ResourceAddress::Fixed(resource) => Some(resource.clone()),
            ResourceAddress::Template(..) => None,
        }
    }

    fn key(&self) -> &str {
        &self.uri
    }

    fn put_under(&mut self, prefix: Option<&str>) {
        self.uri = prefixed_uri(prefix, &self.uri).into_owned();
    }

    fn operation<'a>(cx: &'a Context, server: &'a Server) -> Operation<'a> {
        Operation::ListResources(ResourceList { cx, server })
    }

    fn from_response(response: AnyResponse) -> Result<Listing<Self>> {
        match response {
            AnyResponse::Resources(items) => Ok(items),
            _ => Err(wrong_response()),
        }
    }

    fn encode(&self, revision: Revision) -> Box<[u8]> {
        list_item::resource(self, revision)
    }
}

impl Listed for ResourceTemplate {
    const KIND: ListKind = ListKind::ResourceTemplates;
    type Entry = ResourceEntry;

    fn table(catalogue: &Catalogue) -> &Table<ResourceEntry> {
        &catalogue.templates
    }

    fn listed(catalogue: &Catalogue) -> &registry::Listed<Self> {
        &catalogue.listings.templates
    }

    fn own(catalogue: &Catalogue) -> usize {
        catalogue.own.templates
    }

    fn of(entry: &ResourceEntry) -> Option<Self> {
        match &entry.address {
            ResourceAddress::Template(template, _) => Some(template.clone()),
            ResourceAddress::Fixed(_) => None,
        }
    }

    fn key(&self) -> &str {
        &self.uri_template
    }

    fn put_under(&mut self, prefix: Option<&str>) {
        self.uri_template = prefixed_uri(prefix, &self.uri_template).into_owned();
    }

    fn operation<'a>(cx: &'a Context, server: &'a Server) -> Operation<'a> {
        Operation::ListResourceTemplates(ResourceTemplateList { cx, server })
    }

    fn from_response(response: AnyResponse) -> Result<Listing<Self>> {
        match response {
            AnyResponse::ResourceTemplates(items) => Ok(items),
            _ => Err(wrong_response()),
        }
    }

    fn encode(&self, revision: Revision) -> Box<[u8]> {
        list_item::template(self, revision)
    }
}
