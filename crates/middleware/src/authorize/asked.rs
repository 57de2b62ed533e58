//! What a policy is asked about.

use std::borrow::Cow;

use purlin_core::{Context, Principal};

/// The kind of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ComponentKind {
    /// A tool.
    Tool,
    /// A resource or a resource template.
    Resource,
    /// A prompt.
    Prompt,
}

/// Somebody wants to use a component, or to see it in a list.
#[derive(Debug)]
pub struct Asked<'a> {
    pub(super) cx: &'a Context,
    pub(super) kind: ComponentKind,
    pub(super) name: &'a str,
    pub(super) tags: Cow<'a, [Cow<'static, str>]>,
    pub(super) listing: bool,
}

impl<'a> Asked<'a> {
    /// The request.
    pub fn context(&self) -> &'a Context {
        self.cx
    }

    /// Who is calling, if that was verified.
    pub fn principal(&self) -> Option<&'a Principal> {
        self.cx.principal()
    }

    /// What it is about.
    pub fn kind(&self) -> ComponentKind {
        self.kind
    }

    /// The name, or the URI, as the server knows it that the middleware was added
    /// to.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// The tags of the component; none where there is nothing of the name.
    pub fn tags(&self) -> &[Cow<'static, str>] {
        &self.tags
    }

    /// Whether the component carries a tag.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|own| own == tag)
    }

    /// Whether a list is being made, rather than the component used.
    pub fn is_listing(&self) -> bool {
        self.listing
    }
}
