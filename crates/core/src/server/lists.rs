//! The four lists: ready-made where nobody interferes, collected through the
//! middleware where somebody does.

use std::{borrow::Cow, sync::Arc};

use super::{
    Server,
    dispatch::wrong_response,
    fault::{self, invalid_params},
};
use crate::{
    BoxFuture, Context, Origin, Principal, Result,
    middleware::{
        AnyResponse, Chain, Next, Operation, PromptList, ResourceList, ResourceTemplateList,
        ToolList,
    },
    protocol::{Prompt, Resource, ResourceTemplate, Tool},
    registry::{
        Catalogue, Component, ListKind, ResourceAddress, Table, join, list as list_item,
        prefixed_name, prefixed_uri, wraps,
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
        Cow::Owned(through_middleware(cx, kind, revision).await?)
    } else {
        catalogue.list_for(kind, revision, cx.origin())
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
    kind: ListKind,
    revision: Revision,
) -> Result<crate::registry::PreparedList> {
    let server = cx.server();
    let chain = Arc::clone(&server.catalogue().chain);
    let items = match kind {
        ListKind::Tools => encode(&run::<Tool>(cx, server, &chain).await?, revision),
        ListKind::Resources => encode(&run::<Resource>(cx, server, &chain).await?, revision),
        ListKind::ResourceTemplates => encode(
            &run::<ResourceTemplate>(cx, server, &chain).await?,
            revision,
        ),
        ListKind::Prompts => encode(&run::<Prompt>(cx, server, &chain).await?, revision),
    };
    Ok(crate::registry::PreparedList::new(items))
}

fn encode<T: Listed>(items: &[T], revision: Revision) -> Vec<Box<[u8]>> {
    items.iter().map(|item| item.encode(revision)).collect()
}

/// Runs the list of one server through its middleware.
async fn run<T: Listed>(cx: &Context, server: &Server, chain: &Chain) -> Result<Vec<T>> {
    let (steps, tail) = (chain.steps(T::KIND.operation()), cx.server().tail());
    let next = Next::new(steps, 0, &tail);
    T::from_response(next.step(T::operation(cx, server)).await?)
}

/// The end of a list's chain: the server's own components, then those of its
/// mounts as their middleware leaves them.
pub(crate) fn collect<'a, T: Listed>(
    cx: &'a Context,
    server: &'a Server,
) -> BoxFuture<'a, Result<Vec<T>>> {
    Box::pin(async move {
        let catalogue = server.catalogue();
        let mut items = T::own(&catalogue, cx.origin());
        for mounted in server.children() {
            let child = &mounted.server;
            let scoped = cx.scoped(child.scope());
            let chain = mounted.chain(&child.catalogue());
            for mut item in run::<T>(&scoped, child, &chain).await? {
                item.put_under(mounted.prefix.as_deref());
                if item.is_served_by(&catalogue, cx.origin()) {
                    items.push(item);
                }
            }
        }
        Ok(items)
    })
}

/// What can be listed.
pub(crate) trait Listed: Sized + Send + 'static {
    const KIND: ListKind;

    /// The server's own that a caller from there may see, without those of its
    /// mounts.
    fn own(catalogue: &Catalogue, origin: &Origin) -> Vec<Self>;
    fn put_under(&mut self, prefix: Option<&str>);
    /// Whether the mounting server really serves it to a caller from there: a
    /// filter or a name that was taken may have left it out, and a mount may
    /// demand more of its callers.
    fn is_served_by(&self, catalogue: &Catalogue, origin: &Origin) -> bool;
    fn operation<'a>(cx: &'a Context, server: &'a Server) -> Operation<'a>;
    fn from_response(response: AnyResponse) -> Result<Vec<Self>>;
    fn encode(&self, revision: Revision) -> Box<[u8]>;
}

/// The first `own` entries, as far as a caller from there may see them.
fn shown<'a, C: Component>(
    table: &'a Table<C>,
    own: usize,
    origin: &'a Origin,
) -> impl Iterator<Item = &'a C> {
    let entries = table.iter().take(own).map(|entry| &**entry);
    entries.filter(|entry| !entry.is_hidden() && is_for(Some(*entry), origin))
}

fn is_for<C: Component>(entry: Option<&C>, origin: &Origin) -> bool {
    entry.is_some_and(|entry| entry.access().requirement.admits(origin))
}

impl Listed for Tool {
    const KIND: ListKind = ListKind::Tools;

    fn own(catalogue: &Catalogue, origin: &Origin) -> Vec<Self> {
        shown(&catalogue.tools, catalogue.own.tools, origin)
            .map(|entry| entry.tool.clone())
            .collect()
    }

    fn put_under(&mut self, prefix: Option<&str>) {
        self.name = prefixed_name(prefix, &self.name).into_owned();
    }

    fn is_served_by(&self, catalogue: &Catalogue, origin: &Origin) -> bool {
        is_for(catalogue.tools.get(&self.name), origin)
    }

    fn operation<'a>(cx: &'a Context, server: &'a Server) -> Operation<'a> {
        Operation::ListTools(ToolList { cx, server })
    }

    fn from_response(response: AnyResponse) -> Result<Vec<Self>> {
        match response {
            AnyResponse::Tools(tools) => Ok(tools),
            _ => Err(wrong_response()),
        }
    }

    fn encode(&self, revision: Revision) -> Box<[u8]> {
        list_item::tool(self, wraps(self.output_schema.as_ref()), revision)
    }
}

impl Listed for Prompt {
    const KIND: ListKind = ListKind::Prompts;

    fn own(catalogue: &Catalogue, origin: &Origin) -> Vec<Self> {
        shown(&catalogue.prompts, catalogue.own.prompts, origin)
            .map(|entry| entry.prompt.clone())
            .collect()
    }

    fn put_under(&mut self, prefix: Option<&str>) {
        self.name = prefixed_name(prefix, &self.name).into_owned();
    }

    fn is_served_by(&self, catalogue: &Catalogue, origin: &Origin) -> bool {
        is_for(catalogue.prompts.get(&self.name), origin)
    }

    fn operation<'a>(cx: &'a Context, server: &'a Server) -> Operation<'a> {
        Operation::ListPrompts(PromptList { cx, server })
    }

    fn from_response(response: AnyResponse) -> Result<Vec<Self>> {
        match response {
            AnyResponse::Prompts(prompts) => Ok(prompts),
            _ => Err(wrong_response()),
        }
    }

    fn encode(&self, revision: Revision) -> Box<[u8]> {
        list_item::prompt(self, revision)
    }
}

impl Listed for Resource {
    const KIND: ListKind = ListKind::Resources;

    fn own(catalogue: &Catalogue, origin: &Origin) -> Vec<Self> {
        let own = shown(&catalogue.resources, catalogue.own.resources, origin);
        own.filter_map(|entry| match &entry.address {
            ResourceAddress::Fixed(resource) => Some(resource.clone()),
            ResourceAddress::Template(..) => None,
        })
        .collect()
    }

    fn put_under(&mut self, prefix: Option<&str>) {
        self.uri = prefixed_uri(prefix, &self.uri).into_owned();
    }

    fn is_served_by(&self, catalogue: &Catalogue, origin: &Origin) -> bool {
        is_for(catalogue.resources.get(&self.uri), origin)
    }

    fn operation<'a>(cx: &'a Context, server: &'a Server) -> Operation<'a> {
        Operation::ListResources(ResourceList { cx, server })
    }

    fn from_response(response: AnyResponse) -> Result<Vec<Self>> {
        match response {
            AnyResponse::Resources(resources) => Ok(resources),
            _ => Err(wrong_response()),
        }
    }

    fn encode(&self, revision: Revision) -> Box<[u8]> {
        list_item::resource(self, revision)
    }
}

impl Listed for ResourceTemplate {
    const KIND: ListKind = ListKind::ResourceTemplates;

    fn own(catalogue: &Catalogue, origin: &Origin) -> Vec<Self> {
        let own = shown(&catalogue.templates, catalogue.own.templates, origin);
        own.filter_map(|entry| match &entry.address {
            ResourceAddress::Template(template, _) => Some(template.clone()),
            ResourceAddress::Fixed(_) => None,
        })
        .collect()
    }

    fn put_under(&mut self, prefix: Option<&str>) {
        self.uri_template = prefixed_uri(prefix, &self.uri_template).into_owned();
    }

    fn is_served_by(&self, catalogue: &Catalogue, origin: &Origin) -> bool {
        is_for(catalogue.templates.get(&self.uri_template), origin)
    }

    fn operation<'a>(cx: &'a Context, server: &'a Server) -> Operation<'a> {
        Operation::ListResourceTemplates(ResourceTemplateList { cx, server })
    }

    fn from_response(response: AnyResponse) -> Result<Vec<Self>> {
        match response {
            AnyResponse::ResourceTemplates(templates) => Ok(templates),
            _ => Err(wrong_response()),
        }
    }

    fn encode(&self, revision: Revision) -> Box<[u8]> {
        list_item::template(self, revision)
    }
}
