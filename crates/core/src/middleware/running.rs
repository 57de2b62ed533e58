//! The rest of a chain, running.

use std::{
    fmt,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll},
};

use super::{AnyResponse, Input, Listing};
use crate::{
    BoxFuture, Result,
    prompt::PromptResult,
    protocol::{
        Completion, DiscoverResult, InitializeResult, Prompt, Resource, ResourceTemplate, Tool,
    },
    resource::ResourceResult,
    tool::ToolResult,
};

/// A hook or a handler that is running. It keeps the type its maker gave it, so
/// that no step of a chain is boxed twice.
pub(crate) enum Pending<'a> {
    Any(BoxFuture<'a, Result<AnyResponse>>),
    Tool(BoxFuture<'a, Result<ToolResult>>),
    Resource(BoxFuture<'a, Result<ResourceResult>>),
    Prompt(BoxFuture<'a, Result<PromptResult>>),
    Tools(BoxFuture<'a, Result<Listing<Tool>>>),
    Resources(BoxFuture<'a, Result<Listing<Resource>>>),
    ResourceTemplates(BoxFuture<'a, Result<Listing<ResourceTemplate>>>),
    Prompts(BoxFuture<'a, Result<Listing<Prompt>>>),
    Completion(BoxFuture<'a, Result<Completion>>),
    Initialize(BoxFuture<'a, Result<InitializeResult>>),
    Discover(BoxFuture<'a, Result<DiscoverResult>>),
}

impl Future for Pending<'_> {
    type Output = Result<AnyResponse>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        fn map<T>(
            polled: Poll<Result<T>>,
            wrap: fn(T) -> AnyResponse,
        ) -> Poll<Result<AnyResponse>> {
            polled.map(|result| result.map(wrap))
        }
        match &mut *self {
            Self::Any(future) => future.as_mut().poll(cx),
            Self::Tool(future) => map(future.as_mut().poll(cx), AnyResponse::Tool),
            Self::Resource(future) => map(future.as_mut().poll(cx), AnyResponse::Resource),
            Self::Prompt(future) => map(future.as_mut().poll(cx), AnyResponse::Prompt),
            Self::Tools(future) => map(future.as_mut().poll(cx), AnyResponse::Tools),
            Self::Resources(future) => map(future.as_mut().poll(cx), AnyResponse::Resources),
            Self::ResourceTemplates(future) => {
                map(future.as_mut().poll(cx), AnyResponse::ResourceTemplates)
            }
            Self::Prompts(future) => map(future.as_mut().poll(cx), AnyResponse::Prompts),
            Self::Completion(future) => map(future.as_mut().poll(cx), AnyResponse::Completion),
            Self::Initialize(future) => map(future.as_mut().poll(cx), |result| {
                AnyResponse::Initialize(Box::new(result))
            }),
            Self::Discover(future) => map(future.as_mut().poll(cx), |result| {
                AnyResponse::Discover(Box::new(result))
            }),
        }
    }
}

/// What [`Next::run`](super::Next::run) gives: the rest of the chain. Await it.
#[must_use = "the rest of the chain runs when it is awaited"]
pub struct Running<'a, I>(Pending<'a>, PhantomData<fn(I)>);

impl<I> fmt::Debug for Running<'_, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Running")
    }
}

impl<'a, I> Running<'a, I> {
    pub(crate) fn new(pending: Pending<'a>) -> Self {
        Self(pending, PhantomData)
    }
}

impl<'a, I: Input<'a>> Future for Running<'a, I> {
    type Output = Result<I::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        I::poll(&mut self.0, cx)
    }
}
