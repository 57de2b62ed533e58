//! `cargo xtask interop`: the example servers driven by the official clients and by a browser,
//! and our client at servers of others.
//!
//! Every client is one that users already run, at a pinned version. None of
//! them minds a stray line on a server's stdout, so [`raw`] reads each line
//! itself and watches how the processes end.

mod cells;
mod environment;
mod example;
mod fastmcp;
mod inspector;
mod login;
mod oauth;
mod own;
mod pages;
mod python;
mod raw;
mod typescript;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::failure::Result;
use crate::tally::Tally;
use crate::tools::{Npm, Python};

use self::cells::Cells;
use self::example::Example;

#[derive(Debug, Default, Args)]
pub(crate) struct Options {
    /// Only this client; may be repeated.
    #[arg(long, value_enum)]
    only: Vec<Client>,
    /// A program to use instead of `examples/quickstart`.
    #[arg(long)]
    quickstart: Option<PathBuf>,
    /// A program to use instead of `examples/platform`.
    #[arg(long)]
    platform: Option<PathBuf>,
}

/// Who drives the servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Client {
    /// Raw lines and signals.
    Raw,
    /// The command line of the MCP Inspector.
    Inspector,
    /// The official Python client.
    Python,
    /// The command line of FastMCP.
    Fastmcp,
    /// The official TypeScript client.
    Typescript,
    /// Our client and the official ones, logging in.
    Login,
    /// A real browser, at the pages of a login.
    Pages,
    /// Our own client, at an identity provider.
    Oauth,
    /// Our own client, at servers of others.
    Own,
}

impl Client {
    /// Whether it drives the two examples that everybody may use.
    fn drives_examples(self) -> bool {
        !matches!(self, Self::Login | Self::Pages | Self::Oauth | Self::Own)
    }

    /// Whether it needs the packages that the official clients come in.
    fn needs_packages(self) -> bool {
        !matches!(self, Self::Pages | Self::Oauth)
    }
}

/// The command itself.
pub(crate) fn run(options: &Options) -> Result<()> {
    let tally = all(options)?;
    println!("\n{tally}");
    tally.verdict("interop")
}

/// Runs every client and counts the cells.
pub(crate) fn all(options: &Options) -> Result<Tally> {
    let wanted = |client| options.only.is_empty() || options.only.contains(&client);
    let mut cells = Cells::default();
    if wanted(Client::Oauth) {
        oauth::drive(&mut cells)?;
    }
    if wanted(Client::Pages) {
        pages::drive(&mut cells)?;
    }
    let anybody = |what: fn(Client) -> bool| {
        options.only.is_empty() || options.only.iter().any(|client| what(*client))
    };
    if !anybody(Client::needs_packages) {
        return Ok(cells.tally());
    }
    let npm = Npm::install("interop-ts", "tests/interop/ts")?;
    let python = Python::install("interop-python", "tests/interop/python/requirements.txt")?;
    if wanted(Client::Own) {
        own::drive(&npm, &python, &mut cells)?;
    }
    if wanted(Client::Login) {
        login::drive(&npm, &python, &mut cells)?;
        environment::drive(&mut cells)?;
    }
    if !anybody(Client::drives_examples) {
        return Ok(cells.tally());
    }
    let quickstart = Example::quickstart(options.quickstart.as_deref())?;
    let platform = Example::platform(options.platform.as_deref())?;
    for example in [&quickstart, &platform] {
        if wanted(Client::Raw) {
            raw::drive(example, &mut cells)?;
        }
        let server = example.serve()?;
        for target in [example.stdio(), server.target()] {
            if wanted(Client::Inspector) {
                inspector::drive(&npm, example, &target, &mut cells)?;
            }
            if wanted(Client::Python) {
                python::drive(&python, example, &target, &mut cells)?;
            }
            if wanted(Client::Fastmcp) {
                fastmcp::drive(&python, example, &target, &mut cells)?;
            }
            if wanted(Client::Typescript) {
                typescript::drive(&npm, example, &target, &mut cells)?;
            }
        }
    }
    Ok(cells.tally())
}
