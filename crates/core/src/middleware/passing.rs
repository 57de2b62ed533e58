//! One step of a chain: an operation, and the hook that is to take it.

use std::{fmt, future::ready};

use super::{Hooks, Input, Middleware, Next, Operation, Pending, next::wrong_response};
use crate::{
    BoxFuture, Result,
    middleware::{AnyMessage, AnyNotification, AnyRequest},
};

/// An operation on its way to one hook of a middleware.
///
/// `#[middleware]` offers it to each function in turn; the types of their first
/// parameters decide which one takes it. It only points at the operation, which is
/// large enough that handing it around would show.
#[doc(hidden)]
pub struct Passing<'p, 'a>(&'p mut State<'a>);

/// A hook that has started.
#[doc(hidden)]
pub struct Passed<'a>(Pending<'a>);

/// How far an operation has come at one step.
pub(super) struct State<'a> {
    hook: Hooks,
    next: Next<'a>,
    /// Until a function has taken it.
    operation: Option<Operation<'a>>,
    taken: Option<Pending<'a>>,
}

impl<'a> State<'a> {
    pub(super) fn new(hook: Hooks, operation: Operation<'a>, next: Next<'a>) -> Self {
        Self {
            hook,
            next,
            operation: Some(operation),
            taken: None,
        }
    }

    /// Offers the operation to a middleware.
    pub(super) fn offer(&mut self, middleware: &'a dyn Middleware) -> Pending<'a> {
        middleware.__pass(Passing(self)).0
    }
}

impl<'a> Passing<'_, 'a> {
    /// Calls the function if the operation is for its type of message.
    #[must_use]
    #[inline]
    pub fn hook<I: Input<'a>>(
        self,
        call: impl FnOnce(I, Next<'a>) -> BoxFuture<'a, Result<I::Output>>,
    ) -> Self {
        if self.0.hook == I::HOOK
            && let Some(input) = I::take(&mut self.0.operation)
        {
            self.0.taken = Some(I::pending(call(input, self.0.next)));
        }
        self
    }

    /// What was started; the rest of the chain where no function took it.
    #[must_use]
    #[inline]
    pub fn finish(self) -> Passed<'a> {
        let state = self.0;
        if let Some(pending) = state.taken.take() {
            return Passed(pending);
        }
        Passed(match state.operation.take() {
            Some(operation) => state.next.step(operation),
            None => Pending::Any(Box::pin(ready(Err(wrong_response())))),
        })
    }

    /// Calls the method that is for this hook.
    pub(super) fn method<M: Middleware + ?Sized>(self, middleware: &'a M) -> Passed<'a> {
        match self.0.hook {
            Hooks::MESSAGE => {
                self.hook(|message: AnyMessage<'a>, next| middleware.on_message(message, next))
            }
            Hooks::REQUEST => {
                self.hook(|request: AnyRequest<'a>, next| middleware.on_request(request, next))
            }
            Hooks::NOTIFICATION => {
                self.hook(|told: AnyNotification<'a>, next| middleware.on_notification(told, next))
            }
            Hooks::TOOL_CALL => self.hook(|call, next| middleware.on_call_tool(call, next)),
            Hooks::RESOURCE_READ => self.hook(|read, next| middleware.on_read_resource(read, next)),
            Hooks::PROMPT_GET => self.hook(|get, next| middleware.on_get_prompt(get, next)),
            Hooks::TOOL_LIST => self.hook(|list, next| middleware.on_list_tools(list, next)),
            Hooks::RESOURCE_LIST => {
                self.hook(|list, next| middleware.on_list_resources(list, next))
            }
            Hooks::RESOURCE_TEMPLATE_LIST => {
                self.hook(|list, next| middleware.on_list_resource_templates(list, next))
            }
            Hooks::PROMPT_LIST => self.hook(|list, next| middleware.on_list_prompts(list, next)),
            Hooks::COMPLETE => self.hook(|complete, next| middleware.on_complete(complete, next)),
            Hooks::INITIALIZE => self.hook(|asked, next| middleware.on_initialize(asked, next)),
            Hooks::DISCOVER => self.hook(|asked, next| middleware.on_discover(asked, next)),
            _ => self,
        }
        .finish()
    }
}

impl fmt::Debug for Passing<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passing")
    }
}

impl fmt::Debug for Passed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passed")
    }
}
