//! One step of a chain: an operation, and the hook that is to take it.

use std::fmt;

use super::{Hooks, Input, Middleware, Next, Operation, Pending};
use crate::{
    BoxFuture, Result,
    middleware::{AnyMessage, AnyNotification, AnyRequest},
};

/// An operation on its way to one hook of a middleware.
///
/// `#[middleware]` offers it to each function in turn; the types of their first
/// parameters decide which one takes it.
#[doc(hidden)]
pub struct Passing<'a>(State<'a>);

/// A hook that has started.
#[doc(hidden)]
pub struct Passed<'a>(Pending<'a>);

enum State<'a> {
    Waiting(Hooks, Operation<'a>, Next<'a>),
    Taken(Pending<'a>),
}

impl<'a> Passing<'a> {
    pub(super) fn new(hook: Hooks, operation: Operation<'a>, next: Next<'a>) -> Self {
        Self(State::Waiting(hook, operation, next))
    }

    /// Calls the function if the operation is for its type of message.
    #[must_use]
    #[inline]
    pub fn hook<I: Input<'a>>(
        self,
        call: impl FnOnce(I, Next<'a>) -> BoxFuture<'a, Result<I::Output>>,
    ) -> Self {
        let (hook, operation, next) = match self.0 {
            State::Waiting(hook, operation, next) if hook == I::HOOK => (hook, operation, next),
            _ => return self,
        };
        Self(match I::from_operation(operation) {
            Ok(input) => State::Taken(I::pending(call(input, next))),
            Err(operation) => State::Waiting(hook, operation, next),
        })
    }

    /// What was started; the rest of the chain where no function took it.
    #[must_use]
    #[inline]
    pub fn finish(self) -> Passed<'a> {
        Passed(match self.0 {
            State::Taken(pending) => pending,
            State::Waiting(_, operation, next) => next.step(operation),
        })
    }

    /// Calls the method that is for this hook. Only that one is offered the
    /// operation: it is large enough that handing it around would show.
    pub(super) fn method<M: Middleware + ?Sized>(self, middleware: &'a M) -> Passed<'a> {
        let State::Waiting(hook, ..) = &self.0 else {
            return self.finish();
        };
        match *hook {
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
            _ => self,
        }
        .finish()
    }
}

impl<'a> Passed<'a> {
    pub(super) fn into_pending(self) -> Pending<'a> {
        self.0
    }
}

impl fmt::Debug for Passing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passing")
    }
}

impl fmt::Debug for Passed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passed")
    }
}
