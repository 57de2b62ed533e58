//! The attributes of Purlin.
//!
//! An attribute reads what stands under it (`parse`), finds every mistake in it
//! (`check`), and writes calls into the runtime (`expand`). It never changes
//! the user's function. Use it through the `purlin` crate, which re-exports
//! everything here and whose documentation has the examples running.

use proc_macro::TokenStream;

mod check;
mod errors;
mod expand;
mod parse;
mod pipeline;
#[cfg(test)]
mod tests;

use check::data::Role;
use parse::item::Marker;

/// Makes a type, or a module of plain functions, an MCP server.
///
#[doc = include_str!("docs/mcp_server.md")]
#[proc_macro_attribute]
pub fn mcp_server(arguments: TokenStream, item: TokenStream) -> TokenStream {
    pipeline::mcp_server(arguments.into(), &item.into()).into()
}

/// Makes a function a tool.
///
#[doc = include_str!("docs/mcp_tool.md")]
#[proc_macro_attribute]
pub fn mcp_tool(arguments: TokenStream, item: TokenStream) -> TokenStream {
    pipeline::marker(Marker::Tool, arguments.into(), &item.into()).into()
}

/// Makes a function a resource, or a template of resources.
///
#[doc = include_str!("docs/mcp_resource.md")]
#[proc_macro_attribute]
pub fn mcp_resource(arguments: TokenStream, item: TokenStream) -> TokenStream {
    pipeline::marker(Marker::Resource, arguments.into(), &item.into()).into()
}

/// Makes a function a prompt.
///
#[doc = include_str!("docs/mcp_prompt.md")]
#[proc_macro_attribute]
pub fn mcp_prompt(arguments: TokenStream, item: TokenStream) -> TokenStream {
    pipeline::marker(Marker::Prompt, arguments.into(), &item.into()).into()
}

/// Makes a function complete an argument of a prompt, or a variable of a resource template.
///
#[doc = include_str!("docs/mcp_completion.md")]
#[proc_macro_attribute]
pub fn mcp_completion(arguments: TokenStream, item: TokenStream) -> TokenStream {
    pipeline::marker(Marker::Completion, arguments.into(), &item.into()).into()
}

/// Says what an argument may be.
///
#[doc = include_str!("docs/arg.md")]
///
/// The attributes around it read it and take it off; their expansions name it
/// by what was written, for editors to find this page.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn arg(_: TokenStream, item: TokenStream) -> TokenStream {
    item
}

/// Makes a field, which is a server, a part of the server around it.
///
#[doc = include_str!("docs/mount.md")]
///
/// It is read and named as [`arg`] is.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn mount(_: TokenStream, item: TokenStream) -> TokenStream {
    item
}

/// Makes a function, or the methods of a type, a middleware.
///
#[doc = include_str!("docs/middleware.md")]
#[proc_macro_attribute]
pub fn middleware(arguments: TokenStream, item: TokenStream) -> TokenStream {
    pipeline::middleware(arguments.into(), &item.into()).into()
}

/// Makes a function a policy: it decides who may use what.
///
#[doc = include_str!("docs/policy.md")]
#[proc_macro_attribute]
pub fn policy(arguments: TokenStream, item: TokenStream) -> TokenStream {
    pipeline::policy(arguments.into(), &item.into()).into()
}

/// Makes a struct or an enum an argument of tools and prompts.
///
#[doc = include_str!("docs/tool_arg.md")]
#[proc_macro_derive(ToolArg, attributes(arg, serde, schemars))]
pub fn tool_arg(item: TokenStream) -> TokenStream {
    pipeline::data(Role::Argument, item.into()).into()
}

/// Makes a struct or an enum the structured result of tools.
///
#[doc = include_str!("docs/tool_output.md")]
#[proc_macro_derive(ToolOutput, attributes(arg, serde, schemars))]
pub fn tool_output(item: TokenStream) -> TokenStream {
    pipeline::data(Role::Output, item.into()).into()
}

/// The item, and its own arguments beside it. What the other attributes write
/// is one item that way.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn beside(more: TokenStream, item: TokenStream) -> TokenStream {
    item.into_iter().chain(more).collect()
}

/// Makes an enum of operations the parameter of one tool.
///
#[doc = include_str!("docs/operations.md")]
#[proc_macro_derive(Operations, attributes(arg))]
pub fn operations(item: TokenStream) -> TokenStream {
    pipeline::operations(item.into()).into()
}

/// Says what a model may read of an error.
///
#[doc = include_str!("docs/tool_error.md")]
#[proc_macro_derive(ToolError, attributes(tool_error))]
pub fn tool_error(item: TokenStream) -> TokenStream {
    pipeline::error(item.into()).into()
}

/// Makes a struct the settings of a program, or an enum one of several words.
///
#[doc = include_str!("docs/config.md")]
#[proc_macro_derive(Config, attributes(config))]
pub fn config(item: TokenStream) -> TokenStream {
    pipeline::config(item.into()).into()
}

/// Runs an `async fn main` on Purlin's runtime.
///
#[doc = include_str!("docs/main.md")]
#[proc_macro_attribute]
pub fn main(arguments: TokenStream, item: TokenStream) -> TokenStream {
    pipeline::main(arguments.into(), &item.into()).into()
}

/// Runs an `async fn` as a test on Purlin's runtime.
///
#[doc = include_str!("docs/test.md")]
#[proc_macro_attribute]
pub fn test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    pipeline::test(arguments.into(), &item.into()).into()
}
