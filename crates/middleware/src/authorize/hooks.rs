//! What is decided, and where requests are stopped.

use std::sync::{Arc, atomic::Ordering};

use purlin_core::{
    BoxFuture, Result,
    access::{Asked, Decision, Policy, Purpose},
    measure::Samples,
    middleware::{Complete, Hooks, Middleware, Next, PromptGet, ResourceRead, ToolCall},
    prompt::PromptResult,
    protocol::Completion,
    resource::ResourceResult,
    tool::ToolResult,
};

use super::Authorize;

/// All of its policies are one to core.
impl Policy for Authorize {
    fn decide<'a>(&'a self, asked: &'a Asked<'a>) -> BoxFuture<'a, Result<Decision>> {
        Box::pin(async move {
            let decision = self.decide_all(asked).await;
            if asked.purpose() != Purpose::List {
                self.count(asked, &decision);
            }
            decision
        })
    }

    fn trusts_nobody(&self) -> bool {
        !self.trusts
    }
}

macro_rules! hooks {
    ($($hook:ident($Input:ident) -> $Output:ty;)*) => {
        $(fn $hook<'a>(&'a self, input: $Input<'a>, next: Next<'a>) -> BoxFuture<'a, Result<$Output>> {
            Box::pin(async move { next.run(input.permit().await?).await })
        })*
    };
}

/// Core judges by the policies wherever they stand; the hooks have it do so
/// here, before the rest of the chain works for somebody who is refused.
impl Middleware for Authorize {
    fn hooks(&self) -> Hooks {
        if self.policies.is_empty() {
            return Hooks::NONE;
        }
        Hooks::TOOL_CALL | Hooks::RESOURCE_READ | Hooks::PROMPT_GET | Hooks::COMPLETE
    }

    fn policy(&self) -> Option<Arc<dyn Policy>> {
        (!self.policies.is_empty()).then(|| Arc::new(self.clone()) as Arc<dyn Policy>)
    }

    hooks! {
        on_call_tool(ToolCall) -> ToolResult;
        on_read_resource(ResourceRead) -> ResourceResult;
        on_get_prompt(PromptGet) -> PromptResult;
        on_complete(Complete) -> Completion;
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

impl Authorize {
    /// Asks all policies, also after one has denied: another may hide.
    async fn decide_all(&self, asked: &Asked<'_>) -> Result<Decision> {
        let (mut denied, mut failure, mut scopes) = (false, None, Vec::new());
        for policy in &self.policies {
            match policy.decide(asked).await {
                Ok(Decision::Allow) => {}
                Ok(Decision::Hide) => return Ok(Decision::Hide),
                Ok(Decision::Scopes(more)) => scopes.extend(more),
                Ok(_) => denied = true,
                Err(error) => {
                    self.counts.failed.fetch_add(1, Ordering::Relaxed);
                    failure.get_or_insert(error);
                }
            }
        }
        match failure {
            Some(error) => Err(error),
            None if denied => Ok(Decision::Deny),
            None if scopes.is_empty() => Ok(Decision::Allow),
            None => Ok(Decision::Scopes(scopes)),
        }
    }

    fn count(&self, asked: &Asked<'_>, decision: &Result<Decision>) {
        let allowed = match decision {
            Ok(Decision::Allow) => true,
            Ok(Decision::Scopes(scopes)) => scopes.iter().all(|scope| asked.has_scope(scope)),
            _ => false,
        };
        let count = match decision {
            _ if allowed => &self.counts.allowed,
            Ok(Decision::Hide) => &self.counts.hidden,
            _ => &self.counts.denied,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }
}
