//! What servers offer, seen through a client: each feature in both eras, every frame held against
//! the official schema of its revision.

// Tools take what the protocol gives them, by value where a user would.
#![allow(clippy::needless_pass_by_value)]

mod access;
mod arguments;
mod cancellation;
mod catalogue;
mod changes;
mod composition;
mod derives;
mod faults;
mod middleware;
mod operations;
mod options;
mod own_errors;
mod placement;
mod policies;
mod prompts;
mod protocol;
mod questions;
mod reporting;
mod resources;
mod schema;
mod speed;
mod structured;
mod tools;
mod types;

use purlin::testing::{self, TestClient, TestClientBuilder};
use purlin::{McpServer, Server};

/// Connects as [`testing::connect`] does, with every frame held against the official schema.
async fn connect(server: impl McpServer) -> TestClient {
    client(server).connect().await
}

/// Configures a client whose every frame is held against the official schema.
fn client(server: impl McpServer) -> TestClientBuilder<Server> {
    testing::client(server).check_frames(schema::check)
}
