//! From settings to a transport and an address.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs};

use purlin_core::{Error, ErrorKind, Result};
use purlin_telemetry::config::{Loaded, ServerSettings, TransportSetting};

use super::Transport;

/// The port when HTTP is asked for without one.
const DEFAULT_PORT: u16 = 8000;

/// The transport that was asked for, falling back on the program's own.
///
/// # Errors
/// When the address cannot be read.
pub(super) fn transport<T>(loaded: &Loaded<T>, default: Transport) -> Result<Transport> {
    let settings = loaded.server();
    let own = match default {
        Transport::Http(address) => Some(address),
        Transport::Stdio => None,
    };
    match (settings.transport, own) {
        (Some(TransportSetting::Stdio), _) | (None, None) => Ok(Transport::Stdio),
        (_, own) => {
            let own = own.unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, DEFAULT_PORT)));
            address(settings, own)
                .map(Transport::Http)
                .map_err(|(key, text)| mistake(loaded, key, &text))
        }
    }
}

/// `address`, or `host` and `port`, each in place of the program's.
fn address(
    settings: &ServerSettings,
    own: SocketAddr,
) -> Result<SocketAddr, (&'static str, String)> {
    if let Some(text) = &settings.address {
        return parse(text).ok_or_else(|| {
            let text = "this is not an address: write it like `127.0.0.1:8000`";
            ("server.address", text.to_owned())
        });
    }
    let host = settings.host.as_deref().map(|host| {
        resolve(host, 0).ok_or_else(|| {
            let text = "there is no such host: write an IP address such as `127.0.0.1`";
            ("server.host", text.to_owned())
        })
    });
    let host = host.transpose()?.map_or(own.ip(), |found| found.ip());
    let port = settings.port.unwrap_or(own.port());
    Ok(SocketAddr::new(host, port))
}

/// An address, or a port alone on 127.0.0.1.
fn parse(text: &str) -> Option<SocketAddr> {
    if let Ok(port) = text.trim_start_matches(':').parse() {
        return Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    }
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    let (host, port) = text.rsplit_once(':')?;
    resolve(host, port.parse().ok()?)
}

fn resolve(host: &str, port: u16) -> Option<SocketAddr> {
    if host == "localhost" {
        return Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    }
    let plain = host.trim_start_matches('[').trim_end_matches(']');
    match plain.parse::<IpAddr>() {
        Ok(ip) => Some(SocketAddr::new(ip, port)),
        Err(_) => (host, port).to_socket_addrs().ok()?.next(),
    }
}

/// The error, with the value and where it was written.
fn mistake<T>(loaded: &Loaded<T>, key: &str, text: &str) -> Error {
    let entry = loaded.entries().iter().find(|entry| entry.key() == key);
    let place = entry.map_or_else(
        || format!("`{key}`"),
        |entry| format!("`{key}` is `{}`, from {}", entry.value(), entry.origin()),
    );
    Error::new(ErrorKind::Configuration, format!("{place}: {text}"))
}

#[cfg(test)]
mod tests {
    use purlin_telemetry::config::{Loader, NoSettings};

    use super::*;

    fn load(arguments: &[&str], variables: &[(&str, &str)]) -> Loaded<NoSettings> {
        Loader::new()
            .arguments(arguments.iter().copied())
            .variables(variables.iter().copied())
            .load()
            .expect("it is a good configuration")
    }

    fn check(
        arguments: &[&str],
        variables: &[(&str, &str)],
        default: Transport,
        expected: Transport,
    ) {
        let loaded = load(arguments, variables);
        assert_eq!(transport(&loaded, default).unwrap(), expected);
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
            &[("TRANSPORT", "streamable-http"), ("PORT", "81")],
            Transport::Stdio,
            http(81),
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
        check(&["--port", "0"], &[("PORT", "82")], http(8000), http(0));
        let everywhere = Transport::Http(SocketAddr::from(([0, 0, 0, 0], 8000)));
        check(&["--host=0.0.0.0"], &[], http(8000), everywhere);
    }

    #[test]
    fn a_variable_that_is_not_asked_for_does_no_harm() {
        check(
            &[],
            &[("HOST", "x86_64-conda-linux-gnu")],
            Transport::Stdio,
            Transport::Stdio,
        );
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let error = transport(&load(&["--http", "nowhere"], &[]), Transport::Stdio).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`server.address` is `nowhere`, from the flag --http: this is not an address: \
             write it like `127.0.0.1:8000`"
        );
        assert_eq!(error.kind(), ErrorKind::Configuration);
    }
}
