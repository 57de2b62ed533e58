//! What the command line and the environment say about the transport.

use std::{env, net::SocketAddr};

use purlin_core::{Error, ErrorKind, Result};

use super::Transport;

/// The address when HTTP is asked for without one.
const DEFAULT_ADDRESS: &str = "127.0.0.1:8000";

/// What was asked for, before the program's own default.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    kind: Option<Kind>,
    address: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Stdio,
    Http,
}

impl Choice {
    /// Reads the command line and the environment of this process.
    ///
    /// # Errors
    /// When the command line is not understood.
    pub(crate) fn from_process() -> Result<Self> {
        let arguments = env::args_os()
            .skip(1)
            .map(|argument| argument.to_string_lossy().into_owned());
        Self::read(arguments, |name| env::var(name).ok())
    }

    fn read(
        arguments: impl Iterator<Item = String>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self> {
        let mut this = Self::default();
        let mut arguments = arguments.peekable();
        while let Some(argument) = arguments.next() {
            let (name, value) = match argument.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (argument, None),
            };
            match name.as_str() {
                "--stdio" => this.kind = Some(Kind::Stdio),
                "--http" => {
                    this.kind = Some(Kind::Http);
                    this.address = value
                        .or_else(|| arguments.next_if(|next| !next.starts_with('-')))
                        .or(this.address);
                }
                // Everything else is the program's own.
                _ => {}
            }
        }
        if this.kind.is_none() {
            this.kind = match variable("MCP_TRANSPORT").as_deref() {
                None | Some("") => None,
                Some("stdio") => Some(Kind::Stdio),
                Some("http" | "streamable-http") => Some(Kind::Http),
                Some(other) => {
                    return Err(bad(format!(
                        "`MCP_TRANSPORT` is `{other}`: it must be `stdio` or `http`"
                    )));
                }
            };
        }
        this.address = this
            .address
            .or_else(|| variable("MCP_ADDRESS").filter(|address| !address.is_empty()));
        Ok(this)
    }

    pub(crate) fn is_http(&self) -> bool {
        self.kind == Some(Kind::Http)
    }

    /// The transport, falling back on the program's own.
    ///
    /// # Errors
    /// When the address cannot be read.
    pub(crate) fn transport(self, default: Transport) -> Result<Transport> {
        let own = match default {
            Transport::Http(address) => Some(address),
            Transport::Stdio => None,
        };
        match (self.kind, own) {
            (Some(Kind::Stdio), _) | (None, None) => Ok(Transport::Stdio),
            (Some(Kind::Http), None) => parse(self.address.as_deref().unwrap_or(DEFAULT_ADDRESS)),
            (_, Some(own)) => self
                .address
                .as_deref()
                .map_or(Ok(Transport::Http(own)), parse),
        }
    }
}

/// An address, or a port alone on 127.0.0.1.
fn parse(text: &str) -> Result<Transport> {
    if let Ok(port) = text.trim_start_matches(':').parse() {
        return Ok(Transport::local_http(port));
    }
    let text = text.replace("localhost", "127.0.0.1");
    match text.parse::<SocketAddr>() {
        Ok(address) => Ok(Transport::Http(address)),
        Err(_) => Err(bad(format!(
            "`{text}` is not an address: write it like `{DEFAULT_ADDRESS}`"
        ))),
    }
}

fn bad(problem: String) -> Error {
    Error::new(ErrorKind::Configuration, problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        arguments: &[&str],
        variables: &[(&str, &str)],
        default: Transport,
        expected: Transport,
    ) {
        let arguments = arguments.iter().map(ToString::to_string);
        let variable = |name: &str| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        let choice = Choice::read(arguments, variable).unwrap();
        assert_eq!(choice.transport(default).unwrap(), expected);
    }

    #[test]
    fn the_command_line_wins_over_the_environment_over_the_program() {
        let http = Transport::local_http;
        check(&[], &[], Transport::Stdio, Transport::Stdio);
        check(&[], &[], http(8000), http(8000));
        check(&["--stdio"], &[], http(8000), Transport::Stdio);
        check(&["--http"], &[], Transport::Stdio, http(8000));
        check(
            &["--http", "127.0.0.1:9000"],
            &[],
            Transport::Stdio,
            http(9000),
        );
        check(
            &["--http=9001"],
            &[("MCP_TRANSPORT", "stdio")],
            Transport::Stdio,
            http(9001),
        );
        check(&["--http", "--verbose"], &[], http(7000), http(7000));
        check(
            &[],
            &[("MCP_TRANSPORT", "http")],
            Transport::Stdio,
            http(8000),
        );
        check(
            &[],
            &[("MCP_TRANSPORT", "stdio")],
            http(8000),
            Transport::Stdio,
        );
        check(
            &[],
            &[("MCP_ADDRESS", "localhost:9002")],
            http(8000),
            http(9002),
        );
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let choice = Choice::read(
            ["--http", "nowhere"].iter().map(ToString::to_string),
            |_| None,
        )
        .unwrap();
        let error = choice.transport(Transport::Stdio).unwrap_err();
        assert!(error.to_string().contains("`nowhere`"), "{error}");
        assert!(Choice::read(std::iter::empty(), |_| Some("pigeon".to_owned())).is_err());
    }
}
