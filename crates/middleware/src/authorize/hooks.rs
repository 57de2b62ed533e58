//! What happens around a request.

use std::{borrow::Cow, sync::atomic::Ordering};

use purlin_core::{
    BoxFuture, Context, Error, ErrorKind, Result,
    measure::Samples,
    middleware::{
        Complete, Hooks, Middleware, Next, PromptGet, PromptList, ResourceList, ResourceRead,
        ResourceTemplateList, ToolCall, ToolList,
    },
    prompt::PromptResult,
    protocol::{Completion, Prompt, Reference, Resource, ResourceTemplate, Tool},
    resource::ResourceResult,
    tool::ToolResult,
};
use serde_json::json;

use super::{Asked, Authorize, ComponentKind, Decision};

macro_rules! list_hooks {
    ($($hook:ident($List:ident) -> $Item:ident by $name:ident: $kind:ident;)*) => {
        $(fn $hook<'a>(&'a self, list: $List<'a>, next: Next<'a>) -> BoxFuture<'a, Result<Vec<$Item>>> {
            if self.passes(list.context()) {
                return Box::pin(next.run(list));
            }
            Box::pin(async move {
                let items = next.run(list.clone()).await?;
                let mut shown = Vec::with_capacity(items.len());
                for item in items {
                    let asked = Asked {
                        cx: list.context(),
                        kind: ComponentKind::$kind,
                        name: &item.$name,
                        tags: list.tags(&item.$name).into(),
                        listing: true,
                    };
                    if matches!(self.judge(&asked).await, Verdict::Granted) {
                        shown.push(item);
                    }
                }
                Ok(shown)
            })
        })*
    };
}

impl Middleware for Authorize {
    fn hooks(&self) -> Hooks {
        if self.policies.is_empty() {
            return Hooks::NONE;
        }
        let used = Hooks::TOOL_CALL | Hooks::RESOURCE_READ | Hooks::PROMPT_GET | Hooks::COMPLETE;
        let listed = Hooks::TOOL_LIST | Hooks::RESOURCE_LIST | Hooks::PROMPT_LIST;
        used | listed | Hooks::RESOURCE_TEMPLATE_LIST
    }

    fn on_call_tool<'a>(
        &'a self,
        call: ToolCall<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<ToolResult>> {
        if self.passes(call.context()) || call.tool().is_none() {
            return Box::pin(next.run(call));
        }
        Box::pin(async move {
            let asked = Asked {
                cx: call.context(),
                kind: ComponentKind::Tool,
                name: call.name(),
                tags: call.tags().into(),
                listing: false,
            };
            let verdict = self.judge(&asked).await;
            self.admit(call.context(), verdict, call.required_scopes(), || {
                call.unknown()
            })?;
            next.run(call).await
        })
    }

    fn on_read_resource<'a>(
        &'a self,
        read: ResourceRead<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<ResourceResult>> {
        if self.passes(read.context()) || read.component().is_none() {
            return Box::pin(next.run(read));
        }
        Box::pin(async move {
            let asked = Asked {
                cx: read.context(),
                kind: ComponentKind::Resource,
                name: read.uri(),
                tags: read.tags().into(),
                listing: false,
            };
            let verdict = self.judge(&asked).await;
            self.admit(read.context(), verdict, read.required_scopes(), || {
                read.unknown()
            })?;
            next.run(read).await
        })
    }

    fn on_get_prompt<'a>(
        &'a self,
        get: PromptGet<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<PromptResult>> {
        if self.passes(get.context()) || get.prompt().is_none() {
            return Box::pin(next.run(get));
        }
        Box::pin(async move {
            let asked = Asked {
                cx: get.context(),
                kind: ComponentKind::Prompt,
                name: get.name(),
                tags: get.tags().into(),
                listing: false,
            };
            let verdict = self.judge(&asked).await;
            self.admit(get.context(), verdict, get.required_scopes(), || {
                get.unknown()
            })?;
            next.run(get).await
        })
    }

    fn on_complete<'a>(
        &'a self,
        complete: Complete<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<Completion>> {
        if self.passes(complete.context()) {
            return Box::pin(next.run(complete));
        }
        Box::pin(async move {
            let (kind, name) = match complete.reference() {
                Reference::Prompt { name, .. } => (ComponentKind::Prompt, name),
                Reference::Resource { uri, .. } => (ComponentKind::Resource, uri),
                // What may come to have arguments is nothing a policy knows.
                _ => return Err(complete.unknown()),
            };
            let asked = Asked {
                cx: complete.context(),
                kind,
                name,
                tags: complete.tags().into(),
                listing: false,
            };
            let verdict = self.judge(&asked).await;
            let none = std::iter::empty();
            self.admit(complete.context(), verdict, none, || complete.unknown())?;
            next.run(complete).await
        })
    }

    list_hooks! {
        on_list_tools(ToolList) -> Tool by name: Tool;
        on_list_resources(ResourceList) -> Resource by uri: Resource;
        on_list_resource_templates(ResourceTemplateList) -> ResourceTemplate by uri_template: Resource;
        on_list_prompts(PromptList) -> Prompt by name: Prompt;
    }

    fn measure(&self, samples: &mut Samples) {
        let statistics = self.statistics();
        for (decision, count) in [
            ("allowed", statistics.allowed),
            ("denied", statistics.denied),
            ("hidden", statistics.hidden),
        ] {
            let help = "Requests by what was decided about them.";
            samples.counter(
                "mcp_authorize_total",
                help,
                &[("decision", decision)],
                count,
            );
        }
        let help = "Policies that could not decide, which denied.";
        samples.counter("mcp_authorize_failed_total", help, &[], statistics.failed);
    }
}

/// What all policies say together.
enum Verdict {
    Granted,
    Hidden,
    Denied,
    /// Some of these scopes are missing.
    Lacks(Vec<Cow<'static, str>>),
}

impl Authorize {
    /// Whether nobody is asked about this caller.
    fn passes(&self, cx: &Context) -> bool {
        self.trusts && cx.is_trusted()
    }

    /// Asks all policies, also after one has denied: another may hide.
    async fn judge(&self, asked: &Asked<'_>) -> Verdict {
        let (mut denied, mut scopes) = (false, Vec::new());
        for policy in &self.policies {
            match policy.decide(asked).await {
                Ok(Decision::Allow) => {}
                Ok(Decision::Hide) => return Verdict::Hidden,
                Ok(Decision::Deny) => denied = true,
                Ok(Decision::Scopes(more)) => scopes.extend(more),
                Err(error) => {
                    self.counts.failed.fetch_add(1, Ordering::Relaxed);
                    let cause = error.public_text(false);
                    tracing::error!(target: "purlin::authorize", error = %cause.escape_debug(), "a policy failed, which denies");
                    denied = true;
                }
            }
        }
        let has = |scope: &Cow<'static, str>| {
            asked
                .principal()
                .is_some_and(|caller| caller.has_scope(scope))
        };
        match denied {
            true => Verdict::Denied,
            false if scopes.iter().all(has) => Verdict::Granted,
            false => Verdict::Lacks(scopes),
        }
    }

    fn admit<'s>(
        &self,
        cx: &Context,
        verdict: Verdict,
        required: impl Iterator<Item = &'s str>,
        unknown: impl FnOnce() -> Error,
    ) -> Result<()> {
        let (count, error) = match verdict {
            Verdict::Granted => {
                self.counts.allowed.fetch_add(1, Ordering::Relaxed);
                return Ok(());
            }
            Verdict::Hidden => (&self.counts.hidden, unknown()),
            Verdict::Denied => (&self.counts.denied, denied(cx)),
            Verdict::Lacks(scopes) => (&self.counts.denied, lacks(cx, required, &scopes)),
        };
        count.fetch_add(1, Ordering::Relaxed);
        Err(error)
    }
}

/// A caller who has not proved who it is may do so.
fn denied(cx: &Context) -> Error {
    match cx.principal() {
        Some(_) => Error::new(ErrorKind::Forbidden, "not permitted"),
        None => Error::new(ErrorKind::Unauthenticated, "authentication is required"),
    }
}

/// All scopes that the way to the component demands, in one answer.
fn lacks<'r>(
    cx: &Context,
    required: impl Iterator<Item = &'r str>,
    scopes: &[Cow<'static, str>],
) -> Error {
    let mut all: Vec<&str> = Vec::new();
    for scope in required {
        all.push(scope);
    }
    for scope in scopes {
        if !all.contains(&&**scope) {
            all.push(scope);
        }
    }
    let Some(caller) = cx.principal() else {
        let text = format!(
            "authentication is required, with the scopes `{}`",
            all.join("`, `")
        );
        let data = json!({ "requiredScopes": all });
        return Error::new(ErrorKind::Unauthenticated, text).with_data(data);
    };
    let missing: Vec<&str> = all
        .iter()
        .copied()
        .filter(|scope| !caller.has_scope(scope))
        .collect();
    let text = format!(
        "not permitted: the caller lacks the scopes `{}`",
        missing.join("`, `")
    );
    let data = json!({ "requiredScopes": all, "missingScopes": missing });
    Error::new(ErrorKind::Forbidden, text).with_data(data)
}
