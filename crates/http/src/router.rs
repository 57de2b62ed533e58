//! The endpoint in an axum application.

use axum::Router;
use purlin_core::McpServer;

use crate::StreamableHttp;

/// A router with the endpoint of `server` at `/mcp`, and `/health` and
/// `/ready`, under the default settings.
///
/// Merge it into an application. For other settings mount the service itself:
/// `Router::new().route_service("/tools", service)`, where the path of its
/// [`HttpConfig`](crate::HttpConfig) must be the whole path.
///
/// ```
/// # fn mount(server: impl purlin_core::McpServer) -> axum::Router {
/// axum::Router::new().merge(purlin_http::router(server))
/// # }
/// ```
pub fn router(server: impl McpServer) -> Router {
    let endpoint = StreamableHttp::new(server);
    Router::new()
        .route_service("/mcp", endpoint.clone())
        .route_service("/health", endpoint.clone())
        .route_service("/ready", endpoint)
}
