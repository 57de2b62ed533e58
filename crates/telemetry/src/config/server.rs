//! The settings of serving: what `serve()` goes by.

use std::{fmt, time::Duration};

use purlin_macros::Config;

use super::{AuthSettings, ByteSize, Secret};
use crate::level;

/// The settings of serving, in the section `server` of every configuration.
///
/// The bare names (`HOST`, `PORT`, …) stand beside the ones made of the place
/// (`MCP_SERVER__HOST`), which win.
#[derive(Debug, Clone, Config)]
#[config(crate = crate)]
#[non_exhaustive]
pub struct ServerSettings {
    /// What the server is called; what the program says where it is left out.
    #[config(env = "MCP_SERVER_NAME")]
    pub name: Option<String>,
    /// The version of the server; that of the program where it is left out.
    #[config(env = "MCP_VERSION")]
    pub version: Option<String>,
    /// How clients reach the server; what the program says where it is left out.
    #[config(env("MCP_TRANSPORT", "TRANSPORT"), flag = "transport")]
    pub transport: Option<TransportSetting>,
    /// Where to listen, host and port in one, such as `127.0.0.1:8000` or `:9000`;
    /// `host` and `port` where it is left out.
    #[config(env = "MCP_ADDRESS")]
    pub address: Option<String>,
    /// The IP address or name to listen at, 127.0.0.1 where it is left out.
    #[config(env = "HOST", flag = "host")]
    pub host: Option<String>,
    /// The port to listen at; 0 takes any free one. Where it is left out, that of
    /// the program or 8000.
    #[config(env = "PORT", flag = "port")]
    pub port: Option<u16>,
    /// The path of the endpoint.
    #[config(default = "/mcp", env = "MCP_PATH")]
    pub path: String,
    /// The host names the server answers to; loopback names where it is empty.
    #[config(env = "ALLOWED_HOSTS")]
    pub allowed_hosts: Vec<String>,
    /// The origins of web pages that may call; loopback where it is empty.
    #[config(env = "ALLOWED_ORIGINS")]
    pub allowed_origins: Vec<String>,
    /// The proxies in front of the server, as addresses or ranges such as `10.0.0.0/8`: callers are
    /// limited by the address that these name in `Forwarded` or `X-Forwarded-For`.
    #[config(env = "TRUSTED_PROXIES")]
    pub trusted_proxies: Vec<String>,
    /// Lets anybody call who reaches the address, though other machines do.
    #[config(default = false, env = "ALLOW_UNAUTHENTICATED")]
    pub allow_unauthenticated: bool,
    /// What is logged: a level, or `target=level` with commas. It may change
    /// while the server runs.
    #[config(default = "warn", env("MCP_LOG_LEVEL", "LOG_LEVEL"), flag = "log-level", validate = log_level)]
    pub log_level: String,
    /// How it is logged.
    #[config(default = "auto", env = "LOG_FORMAT", flag = "log-format")]
    pub log_format: LogFormat,
    /// Whether clients see the texts of unexpected errors; over HTTP they do not
    /// where it is left out.
    #[config(env = "MASK_ERRORS")]
    pub mask_errors: Option<bool>,
    /// How long a call may take whose tool does not say; that of the program
    /// where it is left out, 60 s.
    #[config(env = "REQUEST_TIMEOUT", validate = positive)]
    pub request_timeout: Option<Duration>,
    /// How long running calls may go on once the server is told to end.
    #[config(default = "20s", env = "GRACE_PERIOD")]
    pub grace_period: Duration,
    /// The largest body of a request.
    #[config(default = "4 MiB", env = "MAX_BODY")]
    pub max_body: ByteSize,
    /// How many sessions there may be.
    #[config(default = 10_000, range = 1.., env = "MAX_SESSIONS")]
    pub max_sessions: u32,
    /// How many of them one principal may have.
    #[config(default = 100, range = 1.., env = "MAX_SESSIONS_PER_PRINCIPAL")]
    pub max_sessions_per_principal: u32,
    /// How long a session lives that nobody uses.
    #[config(default = "30m", env = "SESSION_IDLE", validate = some_time)]
    pub session_idle: Duration,
    /// Serves sessions together with other processes, in any order of requests;
    /// they need the same store and the same `keys`.
    #[config(default = false, env = "REPLICATED")]
    pub replicated: bool,
    /// Answers scrapes of Prometheus at `/metrics`, whoever asks.
    #[config(default = false, env = "ENABLE_METRICS")]
    pub metrics: bool,
    /// The keys that seal request states and cursors, the first one seals;
    /// replicas that serve the same clients need the same. Random where it is
    /// empty.
    #[config(env = "MCP_KEYS")]
    pub keys: Vec<Secret<[u8; 32]>>,
    /// Who may call.
    pub auth: AuthSettings,
}

/// How clients reach a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Config)]
#[config(crate = crate)]
#[non_exhaustive]
pub enum TransportSetting {
    /// Standard input and output.
    Stdio,
    /// HTTP.
    Http,
    /// HTTP, under the name the protocol has for it.
    StreamableHttp,
}

/// How a log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Config)]
#[config(crate = crate)]
#[non_exhaustive]
pub enum LogFormat {
    /// For people on a terminal, JSON elsewhere.
    Auto,
    /// For people.
    Human,
    /// One JSON object on each line.
    Json,
}

impl ServerSettings {
    /// The directives of the log in the words of `tracing`: other platforms' names of levels
    /// (`warning`, `critical`, `notice`) are understood.
    pub fn log_directives(&self) -> String {
        let directives = self.log_level.split(',').map(|directive| {
            let directive = directive.trim();
            match directive.rsplit_once('=') {
                Some((target, level)) => {
                    format!("{}={}", target.trim(), Word(level.trim()))
                }
                None => Word(directive).to_string(),
            }
        });
        directives.collect::<Vec<_>>().join(",")
    }
}

/// A level in the words of `tracing`, or what is none.
struct Word<'a>(&'a str);

impl Word<'_> {
    fn level(&self) -> Option<&'static str> {
        level::named(self.0)
    }
}

impl fmt::Display for Word<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.level().unwrap_or(self.0))
    }
}

fn log_level(text: &str) -> Result<(), String> {
    for directive in text.split(',') {
        let level = directive
            .rsplit_once('=')
            .map_or(directive, |(_, level)| level);
        if Word(level.trim()).level().is_none() {
            let shown = super::shown::shown(level.trim());
            return Err(format!(
                "`{shown}` is not a level of a log: write `off`, `error`, `warn`, `info`, `debug` or `trace`"
            ));
        }
    }
    Ok(())
}

fn some_time(duration: &Duration) -> Result<(), &'static str> {
    match duration.is_zero() {
        true => Err("it must be longer than nothing"),
        false => Ok(()),
    }
}

fn positive(duration: &Option<Duration>) -> Result<(), &'static str> {
    duration.as_ref().map_or(Ok(()), some_time)
}
