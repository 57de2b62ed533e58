//! Everything needed to write an MCP server and serve it on stdio or in memory.
//!
//! The rooms, from the bottom up; each imports only from those before it,
//! except that a [`Context`] knows the [`Server`] it belongs to:
//!
//! - [`protocol`]: the messages of the protocol, whatever the revision;
//! - [`wire`]: envelopes, revisions, error codes, headers;
//! - `schema`, [`tool`], [`resource`], [`prompt`], [`completion`]: what
//!   components are given and what they answer;
//! - [`context`]: what a handler may ask of its request;
//! - `access`: who may use a component, and how often;
//! - `registry`: names, order, lookup, composition, change notifications;
//! - [`middleware`]: code around requests;
//! - `server`: dispatch, sessions, subscriptions, lifespan;
//! - [`transport`]: stdio and memory;
//! - [`measure`], [`health`]: what a server tells of itself when it is asked;
//! - [`store`]: values that outlive a request;
//! - [`trace`]: traces that come with requests and go on with what is sent.
//!
//! A request is a function: bytes in, decoded request, middleware, dispatch,
//! the user's function, result, bytes out. On that way there is no task, no
//! channel, no lock that anybody waits for and no JSON tree, unless the feature
//! in use needs one.

pub mod access;
pub mod completion;
pub mod context;
pub mod error;
mod extract;
mod future;
pub mod health;
pub mod measure;
pub mod middleware;
mod names;
#[doc(hidden)]
pub mod private;
mod probe;
pub mod prompt;
pub mod protocol;
mod registry;
pub mod resource;
mod schema;
mod server;
pub mod store;
mod suits;
pub mod tool;
pub mod trace;
pub mod transport;
pub mod wire;

#[doc(hidden)]
pub use private as __private;

pub use access::{InvalidRate, Rate};
pub use context::{
    Answer, Context, Extensions, Origin, Principal, SessionLimits, SessionValues, TransportKind,
    Within,
};
pub use error::{
    Described, Error, ErrorKind, IntoPromptError, IntoResourceError, IntoToolError, PromptError,
    PublicError, PublicResult, PublicText, ResourceError, Result, ToolError,
};
pub use extract::{Cancel, Extension, FromContext, Progress, Resource, State};
pub use future::BoxFuture;
pub use middleware::Middleware;
pub use prompt::PromptResult;
pub use registry::{
    CompletionHandler, PromptHandler, ResourceHandler, TagFilter, ToolHandler, Watching,
};
pub use resource::ResourceResult;
pub use schema::schema_mistakes;
pub use server::{
    Batch, DynamicPrompt, DynamicResource, DynamicTool, Exchange, Function, KEY_SIZE, KeyRing,
    Lifespan, McpServer, Opening, Server, Session, SessionEnd, WeakServer, WeakSession,
};
pub use tool::{Audio, Image, Json, Operations, ToolArg, ToolOutput, ToolResult};
