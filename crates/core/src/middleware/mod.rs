//! Middleware: code around every request, or around one kind of it.
//!
//! The chain is an onion: what was added first is outermost. Each middleware
//! runs its message, request and operation hooks before the next one starts;
//! after the outermost server's chain come, for each mount on the way, what was
//! put around the mount and the mounted server's own chain, and at last what was
//! put around the component. A hook is chosen by the type it takes. The steps of
//! a chain are worked out once per kind of operation, so an empty chain costs
//! nothing and a middleware costs one boxed future where it has a hook.

mod chain;
mod hooks;
mod input;
mod introduction;
mod layer;
mod listing;
mod message;
mod next;
mod passing;
mod running;
mod spans;

use std::sync::Arc;

use crate::{
    BoxFuture, Result,
    access::Policy,
    measure::Samples,
    prompt::PromptResult,
    protocol::{
        Completion, DiscoverResult, InitializeResult, Prompt, Resource, ResourceTemplate, Tool,
    },
    resource::ResourceResult,
    tool::ToolResult,
};

pub use crate::registry::Change;
pub(crate) use chain::Chain;
pub use hooks::{Hooks, one_hook_each};
pub use input::{
    Complete, PromptGet, PromptList, ResourceList, ResourceRead, ResourceTemplateList, ToolCall,
    ToolList,
};
pub use introduction::{Discover, Initialize};
pub use layer::{Layers, layer};
pub use listing::Listing;
pub(crate) use message::{Answer, Operation, OperationKind, Other};
pub use message::{AnyMessage, AnyNotification, AnyRequest, AnyResponse};
pub use next::{HookOf, Input, Next, NoHook, Rest};
pub use passing::{Passed, Passing};
pub(crate) use running::Pending;
pub use running::Running;
pub(crate) use spans::of_mount;

/// Code around requests.
///
/// Every hook has a default that passes on. `#[middleware]` writes this trait
/// from a function or an impl block; by hand it looks so:
///
/// ```
/// use purlin_core::{BoxFuture, Result, middleware::{Hooks, Middleware, Next, ToolCall}, tool::ToolResult};
///
/// struct Audit;
///
/// impl Middleware for Audit {
///     fn hooks(&self) -> Hooks {
///         Hooks::TOOL_CALL
///     }
///
///     fn on_call_tool<'a>(&'a self, call: ToolCall<'a>, next: Next<'a>) -> BoxFuture<'a, Result<ToolResult>> {
///         Box::pin(async move {
///             let name = call.name().to_owned();
///             let result = next.run(call).await;
///             tracing::info!(tool = name, ok = result.is_ok());
///             result
///         })
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a middleware",
    label = "not a middleware",
    note = "annotate an `async fn` or an impl block with `#[middleware]`"
)]
pub trait Middleware: Send + Sync + 'static {
    /// Which hooks are to be called. The fewer, the less a request costs.
    fn hooks(&self) -> Hooks {
        Hooks::ALL
    }

    /// What it is called in traces: the name of its type by default. One with an
    /// empty name is no part of a trace.
    fn name(&self) -> &'static str {
        std::any::type_name::<Self>()
    }

    /// Writes what the middleware has counted; nothing by default.
    fn measure(&self, _samples: &mut Samples) {}

    /// What has to allow all that it is put around: policies that core asks with
    /// everything else that is demanded there, for lists too. Asked for once, when
    /// the middleware is added.
    fn policy(&self) -> Option<Arc<dyn Policy>> {
        None
    }

    /// Takes one step of the chain: calls the hook that the step is for.
    #[doc(hidden)]
    fn __pass<'a>(&'a self, passing: Passing<'_, 'a>) -> Passed<'a> {
        passing.method(self)
    }

    /// Around every message: requests and notifications.
    fn on_message<'a>(
        &'a self,
        message: AnyMessage<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<AnyResponse>> {
        Box::pin(next.run(message))
    }

    /// Around every request.
    ///
    /// `subscriptions/listen` is shown here before it is served, and is
    /// [`AnyResponse::Done`] at once: it is a stream without an end of its own.
    fn on_request<'a>(
        &'a self,
        request: AnyRequest<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<AnyResponse>> {
        Box::pin(next.run(request))
    }

    /// Around every notification. Nobody waits for an answer: [`AnyResponse::Done`].
    fn on_notification<'a>(
        &'a self,
        notification: AnyNotification<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<AnyResponse>> {
        Box::pin(next.run(notification))
    }

    /// Around the call of a tool.
    fn on_call_tool<'a>(
        &'a self,
        call: ToolCall<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<ToolResult>> {
        Box::pin(next.run(call))
    }

    /// Around the reading of a resource.
    fn on_read_resource<'a>(
        &'a self,
        read: ResourceRead<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<ResourceResult>> {
        Box::pin(next.run(read))
    }

    /// Around the making of a prompt.
    fn on_get_prompt<'a>(
        &'a self,
        get: PromptGet<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<PromptResult>> {
        Box::pin(next.run(get))
    }

    /// Around the list of tools, which is whole here and is cut into pages later. A
    /// list that nobody changes is sent as it was prepared ([`Listing`]).
    fn on_list_tools<'a>(
        &'a self,
        list: ToolList<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<Listing<Tool>>> {
        Box::pin(next.run(list))
    }

    /// Around the list of resources.
    fn on_list_resources<'a>(
        &'a self,
        list: ResourceList<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<Listing<Resource>>> {
        Box::pin(next.run(list))
    }

    /// Around the list of resource templates.
    fn on_list_resource_templates<'a>(
        &'a self,
        list: ResourceTemplateList<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<Listing<ResourceTemplate>>> {
        Box::pin(next.run(list))
    }

    /// Around the list of prompts.
    fn on_list_prompts<'a>(
        &'a self,
        list: PromptList<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<Listing<Prompt>>> {
        Box::pin(next.run(list))
    }

    /// Something has changed at the server it was added to, mounts included, and
    /// clients are about to be told. For what keeps answers; it must not block.
    ///
    /// Middleware of a single component is not told.
    fn changed(&self, _change: &Change) {}

    /// Around the completion of an argument.
    fn on_complete<'a>(
        &'a self,
        complete: Complete<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<Completion>> {
        Box::pin(next.run(complete))
    }

    /// Around `initialize`, with which a client opens a session (until 2025-11-25).
    ///
    /// What is refused here gets no session. The session is there already
    /// ([`Context::session`](crate::Context::session)), but the client can be asked
    /// nothing in it yet.
    fn on_initialize<'a>(
        &'a self,
        asked: Initialize<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<InitializeResult>> {
        Box::pin(next.run(asked))
    }

    /// Around `server/discover`, with which a client asks what the server is and
    /// offers (since 2026-07-28). A client need not ask: what must not be reached
    /// has to be refused where it is used.
    fn on_discover<'a>(
        &'a self,
        asked: Discover<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<DiscoverResult>> {
        Box::pin(next.run(asked))
    }
}
