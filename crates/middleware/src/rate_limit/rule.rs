//! One limit: whom it counts, and what of theirs.

use std::sync::atomic::{AtomicU64, Ordering};

use purlin_core::{
    Context, Error, Principal,
    access::{Caller, Limiter},
    middleware::AnyRequest,
    protocol::method,
};

/// A kind of requests that is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OperationClass {
    /// Calls of tools.
    Call,
    /// Reading of resources.
    Read,
    /// Making of prompts.
    Prompt,
    /// The four lists.
    List,
    /// Completions of arguments.
    Complete,
    /// `initialize` and `server/discover`, with which clients begin.
    Introduction,
    /// Everything else: `ping`, subscriptions.
    Other,
}

impl OperationClass {
    /// The class of a method.
    pub fn of(name: &str) -> Self {
        match name {
            method::TOOLS_CALL => Self::Call,
            method::RESOURCES_READ => Self::Read,
            method::PROMPTS_GET => Self::Prompt,
            method::TOOLS_LIST
            | method::RESOURCES_LIST
            | method::RESOURCES_TEMPLATES_LIST
            | method::PROMPTS_LIST => Self::List,
            method::COMPLETION_COMPLETE => Self::Complete,
            method::INITIALIZE | method::SERVER_DISCOVER => Self::Introduction,
            _ => Self::Other,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Read => "read",
            Self::Prompt => "prompt",
            Self::List => "list",
            Self::Complete => "complete",
            Self::Introduction => "introduction",
            Self::Other => "other",
        }
    }
}

/// Whom a rule counts apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Whom {
    /// Every caller.
    Each,
    /// Principals, and connections that are trusted without one.
    Known,
    /// Addresses without a principal.
    Address,
    Client,
    Tenant,
    /// All without a principal, as one.
    Strangers,
    /// All, as one.
    Everyone,
}

/// What of theirs a rule counts.
#[derive(Debug)]
pub(super) enum Only {
    Tool(String),
    Class(OperationClass),
}

#[derive(Debug)]
pub(super) struct Rule {
    pub(super) name: String,
    whom: Whom,
    only: Option<Only>,
    pub(super) limiter: Limiter,
    pub(super) refused: AtomicU64,
}

impl Rule {
    pub(super) fn new(name: String, whom: Whom, only: Option<Only>, limiter: Limiter) -> Self {
        Self {
            name,
            whom,
            only,
            limiter,
            refused: AtomicU64::new(0),
        }
    }

    /// The narrower it is, the earlier it is asked.
    pub(super) fn width(&self) -> Whom {
        self.whom
    }

    pub(super) fn concerns(&self, request: &AnyRequest<'_>) -> bool {
        match &self.only {
            None => true,
            Some(Only::Class(class)) => *class == OperationClass::of(request.method()),
            Some(Only::Tool(name)) => request
                .as_tool_call()
                .is_some_and(|call| call.name() == name),
        }
    }

    /// Whom the request is counted for; `None` when this rule does not count it.
    pub(super) fn key(&self, cx: &Context, caller: &Caller) -> Option<Counted> {
        let stranger = cx.principal().is_none() && !cx.is_trusted();
        match self.whom {
            Whom::Each => Some(Counted::Caller),
            Whom::Known => (!stranger).then_some(Counted::Caller),
            Whom::Address => {
                (stranger && matches!(caller, Caller::Address(_))).then_some(Counted::Caller)
            }
            Whom::Client => cx.principal().and_then(client).map(Counted::Text),
            Whom::Tenant => {
                let tenant = cx.principal().and_then(Principal::tenant)?;
                Some(Counted::Text(tenant.to_owned()))
            }
            Whom::Strangers => stranger.then(|| Counted::Text(String::new())),
            Whom::Everyone => Some(Counted::Text(String::new())),
        }
    }

    pub(super) fn refuse(&self, error: Error) -> Error {
        self.refused.fetch_add(1, Ordering::Relaxed);
        error
    }
}

/// Whom a rule counts a request for.
#[derive(Debug)]
pub(super) enum Counted {
    Caller,
    Text(String),
}

/// The client of a principal, as a text that no other has.
fn client(principal: &Principal) -> Option<String> {
    let client = principal.client()?;
    let tenant = principal.tenant().unwrap_or_default();
    let issuer = principal.issuer().unwrap_or_default();
    Some(format!(
        "{}:{tenant}{}:{issuer}{client}",
        tenant.len(),
        issuer.len()
    ))
}
