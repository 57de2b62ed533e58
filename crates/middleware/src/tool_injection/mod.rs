//! Tools beside those a server has.

mod hooks;
#[cfg(test)]
mod tests;

use purlin_core::DynamicTool;

/// Adds tools to what clients see and call, whatever servers are behind it: to
/// one mount, to a proxied server, to a server of another team.
///
/// An injected tool wins its name: the one of the same name behind it is neither
/// listed nor called. Who may use it, how often and for how long is as it was
/// made ([`DynamicTool::scopes`] and the like). Its result is written as its own
/// content; where it takes the name of a tool with an output schema, give it the
/// same schema. A server without any tools of its own needs
/// [`declare_all`](purlin_core::Server::declare_all) to have a list at all.
///
/// ```
/// use purlin_core::{DynamicTool, Server, ToolResult, protocol::Tool};
/// use purlin_middleware::ToolInjection;
/// use serde_json::json;
///
/// let schema = json!({ "type": "object" });
/// let help = DynamicTool::new(Tool::new("help", schema.into()), |_cx, _arguments| async {
///     Ok(ToolResult::text("Ask for an order by its number."))
/// });
/// let server = Server::builder("orders", "1.0.0")
///     .declare_all()
///     .middleware(ToolInjection::new([help]));
/// ```
#[derive(Debug)]
pub struct ToolInjection {
    tools: Vec<DynamicTool>,
}

impl ToolInjection {
    /// Adds these tools. Of two with one name the later wins.
    pub fn new(tools: impl IntoIterator<Item = DynamicTool>) -> Self {
        let mut injection = Self { tools: Vec::new() };
        for tool in tools {
            injection.add(tool);
        }
        injection
    }

    fn add(&mut self, tool: DynamicTool) {
        let name = &tool.tool().name;
        self.tools.retain(|known| known.tool().name != *name);
        self.tools.push(tool);
    }

    fn find(&self, name: &str) -> Option<&DynamicTool> {
        self.tools.iter().find(|tool| tool.tool().name == name)
    }
}
