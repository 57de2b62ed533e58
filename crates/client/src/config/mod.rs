//! Servers from a configuration file, in the form that desktop clients share (`mcpServers`).
//!
//! The file is read whole and every entry is checked before anything is started. Variables of the
//! environment (`${NAME}`, `${NAME:-default}`, `${env:NAME}`) are put in where an entry is
//! connected to, so that a variable which is missing concerns that entry alone. Secrets are what
//! such files are full of: values of headers and variables are kept out of `Debug` output.

mod variables;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use self::variables::expand;
use crate::Result;
use crate::error::ClientError;
use crate::target::{Connection, Target};

/// The servers of a configuration file, by name.
///
/// ```
/// use purlin_client::Config;
///
/// let config = Config::parse(r#"{"mcpServers": {
///     "files": {"command": "file-server", "args": ["--root", "${HOME}"]},
///     "weather": {"url": "https://weather.example/mcp", "headers": {"x-team": "${TEAM:-sales}"}}
/// }}"#)?;
/// assert_eq!(config.names().collect::<Vec<_>>(), ["files", "weather"]);
/// # Ok::<(), purlin_client::ClientError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Config(BTreeMap<String, Entry>);

/// One server of a [`Config`]; a client can be connected to it.
#[derive(Clone, Deserialize)]
#[serde(try_from = "Written")]
pub struct Entry(Kind);

#[derive(Clone)]
enum Kind {
    Command {
        program: String,
        args: Vec<String>,
        env: BTreeMap<String, String>,
        directory: Option<PathBuf>,
    },
    Url {
        url: String,
        headers: BTreeMap<String, String>,
        event_stream: bool,
    },
}

/// The file. Editors call the same thing `servers`.
#[derive(Deserialize)]
struct File {
    #[serde(rename = "mcpServers", alias = "servers")]
    servers: BTreeMap<String, Entry>,
}

/// An entry as it is written; members that concern others are ignored.
#[derive(Deserialize)]
struct Written {
    command: Option<String>,
    #[serde(default)]
    args: Vec<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    cwd: Option<PathBuf>,
    url: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(rename = "type", alias = "transport")]
    kind: Option<String>,
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, or is not what [`parse`](Self::parse) expects.
    pub async fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref().to_path_buf();
        let shown = path.display().to_string();
        let text = tokio::task::spawn_blocking(move || std::fs::read_to_string(path))
            .await
            .map_err(std::io::Error::other)
            .and_then(|read| read)
            .map_err(|error| ClientError::config(format!("reading `{shown}`: {error}")))?;
        Self::parse(&text).map_err(|error| ClientError::config(format!("`{shown}`: {error}")))
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// When it is no JSON, has no `mcpServers`, or an entry has neither a command nor a URL.
    pub fn parse(text: &str) -> Result<Self> {
        let file: File =
            serde_json::from_str(text).map_err(|error| ClientError::config(error.to_string()))?;
        Ok(Self(file.servers))
    }

    /// The names of the servers, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The server of this name.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.0.get(name)
    }

    /// The servers with their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.0.iter().map(|(name, entry)| (name.as_str(), entry))
    }
}

impl TryFrom<Written> for Entry {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        match (written.command, written.url) {
            (Some(program), None) => Ok(Self(Kind::Command {
                program,
                args: written.args,
                env: written.env,
                directory: written.cwd,
            })),
            (None, Some(url)) => Ok(Self(Kind::Url {
                url,
                headers: written.headers,
                event_stream: written.kind.as_deref() == Some("sse"),
            })),
            (Some(_), Some(_)) => {
                Err("a server has either a `command` or a `url`, not both".into())
            }
            (None, None) => Err("a server needs a `command` to start or a `url` to go to".into()),
        }
    }
}

impl Target for &Entry {
    async fn open(self) -> Result<Connection> {
        match &self.0 {
            Kind::Command {
                program,
                args,
                env,
                directory,
            } => start(program, args, env, directory.as_deref()).await,
            Kind::Url {
                url,
                headers,
                event_stream,
            } => reach(url, headers, *event_stream).await,
        }
    }
}

#[cfg(feature = "process")]
async fn start(
    program: &str,
    args: &[String],
    env: &BTreeMap<String, String>,
    directory: Option<&Path>,
) -> Result<Connection> {
    let mut command = crate::transport::Command::new(expand(program)?);
    for argument in args {
        command = command.arg(expand(argument)?);
    }
    for (name, value) in env {
        command = command.env(name, expand(value)?);
    }
    if let Some(directory) = directory {
        command = command.current_dir(directory);
    }
    command.open().await
}

#[cfg(not(feature = "process"))]
#[expect(clippy::unused_async, reason = "as the one that starts something")]
async fn start(
    program: &str,
    _: &[String],
    _: &BTreeMap<String, String>,
    _: Option<&Path>,
) -> Result<Connection> {
    Err(ClientError::unsupported(format!(
        "starting `{}` needs the feature `process` of purlin-client",
        expand(program)?
    )))
}

#[cfg(feature = "http")]
async fn reach(
    url: &str,
    headers: &BTreeMap<String, String>,
    event_stream: bool,
) -> Result<Connection> {
    let mut endpoint = crate::http::HttpEndpoint::new(&expand(url)?)?;
    for (name, value) in headers {
        endpoint = endpoint.header(name, &expand(value)?)?;
    }
    if event_stream {
        endpoint = endpoint.event_stream();
    }
    endpoint.open().await
}

#[cfg(not(feature = "http"))]
#[expect(clippy::unused_async, reason = "as the one that reaches something")]
async fn reach(url: &str, _: &BTreeMap<String, String>, _: bool) -> Result<Connection> {
    Err(ClientError::unsupported(format!(
        "reaching `{}` needs the feature `http` of purlin-client",
        expand(url)?
    )))
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Command { program, env, .. } => f
                .debug_struct("Command")
                .field("program", program)
                .field("env", &env.keys())
                .finish_non_exhaustive(),
            Kind::Url { url, headers, .. } => f
                .debug_struct("Url")
                .field("url", url)
                .field("headers", &headers.keys())
                .finish_non_exhaustive(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn problem(text: &str) -> String {
        let error = Config::parse(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        error.to_string()
    }

    #[test]
    fn secrets_are_not_shown() {
        let config = Config::parse(
            r#"{"servers": {
                "a": {"command": "a", "args": ["secret"], "env": {"TOKEN": "secret"}},
                "b": {"type": "http", "url": "http://b.test/", "headers": {"x": "secret"}}
            }}"#,
        );
        let shown = format!("{:?}", config.unwrap());
        assert!(shown.contains("TOKEN"), "{shown}");
        assert!(!shown.contains("secret"), "{shown}");
    }

    #[test]
    fn an_entry_that_is_no_server_says_what_is_missing() {
        let neither = problem(r#"{"mcpServers": {"a": {}}}"#);
        assert!(neither.contains("needs a `command`"), "{neither}");
        let both = problem(r#"{"mcpServers": {"a": {"command": "a", "url": "http://a"}}}"#);
        assert!(both.contains("not both"), "{both}");
        let none = problem("{}");
        assert!(none.contains("mcpServers"), "{none}");
    }

    #[test]
    fn members_for_others_are_ignored() {
        let text = r#"{"mcpServers": {"a": {"command": "a", "disabled": false}}, "theme": 1}"#;
        assert_eq!(Config::parse(text).unwrap().names().count(), 1);
    }
}
