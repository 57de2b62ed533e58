//! A server that its environment alone protects: `AUTH_MODE=login`, an identity provider that
//! nobody here wrote, and each place where state may be.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::cmd;
use crate::failure::{Failure, Result};
use crate::process::{self, Server};
use crate::system;

use super::cells::Cells;
use super::login;
use super::oauth;

/// The keys of both runs of a server.
const KEYS: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

/// How long a step may take, on a machine that has a lot else to do.
const LIMIT: Duration = Duration::from_secs(300);

pub(super) fn drive(cells: &mut Cells) -> Result<()> {
    login::build()?;
    let (issuer, _provider) = oauth::provider()?;
    let (redis, _redis) = redis()?;
    let directory = cmd::target().join("login").join("environment");
    login::start_over(&directory)?;
    let disk = format!("disk:{}", directory.join("state").display());
    for (name, store, phases) in [
        ("memory", "memory", &["first"][..]),
        ("disk", &disk, &["first", "restarted"]),
        ("redis", &redis, &["first", "restarted"]),
    ] {
        let kept = directory.join(name);
        let address = process::free_address()?;
        for phase in phases {
            cells.group(format!("AUTH_MODE=login with AUTH_STORE={name}, {phase}"));
            let server = Server::start(&mut served(&address.to_string(), &issuer, store), address)?;
            let mut client = login::program();
            client.args(["known", phase, &format!("http://{address}/mcp")]);
            cells.add_script(&cmd::capture(client.arg(&kept), LIMIT)?);
            if server.terminate(LIMIT)?.is_none() {
                return Err(Failure::new("the server did not end when it was told to"));
            }
        }
    }
    cells.group("AUTH_MODE=login with mistakes");
    for (name, variables, told) in [
        (
            "a store without keys is refused",
            [("MCP_KEYS", ""), ("AUTH_STORE", "disk:state")],
            "MCP_KEYS",
        ),
        (
            "no such store is named",
            [("MCP_KEYS", KEYS), ("AUTH_STORE", "disc")],
            "server.auth.store",
        ),
    ] {
        let mut server = served("127.0.0.1:0", &issuer, "memory");
        let ended = cmd::capture(server.envs(variables), LIMIT)?;
        let is_told = ended.code == Some(1) && ended.stderr.contains(told);
        cells.add(name, is_told.then_some(()).ok_or(ended.stderr));
    }
    Ok(())
}

/// The tools of the example, and an environment that says the rest.
fn served(address: &str, issuer: &str, store: &str) -> Command {
    let mut server = login::program();
    server.arg("environment").envs([
        ("MCP_TRANSPORT", "http"),
        ("MCP_ADDRESS", address),
        ("MCP_KEYS", KEYS),
        ("AUTH_PROVIDER", "oidc"),
        ("AUTH_MODE", "login"),
        ("AUTH_ISSUER", issuer),
        ("AUTH_RESOURCE", &format!("http://{address}/mcp")),
        ("AUTH_CLIENT_ID", "interop"),
        ("AUTH_CLIENT_SECRET", "secret"),
        ("AUTH_REQUIRED_SCOPES", "orders:read"),
        ("AUTH_STORE", store),
    ]);
    server
}

/// A Redis that forgets with its process; its URL.
fn redis() -> Result<(String, Server)> {
    let program = system::need("redis-server", "redis-server")?;
    let address = process::free_address()?;
    let mut redis = Command::new(program);
    redis.args(["--port", &address.port().to_string(), "--bind", "127.0.0.1"]);
    redis
        .args(["--save", "", "--appendonly", "no"])
        .current_dir(Path::new("/"));
    let server = Server::start(&mut redis, address)?;
    Ok((format!("redis://{address}"), server))
}
