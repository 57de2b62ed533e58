//! The rest of a chain.

use std::{
    fmt,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context as Task, Poll},
};

use super::{
    AnyMessage, AnyNotification, AnyRequest, AnyResponse, Complete, Discover, Hooks, Initialize,
    Listing, Operation, Pending, PromptGet, PromptList, ResourceList, ResourceRead,
    ResourceTemplateList, Running, ToolCall, ToolList, chain::Step, passing::State, spans,
};
use crate::{
    BoxFuture, Error, ErrorKind, Result,
    prompt::PromptResult,
    protocol::{
        Completion, DiscoverResult, InitializeResult, Prompt, Resource, ResourceTemplate, Tool,
    },
    resource::ResourceResult,
    server::{Tail, dispatch},
    tool::ToolResult,
};

/// The rest of the chain, and at its end the component itself.
#[derive(Clone, Copy)]
pub struct Next<'a> {
    steps: &'a [Step],
    /// How many servers the operation has been routed through.
    level: usize,
    /// What the outermost server asks for on every call.
    tail: &'a Tail,
}

impl fmt::Debug for Next<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next")
            .field("steps", &self.steps.len())
            .finish()
    }
}

impl<'a> Next<'a> {
    pub(crate) fn new(steps: &'a [Step], level: usize, tail: &'a Tail) -> Self {
        Self { steps, level, tail }
    }

    /// Runs the rest of the chain with the request as it was, or as the
    /// middleware made it. Not calling it answers in the component's place;
    /// `Next` is `Copy` and requests are `Clone`, so it can be run again.
    pub fn run<I: Input<'a>>(self, input: I) -> Running<'a, I> {
        Running::new(self.step(input.into_operation()))
    }

    /// The same, for a hook that has nothing to do and gives this back: as a rule
    /// without a box of its own.
    pub fn pass<I: Input<'a> + 'a>(self, input: I) -> BoxFuture<'a, Result<I::Output>> {
        I::unwrapped(self.step(input.into_operation()))
    }

    pub(crate) fn step(self, operation: Operation<'a>) -> Pending<'a> {
        let Some((step, steps)) = self.steps.split_first() else {
            return dispatch::finish(operation, self.level, self.tail);
        };
        let next = Self { steps, ..self };
        let mut state = State::new(step.hook, operation, next);
        spans::of_step(step, || state.offer(&*step.middleware))
    }
}

/// The hook of a type, asked for without knowing whether it is a message.
#[doc(hidden)]
#[derive(Debug)]
pub struct HookOf<I>(PhantomData<fn() -> I>);

impl<'a, I: Input<'a>> HookOf<I> {
    /// The hook that takes it. Where `I` is no message, the constant of
    /// [`NoHook`] is found in its place.
    pub const HOOK: Hooks = I::HOOK;
}

/// The hook of a type that is no message; that it is none is said elsewhere.
#[doc(hidden)]
pub trait NoHook {
    /// No hook.
    const HOOK: Hooks = Hooks::NONE;
}

impl<I> NoHook for HookOf<I> {}

/// The second parameter of a hook.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the rest of the chain",
    label = "write `next: Next<'_>`"
)]
pub trait Rest<'a> {
    /// The rest of the chain.
    fn of(next: Next<'a>) -> Self;
}

impl<'a> Rest<'a> for Next<'a> {
    fn of(next: Next<'a>) -> Self {
        next
    }
}

/// A message on its way through a chain: what a hook takes first, and what
/// [`Next::run`] takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a message",
    label = "not a message",
    note = "a middleware takes one of these first: `AnyMessage`, `AnyRequest`, \
            `AnyNotification`, `ToolCall`, `ResourceRead`, `PromptGet`, `Complete`, `ToolList`, `ResourceList`, \
            `ResourceTemplateList`, `PromptList`, `Initialize`, `Discover`"
)]
pub trait Input<'a>: Sized {
    /// What the rest of the chain gives back for it.
    type Output;

    /// The hook that takes it.
    #[doc(hidden)]
    const HOOK: Hooks;

    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn into_operation(self) -> Operation<'a>;

    /// Takes an operation that is of this kind.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn take(operation: &mut Option<Operation<'a>>) -> Option<Self>;

    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn pending(running: BoxFuture<'a, Result<Self::Output>>) -> Pending<'a>;

    /// What is running, without a wrapper if it is of this type already.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn unwrapped(pending: Pending<'a>) -> BoxFuture<'a, Result<Self::Output>>;

    #[doc(hidden)]
    fn output(response: AnyResponse) -> Result<Self::Output>;

    /// Polls what is running; its output is moved once where it is of this type
    /// already.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn poll(pending: &mut Pending<'a>, task: &mut Task<'_>) -> Poll<Result<Self::Output>>;
}

pub(super) fn wrong_response() -> Error {
    Error::new(
        ErrorKind::Internal,
        "a middleware answered a request with the response of another kind of request",
    )
}

macro_rules! inputs {
    ($($input:ident => $hook:ident, $operation:ident, $response:ident($output:ty) $([$in_a_box:tt])?;)*) => {
        $(impl<'a> Input<'a> for $input<'a> {
            type Output = $output;

            const HOOK: Hooks = Hooks::$hook;

            #[allow(private_interfaces)]
            fn into_operation(self) -> Operation<'a> {
                Operation::$operation(self)
            }

            #[allow(private_interfaces)]
            fn take(operation: &mut Option<Operation<'a>>) -> Option<Self> {
                let is_it = |known: &mut Operation<'_>| matches!(known, Operation::$operation(_));
                match operation.take_if(is_it)? {
                    Operation::$operation(input) => Some(input),
                    _ => None,
                }
            }

            #[allow(private_interfaces)]
            fn pending(running: BoxFuture<'a, Result<$output>>) -> Pending<'a> {
                Pending::$response(running)
            }

            #[allow(private_interfaces)]
            fn unwrapped(pending: Pending<'a>) -> BoxFuture<'a, Result<$output>> {
                match pending {
                    Pending::$response(running) => running,
                    other => Box::pin(Running::<Self>::new(other)),
                }
            }

            fn output(response: AnyResponse) -> Result<$output> {
                match response {
                    AnyResponse::$response(output) => Ok($($in_a_box)? output),
                    _ => Err(wrong_response()),
                }
            }

            #[allow(private_interfaces)]
            fn poll(pending: &mut Pending<'a>, task: &mut Task<'_>) -> Poll<Result<$output>> {
                match pending {
                    Pending::$response(running) => running.as_mut().poll(task),
                    other => {
                        let polled = Pin::new(other).poll(task);
                        polled.map(|result| result.and_then(Self::output))
                    }
                }
            }
        })*
    };
}

inputs! {
    ToolCall => TOOL_CALL, CallTool, Tool(ToolResult);
    ResourceRead => RESOURCE_READ, ReadResource, Resource(ResourceResult);
    PromptGet => PROMPT_GET, GetPrompt, Prompt(PromptResult);
    ToolList => TOOL_LIST, ListTools, Tools(Listing<Tool>);
    ResourceList => RESOURCE_LIST, ListResources, Resources(Listing<Resource>);
    ResourceTemplateList => RESOURCE_TEMPLATE_LIST, ListResourceTemplates, ResourceTemplates(Listing<ResourceTemplate>);
    PromptList => PROMPT_LIST, ListPrompts, Prompts(Listing<Prompt>);
    Complete => COMPLETE, Complete, Completion(Completion);
    Initialize => INITIALIZE, Initialize, Initialize(InitializeResult)[*];
    Discover => DISCOVER, Discover, Discover(DiscoverResult)[*];
}

macro_rules! any_inputs {
    ($($input:ident => $hook:ident;)*) => {
        $(impl<'a> Input<'a> for $input<'a> {
            type Output = AnyResponse;

            const HOOK: Hooks = Hooks::$hook;

            #[allow(private_interfaces)]
            fn into_operation(self) -> Operation<'a> {
                self.0
            }

            #[allow(private_interfaces)]
            fn take(operation: &mut Option<Operation<'a>>) -> Option<Self> {
                operation.take().map(Self)
            }

            #[allow(private_interfaces)]
            fn pending(running: BoxFuture<'a, Result<AnyResponse>>) -> Pending<'a> {
                Pending::Any(running)
            }

            #[allow(private_interfaces)]
            fn unwrapped(pending: Pending<'a>) -> BoxFuture<'a, Result<AnyResponse>> {
                match pending {
                    Pending::Any(running) => running,
                    other => Box::pin(Running::<Self>::new(other)),
                }
            }

            fn output(response: AnyResponse) -> Result<AnyResponse> {
                Ok(response)
            }

            #[allow(private_interfaces)]
            fn poll(pending: &mut Pending<'a>, task: &mut Task<'_>) -> Poll<Result<AnyResponse>> {
                Pin::new(pending).poll(task)
            }
        })*
    };
}

any_inputs! {
    AnyRequest => REQUEST;
    AnyNotification => NOTIFICATION;
    AnyMessage => MESSAGE;
}
