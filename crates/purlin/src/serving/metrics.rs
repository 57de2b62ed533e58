//! Metrics for Prometheus beside the endpoint, where the settings want them.

use purlin_core::{Result, Server};
use purlin_http::HttpConfig;
use purlin_telemetry::config::ServerSettings;

/// Where they are.
#[cfg(feature = "prometheus")]
const PATH: &str = "/metrics";

/// The server that counts, and the endpoint that tells.
#[cfg(feature = "prometheus")]
pub(super) fn at_their_path(
    server: Server,
    config: HttpConfig,
    settings: &ServerSettings,
) -> Result<(Server, HttpConfig)> {
    if !settings.metrics {
        return Ok((server, config));
    }
    let prometheus = purlin_telemetry::prometheus::Prometheus::new();
    let server = prometheus.around(server);
    let page = prometheus.page(&server);
    Ok((server, config.route(PATH, page)))
}

/// Nothing.
///
/// # Errors
/// When the settings want them all the same.
#[cfg(not(feature = "prometheus"))]
pub(super) fn at_their_path(
    server: Server,
    config: HttpConfig,
    settings: &ServerSettings,
) -> Result<(Server, HttpConfig)> {
    if !settings.metrics {
        return Ok((server, config));
    }
    Err(purlin_core::Error::new(
        purlin_core::ErrorKind::Configuration,
        "`server.metrics` is on and metrics are not built in: enable the feature `prometheus` of `purlin`",
    ))
}
