//! Three clients log in to `examples/protected`: ours, the official Python one, the official
//! TypeScript one. Then client and server start again, and once more an hour later.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::cmd;
use crate::failure::{Context, Failure, Result};
use crate::process::{self, Server};
use crate::tools::{Npm, Python};

use super::cells::Cells;

/// The example itself, and the example with state that lasts together with our client.
const PACKAGES: [&str; 2] = ["protected", "interop-login"];
const PYTHON: &str = "tests/interop/python/login.py";
const TYPESCRIPT: &str = "login.mjs";

/// What is done, and how many seconds the clock of the server is ahead: an access token lasts an
/// hour.
const PHASES: [(&str, &str); 3] = [("first", "0"), ("restarted", "0"), ("later", "3700")];

/// How long a client may take for a phase: some seconds, on a machine with nothing else to do.
const LIMIT: Duration = Duration::from_secs(600);

pub(super) fn drive(npm: &Npm, python: &Python, cells: &mut Cells) -> Result<()> {
    build()?;
    for script in ["browser.mjs", TYPESCRIPT] {
        npm.place(script)?;
    }
    mistakes(cells)?;
    // A server each: registrations from one address have a limit.
    for client in ["own", "python", "typescript"] {
        let directory = cmd::target().join("login").join(client);
        start_over(&directory)?;
        let address = process::free_address()?;
        for (phase, ahead) in PHASES {
            let (at, state) = (address.to_string(), directory.join("state"));
            let mut server = program();
            server.args(["serve", &at]).arg(state).arg(ahead);
            let server = Server::start(&mut server, address)?;
            let mut driver = driver(client, npm, python);
            driver.args([phase, &format!("http://{address}/mcp")]);
            driver.arg(directory.join("kept"));
            cells.add_script(&cmd::capture(&mut driver, LIMIT)?);
            if server.terminate(LIMIT)?.is_none() {
                return Err(Failure::new("the server did not end when it was told to"));
            }
        }
    }
    Ok(())
}

/// What the example says to somebody who starts it wrongly.
fn mistakes(cells: &mut Cells) -> Result<()> {
    cells.group("examples/protected, started wrongly");
    let taken = TcpListener::bind(("127.0.0.1", 0)).context("cannot find a free port")?;
    let taken = taken.local_addr().map(|it| (it.port().to_string(), taken));
    let (port, _taken) = taken.context("cannot find a free port")?;
    for (name, arguments, told) in [
        (
            "a port that is in use is named",
            ["--port", &port],
            "is in use: end",
        ),
        (
            "an address for others is refused",
            ["--http", "0.0.0.0:1"],
            "use `https`",
        ),
        (
            "a port that is none is named",
            ["--port", "many"],
            "server.port",
        ),
        ("any free port is refused", ["--port", "0"], "name a port"),
    ] {
        let mut example = Command::new(cmd::target().join("debug").join("protected"));
        let ended = cmd::capture(example.args(arguments), LIMIT)?;
        let is_told = ended.code == Some(78) && ended.stderr.contains(told);
        cells.add(name, is_told.then_some(()).ok_or(ended.stderr));
    }
    Ok(())
}

/// What makes a client log in.
fn driver(client: &str, npm: &Npm, python: &Python) -> Command {
    match client {
        "own" => {
            let mut driver = program();
            driver.arg("client");
            driver
        }
        "python" => {
            let mut driver = python.program("python");
            driver.arg(cmd::root().join(PYTHON));
            driver
        }
        _ => npm.node(TYPESCRIPT),
    }
}

/// Serves the example, as it is, on a free port; its URL.
pub(super) fn start() -> Result<(String, Server)> {
    build()?;
    let address = process::free_address()?;
    let mut example = Command::new(cmd::target().join("debug").join("protected"));
    example.args(["--port", &address.port().to_string()]);
    let server = Server::start(&mut example, address)?;
    Ok((format!("http://{address}/mcp"), server))
}

/// Serves the example in other colours; its URL.
pub(super) fn start_themed() -> Result<(String, Server)> {
    build()?;
    let address = process::free_address()?;
    let server = Server::start(program().args(["themed", &address.to_string()]), address)?;
    Ok((format!("http://{address}/mcp"), server))
}

/// In one go, so that nothing is built twice with other features.
pub(super) fn build() -> Result<()> {
    let packages = PACKAGES.iter().flat_map(|name| ["--package", name]);
    cmd::run(&mut cmd::cargo(["build"].into_iter().chain(packages)))
}

pub(super) fn program() -> Command {
    Command::new(cmd::target().join("debug").join("interop-login"))
}

pub(super) fn start_over(directory: &Path) -> Result<()> {
    if directory.exists() {
        fs::remove_dir_all(directory)
            .context(format_args!("cannot remove {}", directory.display()))?;
    }
    fs::create_dir_all(directory).context(format_args!("cannot create {}", directory.display()))
}
