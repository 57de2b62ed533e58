//! The protocol-neutral model of MCP: what messages say, in whichever revision they were said.
//!
//! Every struct is the superset of its forms in all published revisions (2024-11-05 to
//! 2026-07-28). Readers are lenient: unknown members are ignored, missing optional members are
//! fine, integers may arrive as `1.0`. Writers omit what is absent. Absent and `null` stay
//! distinct where the schema gives `null` a meaning.
//!
//! This room refuses to know about revisions, envelopes, `resultType` or transports: which members
//! may be said to which peer is decided by the wire codecs, never here. It imports nothing of the
//! rest of the crate.
//!
//! Start with [`Tool`], [`Content`] and [`Meta`]; every method name is in [`method`].

mod annotations;
mod cache;
mod capability;
mod completion;
mod content;
mod elicitation;
mod error;
mod implementation;
mod input;
mod lenient;
mod lifecycle;
mod media;
mod message;
mod meta;
pub mod method;
mod notification;
mod page;
mod prompt;
mod raw;
mod resource;
mod root;
mod sampling;
mod tool;

pub use annotations::{Annotations, Role};
pub use cache::CacheScope;
pub use capability::{
    ClientCapabilities, ElicitationCapability, PromptsCapability, ResourcesCapability,
    RootsCapability, SamplingCapability, ServerCapabilities, ToolsCapability,
};
pub use completion::{
    CompleteParams, CompleteResult, Completion, CompletionArgument, CompletionContext, Reference,
};
pub use content::{Content, EmbeddedResource, TextContent, ToolResultContent, ToolUseContent};
pub use elicitation::{ElicitAction, ElicitForm, ElicitRequest, ElicitResult, ElicitUrl};
pub use error::{ErrorCode, ErrorObject};
pub use implementation::{Icon, IconTheme, Implementation};
pub use input::{
    InputRequest, InputRequiredResult, InputResponse, InputResponses, ListRootsParams,
};
pub use lifecycle::{DiscoverResult, InitializeParams, InitializeResult};
pub use media::{InvalidBase64, MediaContent};
pub use message::{ProgressToken, RequestId, decode_params};
pub use meta::Meta;
pub use notification::{
    CancelledParams, ElicitationCompleteParams, ListChangedParams, LogLevel, LogMessageParams,
    ProgressParams, ResourceUpdatedParams, SubscriptionFilter, SubscriptionsAcknowledgedParams,
    UnknownLogLevel,
};
pub use prompt::{GetPromptResult, ListPromptsResult, Prompt, PromptArgument, PromptMessage};
pub use raw::{RawJson, Schema};
pub use resource::{
    ListResourceTemplatesResult, ListResourcesResult, ReadResourceResult, Resource, ResourceBody,
    ResourceContents, ResourceTemplate,
};
pub use root::{ListRootsResult, Root};
pub use sampling::{
    CreateMessageParams, CreateMessageResult, IncludeContext, ModelHint, ModelPreferences,
    SamplingMessage, StopReason, ToolChoice, ToolChoiceMode,
};
pub use tool::{
    CallToolResult, ListToolsResult, TaskSupport, Tool, ToolAnnotations, ToolExecution,
};
