//! Runs the examples of the attributes: they need the whole of Purlin, which
//! the crate they are documented in cannot depend on.

#[doc = include_str!("../../macros/src/docs/mcp_server.md")]
mod mcp_server {}

#[doc = include_str!("../../macros/src/docs/mcp_tool.md")]
mod mcp_tool {}

#[doc = include_str!("../../macros/src/docs/mcp_resource.md")]
mod mcp_resource {}

#[doc = include_str!("../../macros/src/docs/mcp_prompt.md")]
mod mcp_prompt {}

#[doc = include_str!("../../macros/src/docs/mcp_completion.md")]
mod mcp_completion {}

#[doc = include_str!("../../macros/src/docs/arg.md")]
mod arg {}

#[doc = include_str!("../../macros/src/docs/mount.md")]
mod mount {}

#[doc = include_str!("../../macros/src/docs/middleware.md")]
mod middleware {}

#[doc = include_str!("../../macros/src/docs/policy.md")]
mod policy {}

#[doc = include_str!("../../macros/src/docs/tool_arg.md")]
mod tool_arg {}

#[doc = include_str!("../../macros/src/docs/tool_output.md")]
mod tool_output {}

#[doc = include_str!("../../macros/src/docs/operations.md")]
mod operations {}

#[doc = include_str!("../../macros/src/docs/tool_error.md")]
mod tool_error {}

#[cfg(feature = "config")]
#[doc = include_str!("../../macros/src/docs/config.md")]
mod config {}

#[doc = include_str!("../../macros/src/docs/main.md")]
mod main {}

#[cfg(feature = "testing")]
#[doc = include_str!("../../macros/src/docs/test.md")]
mod test {}

#[doc = include_str!("../../../docs/reference.md")]
mod reference {}

#[cfg(feature = "testing")]
#[doc = include_str!("../../../docs/servers.md")]
mod servers {}

#[cfg(feature = "config")]
#[doc = include_str!("../../../docs/configuration.md")]
mod configuration {}

#[cfg(all(feature = "otel", feature = "prometheus", feature = "http"))]
#[doc = include_str!("../../../docs/observability.md")]
mod observability {}

#[cfg(feature = "http")]
#[doc = include_str!("../../../docs/resilience.md")]
mod resilience {}

#[cfg(feature = "middleware")]
#[doc = include_str!("../../../docs/limits.md")]
mod limits {}

#[cfg(feature = "client")]
#[doc = include_str!("../../../docs/client.md")]
mod client {}

#[cfg(feature = "middleware")]
#[doc = include_str!("../../../docs/middleware.md")]
mod shelf {}

#[cfg(feature = "oauth")]
#[doc = include_str!("../../../docs/oauth.md")]
mod oauth {}

#[cfg(feature = "authorization-server")]
#[doc = include_str!("../../../docs/auth.md")]
mod auth {}

#[cfg(feature = "authorization-server")]
#[doc = include_str!("../../../docs/authorization-server.md")]
mod authorization_server {}

#[cfg(feature = "guard")]
#[doc = include_str!("../../../docs/urls.md")]
mod urls {}

#[cfg(feature = "guard")]
#[doc = include_str!("../../../docs/files.md")]
mod files {}

#[cfg(feature = "guard")]
#[doc = include_str!("../../../docs/code.md")]
mod code {}

#[doc = include_str!("../../../docs/state.md")]
mod state {}
