//! The authorization server the official conformance suite is run against.
//!
//! `conformance-authorization --port 9000` has the issuer <http://127.0.0.1:9000>, and protects a
//! server at `/mcp` there. The suite registers as any client does, and logs in as alice.

use std::net::SocketAddr;

use purlin::auth::authorization_server::{AuthorizationServer, DevelopmentLogin, DevelopmentUser};
use purlin::http::{HttpConfig, HttpServer};
use purlin::{ErrorKind, prelude::*};

#[purlin::main]
async fn main() -> Result<()> {
    let address = SocketAddr::from(([127, 0, 0, 1], port()?));
    let users = DevelopmentLogin::new().user(DevelopmentUser::new("alice", "wonderland"));
    let authorization = AuthorizationServer::builder(format!("http://{address}"), users)
        .build()
        .map_err(mistake)?;
    HttpServer::builder(Server::builder("protected", "1.0.0"))
        .config(HttpConfig::new().authenticator(authorization.protection()))
        .bind(address)
        .serve()
        .await
        .map_err(mistake)
}

fn mistake(error: impl std::error::Error) -> Error {
    Error::new(ErrorKind::Configuration, error.to_string())
}

/// The port after `--port`.
fn port() -> Result<u16> {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--port");
    arguments
        .nth(1)
        .and_then(|port| port.parse().ok())
        .ok_or_else(|| Error::new(ErrorKind::Configuration, "say which port: --port 9000"))
}
