//! Any request or message, as the general hooks see it.

use std::sync::{Mutex, PoisonError};

use super::{
    Complete, Discover, Hooks, Initialize, Listing, PromptGet, PromptList, ResourceList,
    ResourceRead, ResourceTemplateList, ToolCall, ToolList,
};
use crate::{
    Context,
    prompt::PromptResult,
    protocol::{
        Completion, DiscoverResult, InitializeResult, Prompt, Resource, ResourceTemplate, Tool,
    },
    resource::ResourceResult,
    tool::ToolResult,
    wire::Reply,
};

/// A request of no kind that has a hook of its own (`ping`,
/// `resources/subscribe`, …), or a notification.
#[derive(Debug, Clone)]
pub(crate) struct Other<'a> {
    pub(crate) cx: &'a Context,
    /// Where the end of the chain puts the answer; `None` for what is only shown
    /// to the chain.
    pub(crate) answer: Option<&'a Answer>,
}

/// The answer to a request that no type of a response stands for. One that is
/// served again is answered with what came last.
#[derive(Debug, Default)]
pub(crate) struct Answer(Mutex<Option<Reply>>);

impl Answer {
    pub(crate) fn put(&self, reply: Reply) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(reply);
    }

    pub(crate) fn take(self) -> Option<Reply> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What travels through a chain.
#[derive(Debug, Clone)]
pub(crate) enum Operation<'a> {
    CallTool(ToolCall<'a>),
    ReadResource(ResourceRead<'a>),
    GetPrompt(PromptGet<'a>),
    ListTools(ToolList<'a>),
    ListResources(ResourceList<'a>),
    ListResourceTemplates(ResourceTemplateList<'a>),
    ListPrompts(PromptList<'a>),
    Complete(Complete<'a>),
    Initialize(Initialize<'a>),
    Discover(Discover<'a>),
    Other(Other<'a>),
}

/// The kinds of operation; the index of a chain's prepared steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OperationKind {
    CallTool,
    ReadResource,
    GetPrompt,
    ListTools,
    ListResources,
    ListResourceTemplates,
    ListPrompts,
    Complete,
    Initialize,
    Discover,
    Other,
    Notification,
}

impl OperationKind {
    pub(crate) const ALL: [Self; 12] = [
        Self::CallTool,
        Self::ReadResource,
        Self::GetPrompt,
        Self::ListTools,
        Self::ListResources,
        Self::ListResourceTemplates,
        Self::ListPrompts,
        Self::Complete,
        Self::Initialize,
        Self::Discover,
        Self::Other,
        Self::Notification,
    ];

    /// The hook that is for this kind alone.
    pub(crate) fn hook(self) -> Hooks {
        match self {
            Self::CallTool => Hooks::TOOL_CALL,
            Self::ReadResource => Hooks::RESOURCE_READ,
            Self::GetPrompt => Hooks::PROMPT_GET,
            Self::ListTools => Hooks::TOOL_LIST,
            Self::ListResources => Hooks::RESOURCE_LIST,
            Self::ListResourceTemplates => Hooks::RESOURCE_TEMPLATE_LIST,
            Self::ListPrompts => Hooks::PROMPT_LIST,
            Self::Complete => Hooks::COMPLETE,
            Self::Initialize => Hooks::INITIALIZE,
            Self::Discover => Hooks::DISCOVER,
            Self::Notification => Hooks::NOTIFICATION,
            Self::Other => Hooks::NONE,
        }
    }
}

impl<'a> Operation<'a> {
    pub(crate) fn context(&self) -> &'a Context {
        match self {
            Self::CallTool(call) => call.cx,
            Self::ReadResource(read) => read.cx,
            Self::GetPrompt(get) => get.cx,
            Self::ListTools(list) => list.cx,
            Self::ListResources(list) => list.cx,
            Self::ListResourceTemplates(list) => list.cx,
            Self::ListPrompts(list) => list.cx,
            Self::Complete(complete) => complete.cx,
            Self::Initialize(asked) => asked.cx,
            Self::Discover(asked) => asked.cx,
            Self::Other(other) => other.cx,
        }
    }
}

/// Any request, as [`on_request`](super::Middleware::on_request) sees it.
#[derive(Debug, Clone)]
pub struct AnyRequest<'a>(pub(crate) Operation<'a>);

/// Any message, as [`on_message`](super::Middleware::on_message) sees it.
#[derive(Debug, Clone)]
pub struct AnyMessage<'a>(pub(crate) Operation<'a>);

/// A notification, as [`on_notification`](super::Middleware::on_notification) sees it.
#[derive(Debug, Clone)]
pub struct AnyNotification<'a>(pub(crate) Operation<'a>);

macro_rules! views {
    ($($name:ident)*) => {
        $(impl<'a> $name<'a> {
            /// The request.
            pub fn context(&self) -> &'a Context {
                self.0.context()
            }

            /// The method, for example `tools/call`.
            pub fn method(&self) -> &'a str {
                self.context().method()
            }

            /// The call, if it calls a tool.
            pub fn as_tool_call(&self) -> Option<&ToolCall<'a>> {
                match &self.0 {
                    Operation::CallTool(call) => Some(call),
                    _ => None,
                }
            }

            /// The reading, if it reads a resource.
            pub fn as_resource_read(&self) -> Option<&ResourceRead<'a>> {
                match &self.0 {
                    Operation::ReadResource(read) => Some(read),
                    _ => None,
                }
            }

            /// The making, if it makes a prompt.
            pub fn as_prompt_get(&self) -> Option<&PromptGet<'a>> {
                match &self.0 {
                    Operation::GetPrompt(get) => Some(get),
                    _ => None,
                }
            }

            /// Whether what is addressed is offered, to whomever; false where
            /// nothing is addressed.
            pub fn is_offered(&self) -> bool {
                match &self.0 {
                    Operation::CallTool(call) => call.entry.is_some(),
                    Operation::ReadResource(read) => read.target.is_some(),
                    Operation::GetPrompt(get) => get.entry.is_some(),
                    _ => false,
                }
            }

            /// What is addressed: the name of a tool or prompt, or a URI.
            pub fn target(&self) -> Option<&str> {
                match &self.0 {
                    Operation::CallTool(call) => Some(call.name()),
                    Operation::ReadResource(read) => Some(read.uri()),
                    Operation::GetPrompt(get) => Some(get.name()),
                    _ => None,
                }
            }
        })*
    };
}

views!(AnyRequest AnyMessage);

impl<'a> AnyNotification<'a> {
    /// The notification's context.
    pub fn context(&self) -> &'a Context {
        self.0.context()
    }

    /// The method, for example `notifications/initialized`.
    pub fn method(&self) -> &'a str {
        self.context().method()
    }
}

impl AnyMessage<'_> {
    /// Whether nobody waits for an answer.
    pub fn is_notification(&self) -> bool {
        self.context().message().id().is_none()
    }
}

/// What any request leads to.
#[derive(Debug)]
#[non_exhaustive]
pub enum AnyResponse {
    /// The result of a tool.
    Tool(ToolResult),
    /// The contents of a resource.
    Resource(ResourceResult),
    /// The messages of a prompt.
    Prompt(PromptResult),
    /// A list of tools.
    Tools(Listing<Tool>),
    /// A list of resources.
    Resources(Listing<Resource>),
    /// A list of resource templates.
    ResourceTemplates(Listing<ResourceTemplate>),
    /// A list of prompts.
    Prompts(Listing<Prompt>),
    /// Completions.
    Completion(Completion),
    /// What a session begins with.
    Initialize(Box<InitializeResult>),
    /// What a server says of itself.
    Discover(Box<DiscoverResult>),
    /// The request was served in another way, or was a notification.
    Done,
}
