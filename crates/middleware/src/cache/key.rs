//! What an entry is kept under.

use std::sync::Arc;

use purlin_core::{
    Context, Principal,
    access::Caller,
    middleware::{PromptGet, ResourceRead, ToolCall},
    protocol::Meta,
};

use super::{canonical::canonical, entry::Kind};

/// The `_meta` member with the version of a component.
const VERSION: &str = "purlin/version";
/// How long a key may be, in bytes; what has a longer one is not kept.
const MAX_KEY: usize = 64 * 1024;

/// Everything an answer depends on, in one text, and what it is forgotten by.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) kind: Kind,
    /// The name or URI, as the server knows it that the cache belongs to.
    pub(super) name: Box<str>,
    pub(super) text: Arc<str>,
}

impl Key {
    pub(super) fn of_call(call: &ToolCall<'_>, shared: bool) -> Option<Self> {
        let tool = call.tool()?;
        let mut text = Text::new(Kind::Call, call.context(), shared);
        // As clients know it: what one mount answers may name its prefix.
        text.part(&tool.name);
        text.version(tool.meta.as_ref());
        text.part(&canonical(call.arguments().unwrap_or("{}")));
        text.finish(Kind::Call, call.name())
    }

    pub(super) fn of_read(read: &ResourceRead<'_>, shared: bool) -> Option<Self> {
        read.component()?;
        let mut text = Text::new(Kind::Read, read.context(), shared);
        text.part(read.asked());
        text.finish(Kind::Read, read.uri())
    }

    pub(super) fn of_get(get: &PromptGet<'_>, shared: bool) -> Option<Self> {
        let prompt = get.prompt()?;
        let mut text = Text::new(Kind::Get, get.context(), shared);
        text.part(&prompt.name);
        text.version(prompt.meta.as_ref());
        text.part(&canonical(get.arguments().unwrap_or("{}")));
        text.finish(Kind::Get, get.name())
    }

    pub(super) fn of_list(kind: Kind, cx: &Context, shared: bool) -> Option<Self> {
        Text::new(kind, cx, shared).finish(kind, "")
    }
}

/// Parts, each with its length before it, so that none runs into the next.
struct Text(String);

impl Text {
    fn new(kind: Kind, cx: &Context, shared: bool) -> Self {
        let mut text = Self(String::with_capacity(256));
        text.part(kind.as_str());
        text.part(cx.revision().as_str());
        text.grants(cx);
        if !shared {
            text.part(&owner(&Caller::of(cx)));
        }
        text
    }

    fn part(&mut self, part: &str) {
        self.0.push_str(&part.len().to_string());
        self.0.push(':');
        self.0.push_str(part);
    }

    /// Whatever decides about access, and whose data it is.
    fn grants(&mut self, cx: &Context) {
        let Some(principal) = cx.principal() else {
            return self.part(if cx.is_trusted() {
                "trusted"
            } else {
                "stranger"
            });
        };
        self.part("principal");
        self.tenant(principal);
        self.words(principal.scopes());
        self.words(principal.roles());
    }

    fn tenant(&mut self, principal: &Principal) {
        match principal.tenant() {
            Some(tenant) => {
                self.part("tenant");
                self.part(tenant);
            }
            None => self.part("none"),
        }
    }

    fn words<'a>(&mut self, words: impl Iterator<Item = &'a str>) {
        let mut list = Self(String::new());
        words.for_each(|word| list.part(word));
        self.part(&list.0);
    }

    fn version(&mut self, meta: Option<&Meta>) {
        let version = meta.and_then(|meta| meta.get(VERSION));
        self.part(&version.map(ToString::to_string).unwrap_or_default());
    }

    fn finish(self, kind: Kind, name: &str) -> Option<Key> {
        (self.0.len() <= MAX_KEY).then(|| Key {
            kind,
            name: name.into(),
            text: self.0.into(),
        })
    }
}

fn owner(caller: &Caller) -> String {
    caller.key().unwrap_or_else(|| format!("{caller:?}"))
}
