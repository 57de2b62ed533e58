//! What decides where scopes and roles are not enough.

use std::{borrow::Cow, fmt, future::ready, sync::Arc};

use serde::de::DeserializeOwned;

use crate::{BoxFuture, Context, Principal, Result};

/// What a policy says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// Nothing against it.
    Allow,
    /// No. The caller hears that it is not permitted.
    Deny,
    /// No, and it is not for the caller to know that there is something.
    Hide,
    /// Yes, if the caller was granted all of these scopes; otherwise it is told
    /// which it lacks.
    Scopes(Vec<Cow<'static, str>>),
}

impl From<bool> for Decision {
    fn from(allowed: bool) -> Self {
        match allowed {
            true => Self::Allow,
            false => Self::Deny,
        }
    }
}

/// Decides about requests, and may wait for somebody to do so.
///
/// `#[policy]` makes one of a function; by hand it looks so:
///
/// ```
/// use purlin_core::{BoxFuture, Result, Server, access::{Asked, Decision, Policy}};
///
/// struct Directory;
///
/// impl Directory {
///     async fn is_member(&self, _subject: &str, _group: &str) -> Result<bool> {
///         Ok(true)
///     }
/// }
///
/// impl Policy for Directory {
///     fn decide<'a>(&'a self, asked: &'a Asked<'a>) -> BoxFuture<'a, Result<Decision>> {
///         Box::pin(async move {
///             let Some(caller) = asked.principal() else {
///                 return Ok(Decision::Deny);
///             };
///             Ok(self.is_member(caller.subject(), asked.name()).await?.into())
///         })
///     }
/// }
///
/// let server = Server::builder("orders", "1.0.0").policy(Directory);
/// ```
///
/// A policy that fails, panics or takes longer than 5 s denies.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a policy",
    label = "not a policy",
    note = "annotate the function with `#[policy]`, or implement `Policy`"
)]
pub trait Policy: Send + Sync + 'static {
    /// Decides. It is asked once for each request, and once for each item of a
    /// list.
    ///
    /// # Errors
    /// When it cannot decide, which denies.
    fn decide<'a>(&'a self, asked: &'a Asked<'a>) -> BoxFuture<'a, Result<Decision>>;

    /// Whether it is asked about callers on standard input and output and in
    /// memory too, whom nobody has named. By default they are trusted: they have
    /// started this process or are part of it.
    fn trusts_nobody(&self) -> bool {
        false
    }
}

#[diagnostic::do_not_recommend]
impl<P: Policy + ?Sized> Policy for Arc<P> {
    fn decide<'a>(&'a self, asked: &'a Asked<'a>) -> BoxFuture<'a, Result<Decision>> {
        (**self).decide(asked)
    }

    fn trusts_nobody(&self) -> bool {
        (**self).trusts_nobody()
    }
}

/// A policy of a function that decides at once. `false` denies.
///
/// ```
/// use purlin_core::{Server, access};
///
/// let by_day = access::check(|asked| asked.name() != "shutdown");
/// let server = Server::builder("plant", "1.0.0").policy(by_day);
/// ```
pub fn check<D: Into<Decision>>(
    check: impl for<'a> Fn(&Asked<'a>) -> D + Send + Sync + 'static,
) -> impl Policy {
    Check(move |asked: &Asked<'_>| check(asked).into())
}

struct Check<F>(F);

impl<F> Policy for Check<F>
where
    F: for<'a> Fn(&Asked<'a>) -> Decision + Send + Sync + 'static,
{
    fn decide<'a>(&'a self, asked: &'a Asked<'a>) -> BoxFuture<'a, Result<Decision>> {
        Box::pin(ready(Ok((self.0)(asked))))
    }
}

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

/// What a caller wants of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Purpose {
    /// To call the tool, read the resource or get the prompt.
    Use,
    /// To hear when the resource changes.
    Watch,
    /// To have an argument completed.
    Complete,
    /// To see it in a list.
    List,
}

/// The component that is asked about, under the name that clients know.
pub(crate) struct Subject<'a> {
    pub(crate) kind: ComponentKind,
    pub(crate) purpose: Purpose,
    pub(crate) name: &'a str,
    pub(crate) uri: Option<&'a str>,
    pub(crate) tags: &'a [Cow<'static, str>],
    pub(crate) arguments: Option<Cow<'a, str>>,
    /// Names of arguments that are not listed, each with the one that is.
    pub(crate) aliases: &'a [(&'static str, &'static str)],
}

impl<'a> Subject<'a> {
    pub(crate) fn new(
        kind: ComponentKind,
        purpose: Purpose,
        name: &'a str,
        tags: &'a [Cow<'static, str>],
    ) -> Self {
        Self {
            kind,
            purpose,
            name,
            uri: None,
            tags,
            arguments: None,
            aliases: &[],
        }
    }
}

/// Somebody wants to use a component, or to see it in a list.
pub struct Asked<'a> {
    pub(super) cx: &'a Context,
    pub(super) name: &'a str,
    pub(super) subject: &'a Subject<'a>,
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

    /// Whether the caller has a scope, by what the server says of roles and
    /// scopes too; see [`Permissions`](super::Permissions).
    pub fn has_scope(&self, scope: &str) -> bool {
        self.cx.has_scope(scope)
    }

    /// What it is about.
    pub fn kind(&self) -> ComponentKind {
        self.subject.kind
    }

    /// What it is wanted for.
    pub fn purpose(&self) -> Purpose {
        self.subject.purpose
    }

    /// Whether a list is being made, rather than the component used.
    pub fn is_listing(&self) -> bool {
        self.subject.purpose == Purpose::List
    }

    /// The name of the tool or prompt, the URI or the template of the resource,
    /// as the server knows it that the policy was given to; in a mount, as the
    /// mounted server knows it.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// The URI of a resource as the client knows it, where one is read or
    /// watched.
    pub fn uri(&self) -> Option<&'a str> {
        self.subject.uri
    }

    /// The tags of the component.
    pub fn tags(&self) -> &'a [Cow<'static, str>] {
        self.subject.tags
    }

    /// Whether the component carries a tag.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags().iter().any(|own| own == tag)
    }

    /// The arguments of the call as a JSON object, not yet checked against
    /// anything: of a prompt all texts, of a template its variables; where one is
    /// completed, those the client has named beside it. `None` where there are none
    /// yet, as in a list.
    pub fn arguments(&self) -> Option<&'a str> {
        self.subject.arguments.as_deref()
    }

    /// Decodes the arguments.
    ///
    /// # Errors
    /// When they do not have the shape of `T`.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T> {
        Ok(serde_json::from_str(self.arguments().unwrap_or("{}"))?)
    }

    pub(crate) fn aliases(&self) -> &'a [(&'static str, &'static str)] {
        self.subject.aliases
    }
}

/// Without the arguments: some may be sensitive.
impl fmt::Debug for Asked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked")
            .field("kind", &self.kind())
            .field("name", &self.name())
            .field("purpose", &self.purpose())
            .field("principal", &self.principal())
            .finish_non_exhaustive()
    }
}
