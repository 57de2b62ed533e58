//! Our client at an identity provider that nobody here wrote.

use std::process::Command;
use std::time::Duration;

use crate::cmd;
use crate::failure::Result;
use crate::process::{self, Server};
use crate::tools::Npm;

use super::cells::Cells;

const PROVIDER: &str = "node_modules/oauth2-mock-server/dist/oauth2-mock-server.mjs";
const PACKAGE: &str = "interop-oauth";

pub(super) fn drive(cells: &mut Cells) -> Result<()> {
    cmd::run(&mut cmd::cargo(["build", "--package", PACKAGE]))?;
    cells.group("our client at oauth2-mock-server");
    let (issuer, _provider) = provider()?;
    let mut client = Command::new(cmd::target().join("debug").join(PACKAGE));
    client.arg(issuer);
    cells.add_script(&cmd::capture(&mut client, Duration::from_secs(60))?);
    Ok(())
}

/// Starts the provider; its issuer.
pub(super) fn provider() -> Result<(String, Server)> {
    let npm = Npm::install(PACKAGE, "tests/interop/oauth")?;
    let address = process::free_address()?;
    let port = address.port().to_string();
    let mut provider = npm.node(PROVIDER);
    provider.args(["-a", "127.0.0.1", "-p", &port]);
    let server = Server::start(&mut provider, address)?;
    // The name that this provider gives itself, which no option changes.
    Ok((format!("http://localhost:{port}"), server))
}
