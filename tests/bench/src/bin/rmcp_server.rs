//! The same tools on the official Rust SDK.

use std::sync::Arc;

use axum::serve::ListenerExt;
use bench::{Arguments, EXTRA_DESCRIPTION, Rows, extra_name, extra_schema, search};
use clap::Parser;
use rmcp::handler::server::router::tool::{ToolRoute, ToolRouter};
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{CallToolResult, ContentBlock, ServerCapabilities, ServerConfig, Tool};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{Json, ServerHandler, ServiceExt, tool, tool_handler, tool_router};
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::net::TcpListener;

#[derive(Deserialize, JsonSchema)]
struct Add {
    a: i64,
    b: i64,
}

#[derive(Deserialize, JsonSchema)]
struct Search {
    query: String,
}

#[derive(Deserialize, JsonSchema)]
struct Echo {
    text: String,
}

#[derive(Clone)]
struct Server {
    tool_router: Arc<ToolRouter<Self>>,
}

#[tool_router]
impl Server {
    fn new(extra: usize) -> Self {
        let mut tool_router = Self::tool_router();
        for number in 0..extra {
            let schema = extra_schema().as_object().cloned().unwrap_or_default();
            let tool = Tool::new(extra_name(number), EXTRA_DESCRIPTION, schema);
            tool_router.add_route(ToolRoute::new_dyn(tool, |_| {
                Box::pin(async {
                    Ok(CallToolResult::success(vec![ContentBlock::text("done")]).into())
                })
            }));
        }
        Self {
            tool_router: Arc::new(tool_router),
        }
    }

    #[tool(description = "Adds two numbers.")]
    async fn add(&self, Parameters(Add { a, b }): Parameters<Add>) -> String {
        (a + b).to_string()
    }

    #[tool(description = "Finds rows.")]
    async fn search(&self, Parameters(Search { query }): Parameters<Search>) -> Json<Rows> {
        Json(search(&query))
    }

    #[tool(description = "Says it again.")]
    async fn echo(&self, Parameters(Echo { text }): Parameters<Echo>) -> String {
        text
    }
}

#[tool_handler(router = self.tool_router)]
impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let server = Server::new(arguments.tools);
    let Some(address) = arguments.http else {
        let running = server.serve(rmcp::transport::stdio()).await?;
        running.waiting().await?;
        return Ok(());
    };
    // Plain JSON answers, its faster mode, which has no sessions.
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true);
    let service = StreamableHttpService::new(
        move || Ok(server.clone()),
        Arc::new(LocalSessionManager::default()),
        config,
    );
    let listener = TcpListener::bind(address).await?.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, axum::Router::new().nest_service("/mcp", service)).await?;
    Ok(())
}
