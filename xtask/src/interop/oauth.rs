//! Our client at an identity provider that nobody here wrote.

use std::time::Duration;

use crate::cmd;
use crate::failure::Result;
use crate::process::{self, Server};
use crate::tools::Npm;

use super::cells::Cells;

const PROVIDER: &str = "node_modules/oauth2-mock-server/dist/oauth2-mock-server.mjs";
const PACKAGE: &str = "interop-oauth";

pub(super) fn drive(cells: &mut Cells) -> Result<()> {
    let npm = Npm::install(PACKAGE, "tests/interop/oauth")?;
    cmd::run(&mut cmd::cargo(["build", "--package", PACKAGE]))?;
    cells.group("our client at oauth2-mock-server");
    let address = process::free_address()?;
    let port = address.port().to_string();
    let mut provider = npm.node(PROVIDER);
    provider.args(["-a", "127.0.0.1", "-p", &port]);
    let _provider = Server::start(&mut provider, address)?;
    let mut client = std::process::Command::new(cmd::target().join("debug").join(PACKAGE));
    // The name that this provider gives itself, which no option changes.
    client.arg(format!("http://localhost:{port}"));
    cells.add_script(&cmd::capture(&mut client, Duration::from_secs(60))?);
    Ok(())
}
