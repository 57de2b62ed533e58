//! One limit: whom it counts, and what of theirs.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use purlin_core::{
    Context, Error, Principal, access::Caller, middleware::AnyRequest, protocol::method,
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

    pub(crate) fn as_str(self) -> &'static str {
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
pub(crate) enum Whom {
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
pub(crate) enum Only {
    Tools(Vec<String>),
    Class(OperationClass),
}

/// `L` does the counting.
#[derive(Debug)]
pub(crate) struct Rule<L> {
    pub(crate) name: String,
    whom: Whom,
    only: Option<Only>,
    pub(crate) limiter: L,
    pub(crate) refused: AtomicU64,
}

impl<L> Rule<L> {
    pub(crate) fn new(name: String, whom: Whom, only: Option<Only>, limiter: L) -> Self {
        Self {
            name,
            whom,
            only,
            limiter,
            refused: AtomicU64::new(0),
        }
    }

    /// The narrower it is, the earlier it is asked.
    pub(crate) fn width(&self) -> Whom {
        self.whom
    }

    pub(crate) fn concerns(&self, request: &AnyRequest<'_>) -> bool {
        match &self.only {
            None => true,
            Some(Only::Class(class)) => *class == OperationClass::of(request.method()),
            Some(Only::Tools(names)) => request
                .as_tool_call()
                .is_some_and(|call| names.iter().any(|name| call.name() == name)),
        }
    }

    /// Whom the request is counted for; `None` when this rule does not count it.
    pub(crate) fn key(&self, cx: &Context, caller: &Caller) -> Option<Counted> {
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

    pub(crate) fn refuse(&self, error: Error) -> Error {
        self.refused.fetch_add(1, Ordering::Relaxed);
        error
    }
}

/// Whom a rule counts a request for.
#[derive(Debug)]
pub(crate) enum Counted {
    Caller,
    Text(String),
}

/// Puts a rule in its place. A second one of a name replaces the first.
pub(crate) fn insert<L>(rules: &mut Vec<Arc<Rule<L>>>, rule: Rule<L>) {
    rules.retain(|other| other.name != rule.name);
    let place = rules.partition_point(|other| other.width() <= rule.width());
    rules.insert(place, Arc::new(rule));
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
