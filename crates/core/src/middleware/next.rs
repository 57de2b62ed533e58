//! The rest of a chain.

use std::fmt;

use super::{
    AnyMessage, AnyRequest, AnyResponse, Complete, Operation, Pending, PromptGet, PromptList,
    ResourceList, ResourceRead, ResourceTemplateList, Running, ToolCall, ToolList,
    chain::{Stage, Step},
};
use crate::{
    Error, ErrorKind, Result,
    prompt::PromptResult,
    protocol::{Completion, Prompt, Resource, ResourceTemplate, Tool},
    resource::ResourceResult,
    server::dispatch,
    tool::ToolResult,
};

/// The rest of the chain, and at its end the component itself.
#[derive(Clone, Copy)]
pub struct Next<'a> {
    steps: &'a [Step],
    /// How many servers the operation has been routed through.
    level: usize,
}

impl fmt::Debug for Next<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next")
            .field("steps", &self.steps.len())
            .finish()
    }
}

impl<'a> Next<'a> {
    pub(crate) fn new(steps: &'a [Step], level: usize) -> Self {
        Self { steps, level }
    }

    /// Runs the rest of the chain with the request as it was, or as the
    /// middleware made it. Not calling it answers in the component's place;
    /// `Next` is `Copy` and requests are `Clone`, so it can be run again.
    pub fn run<I: Input<'a>>(self, input: I) -> Running<'a, I> {
        Running::new(self.step(input.into_operation()))
    }

    pub(crate) fn step(self, operation: Operation<'a>) -> Pending<'a> {
        let Some((step, steps)) = self.steps.split_first() else {
            return dispatch::finish(operation, self.level);
        };
        let next = Self {
            steps,
            level: self.level,
        };
        let middleware = &*step.middleware;
        match step.stage {
            Stage::Message => Pending::Any(middleware.on_message(AnyMessage(operation), next)),
            Stage::Request => Pending::Any(middleware.on_request(AnyRequest(operation), next)),
            Stage::Operation => match operation {
                Operation::CallTool(call) => Pending::Tool(middleware.on_call_tool(call, next)),
                Operation::ReadResource(read) => {
                    Pending::Resource(middleware.on_read_resource(read, next))
                }
                Operation::GetPrompt(get) => Pending::Prompt(middleware.on_get_prompt(get, next)),
                Operation::ListTools(list) => Pending::Tools(middleware.on_list_tools(list, next)),
                Operation::ListResources(list) => {
                    Pending::Resources(middleware.on_list_resources(list, next))
                }
                Operation::ListResourceTemplates(list) => {
                    Pending::ResourceTemplates(middleware.on_list_resource_templates(list, next))
                }
                Operation::ListPrompts(list) => {
                    Pending::Prompts(middleware.on_list_prompts(list, next))
                }
                Operation::Complete(complete) => {
                    Pending::Completion(middleware.on_complete(complete, next))
                }
                // There is no hook for the rest, so no step of theirs has this stage.
                other @ Operation::Other(_) => next.step(other),
            },
        }
    }
}

/// What [`Next::run`] takes.
pub trait Input<'a> {
    /// What the rest of the chain gives back for it.
    type Output;

    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn into_operation(self) -> Operation<'a>;

    #[doc(hidden)]
    fn output(response: AnyResponse) -> Result<Self::Output>;
}

fn wrong_response() -> Error {
    Error::new(
        ErrorKind::Internal,
        "a middleware answered a request with the response of another kind of request",
    )
}

macro_rules! inputs {
    ($($input:ident => $operation:ident, $response:ident($output:ty);)*) => {
        $(impl<'a> Input<'a> for $input<'a> {
            type Output = $output;

            #[allow(private_interfaces)]
            fn into_operation(self) -> Operation<'a> {
                Operation::$operation(self)
            }

            fn output(response: AnyResponse) -> Result<$output> {
                match response {
                    AnyResponse::$response(output) => Ok(output),
                    _ => Err(wrong_response()),
                }
            }
        })*
    };
}

inputs! {
    ToolCall => CallTool, Tool(ToolResult);
    ResourceRead => ReadResource, Resource(ResourceResult);
    PromptGet => GetPrompt, Prompt(PromptResult);
    ToolList => ListTools, Tools(Vec<Tool>);
    ResourceList => ListResources, Resources(Vec<Resource>);
    ResourceTemplateList => ListResourceTemplates, ResourceTemplates(Vec<ResourceTemplate>);
    PromptList => ListPrompts, Prompts(Vec<Prompt>);
    Complete => Complete, Completion(Completion);
}

macro_rules! any_inputs {
    ($($input:ident)*) => {
        $(impl<'a> Input<'a> for $input<'a> {
            type Output = AnyResponse;

            #[allow(private_interfaces)]
            fn into_operation(self) -> Operation<'a> {
                self.0
            }

            fn output(response: AnyResponse) -> Result<AnyResponse> {
                Ok(response)
            }
        })*
    };
}

any_inputs!(AnyRequest AnyMessage);
