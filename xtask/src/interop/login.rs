//! The official clients log in to `examples/protected`, as a clerk and as an admin.

use std::process::Command;
use std::time::Duration;

use crate::cmd;
use crate::failure::Result;
use crate::process::{self, Server};
use crate::tools::{Npm, Python};

use super::cells::Cells;

const PACKAGE: &str = "protected";
const PYTHON: &str = "tests/interop/python/login.py";
const TYPESCRIPT: &str = "login.mjs";

/// The clerk and the admin of the example.
const USERS: [&str; 2] = ["carol", "alice"];

pub(super) fn drive(npm: &Npm, python: &Python, cells: &mut Cells) -> Result<()> {
    for script in ["browser.mjs", TYPESCRIPT] {
        npm.place(script)?;
    }
    let (url, _server) = start()?;
    for user in USERS {
        let mut official = python.program("python");
        official.arg(cmd::root().join(PYTHON));
        for (name, mut client) in [("python", official), ("typescript", npm.node(TYPESCRIPT))] {
            cells.group(format!("{name} logs in as {user}"));
            client.args([user, &url]);
            cells.add_script(&cmd::capture(&mut client, Duration::from_secs(120))?);
        }
    }
    Ok(())
}

/// Serves the example on a free port; its URL.
pub(super) fn start() -> Result<(String, Server)> {
    cmd::run(&mut cmd::cargo(["build", "--package", PACKAGE]))?;
    let address = process::free_address()?;
    let mut command = Command::new(cmd::target().join("debug").join(PACKAGE));
    command.env("PORT", address.port().to_string());
    let server = Server::start(&mut command, address)?;
    Ok((format!("http://{address}/mcp"), server))
}
