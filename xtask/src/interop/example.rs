//! The two example servers and the ways to reach them.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cmd;
use crate::failure::{Context, Result};
use crate::process::{self, Server};

/// An example server, built.
#[derive(Debug)]
pub(super) struct Example {
    pub(super) name: &'static str,
    program: PathBuf,
    /// The arguments that make it serve on stdio.
    stdio: &'static [&'static str],
}

/// Where a client finds a server.
#[derive(Debug)]
pub(super) enum Target {
    /// A command line to start.
    Stdio(Vec<String>),
    /// The URL of a running server.
    Http(String),
}

/// An example served over HTTP until dropped.
#[derive(Debug)]
pub(super) struct Served {
    address: SocketAddr,
    server: Server,
}

impl Example {
    /// `examples/quickstart`, or `program` in its place.
    pub(super) fn quickstart(program: Option<&Path>) -> Result<Self> {
        let program = find("quickstart", program)?;
        Ok(Self {
            name: "quickstart",
            program,
            stdio: &[],
        })
    }

    /// `examples/platform`, or `program` in its place.
    pub(super) fn platform(program: Option<&Path>) -> Result<Self> {
        let program = find("platform", program)?;
        Ok(Self {
            name: "platform",
            program,
            stdio: &["--stdio"],
        })
    }

    /// The command that serves on stdio.
    pub(super) fn stdio_command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(self.stdio);
        command
    }

    /// The command line that serves on stdio, for a client to start.
    pub(super) fn stdio(&self) -> Target {
        let program = self.program.to_string_lossy().into_owned();
        let arguments = self.stdio.iter().map(ToString::to_string);
        Target::Stdio(std::iter::once(program).chain(arguments).collect())
    }

    /// Starts it on a free port.
    pub(super) fn serve(&self) -> Result<Served> {
        let address = process::free_address()?;
        let mut command = Command::new(&self.program);
        command.args(["--http", &address.to_string()]);
        cmd::step(&cmd::words(&command));
        Ok(Served {
            address,
            server: Server::start(&mut command, address)?,
        })
    }
}

impl Served {
    pub(super) fn target(&self) -> Target {
        Target::Http(format!("http://{}/mcp", self.address))
    }

    /// The process, for what outlives its being served.
    pub(super) fn into_server(self) -> Server {
        self.server
    }
}

impl Target {
    /// The transport, as users say it.
    pub(super) fn transport(&self) -> &'static str {
        match self {
            Self::Stdio(_) => "stdio",
            Self::Http(_) => "http",
        }
    }

    /// The transport and its arguments, as the scripts take them.
    pub(super) fn arguments(&self) -> Vec<&str> {
        let rest: Vec<&str> = match self {
            Self::Stdio(words) => words.iter().map(String::as_str).collect(),
            Self::Http(url) => vec![url],
        };
        [vec![self.transport()], rest].concat()
    }
}

fn find(package: &str, program: Option<&Path>) -> Result<PathBuf> {
    if let Some(program) = program {
        // Clients start it from directories of their own.
        return program
            .canonicalize()
            .context(format_args!("cannot find {}", program.display()));
    }
    cmd::run(&mut cmd::cargo(["build", "--package", package]))?;
    Ok(cmd::target().join("debug").join(package))
}
