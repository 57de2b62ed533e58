//! Our own client, at servers that nobody here wrote.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use crate::cmd;
use crate::failure::Result;
use crate::process::{self, Server};
use crate::tools::{Npm, Python};

use super::cells::Cells;
use super::example::Target;

const PACKAGE: &str = "interop-client";
const FASTMCP: &str = "tests/interop/python/server.py";
const TYPESCRIPT: &str = "server.mjs";
const EVERYTHING: &str = "node_modules/@modelcontextprotocol/server-everything/dist/index.js";
const FILESYSTEM: &str = "node_modules/@modelcontextprotocol/server-filesystem/dist/index.js";

/// What a client asks for by default, and the two things that it can be held to.
const ERAS: &[&str] = &["auto", "stateless", "session"];

/// The revisions that servers of the session era are held to one by one.
const REVISIONS: &[&str] = &["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

/// A server and one way to reach it.
struct Case {
    /// Its name, and how it is reached.
    name: &'static str,
    /// What the client expects of it.
    expected: &'static str,
    command: Command,
    /// Where it listens; on its standard streams without.
    listens: Option<(SocketAddr, &'static str)>,
    /// The revisions it is held to besides.
    revisions: &'static [&'static str],
}

pub(super) fn drive(npm: &Npm, python: &Python, cells: &mut Cells) -> Result<()> {
    cmd::run(&mut cmd::cargo(["build", "--package", PACKAGE]))?;
    npm.place(TYPESCRIPT)?;
    for case in cases(npm, python)? {
        case.drive(cells)?;
    }
    Ok(())
}

fn cases(npm: &Npm, python: &Python) -> Result<[Case; 8]> {
    let fastmcp = || {
        let mut command = python.program("python");
        command.arg(cmd::root().join(FASTMCP));
        command
    };
    Ok([
        Case::stdio("fastmcp over stdio", "yard", fastmcp(), "stdio"),
        Case::http("fastmcp over http", "yard", fastmcp(), "http", "/mcp")?,
        Case::stdio(
            "typescript over stdio",
            "yard",
            npm.node(TYPESCRIPT),
            "stdio",
        ),
        Case::http(
            "typescript over http",
            "yard",
            npm.node(TYPESCRIPT),
            "http",
            "/mcp",
        )?,
        Case::stdio(
            "everything over stdio",
            "everything",
            npm.node(EVERYTHING),
            "stdio",
        ),
        Case::http(
            "everything over http",
            "everything",
            npm.node(EVERYTHING),
            "streamableHttp",
            "/mcp",
        )?,
        Case::http(
            "everything over sse",
            "everything",
            npm.node(EVERYTHING),
            "sse",
            "/sse",
        )?,
        Case::stdio(
            "filesystem over stdio",
            "filesystem",
            npm.node(FILESYSTEM),
            ".",
        ),
    ])
}

fn revisions(expected: &str) -> &'static [&'static str] {
    match expected {
        "everything" => REVISIONS,
        _ => &[],
    }
}

impl Case {
    fn stdio(
        name: &'static str,
        expected: &'static str,
        mut command: Command,
        argument: &str,
    ) -> Self {
        command.arg(argument);
        Self {
            name,
            expected,
            command,
            listens: None,
            revisions: revisions(expected),
        }
    }

    fn http(
        name: &'static str,
        expected: &'static str,
        mut command: Command,
        mode: &str,
        path: &'static str,
    ) -> Result<Self> {
        let address = process::free_address()?;
        let port = address.port().to_string();
        // Ours take the port as an argument, the others from the environment.
        command.args([mode, &port]).env("PORT", &port);
        Ok(Self {
            name,
            expected,
            command,
            listens: Some((address, path)),
            revisions: revisions(expected),
        })
    }

    /// Uses the server in every era.
    fn drive(mut self, cells: &mut Cells) -> Result<()> {
        let (_server, target) = self.start()?;
        for era in ERAS.iter().chain(self.revisions) {
            cells.group(format!("our client {era}, {}", self.name));
            let mut client = Command::new(cmd::target().join("debug").join(PACKAGE));
            client
                .args([self.expected, *era])
                .args(target.arguments())
                // What the file system server shows.
                .current_dir(cmd::root().join("tests/interop"));
            cells.add_script(&cmd::capture(&mut client, Duration::from_secs(120))?);
        }
        Ok(())
    }

    fn start(&mut self) -> Result<(Option<Server>, Target)> {
        let Some((address, path)) = self.listens else {
            let words = std::iter::once(self.command.get_program()).chain(self.command.get_args());
            let words = words.map(|word| word.to_string_lossy().into_owned());
            return Ok((None, Target::Stdio(words.collect())));
        };
        let server = Server::start(&mut self.command, address)?;
        Ok((
            Some(server),
            Target::Http(format!("http://{address}{path}")),
        ))
    }
}
