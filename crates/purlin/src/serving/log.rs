//! The log of a program that has not set up one of its own.

use purlin_telemetry::config::ServerSettings;

/// Logs to standard error, as `RUST_LOG` says, else as the settings do. A
/// program that has set up a log of its own keeps it.
#[cfg(feature = "log")]
pub(super) fn start(settings: &ServerSettings) {
    use tracing_subscriber::{filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};
    let wanted = std::env::var("RUST_LOG")
        .ok()
        .and_then(|text| text.parse::<Targets>().ok())
        .or_else(|| settings.log_directives().parse().ok());
    let filter = wanted.unwrap_or_else(|| {
        Targets::new().with_default(tracing_subscriber::filter::LevelFilter::WARN)
    });
    let colours = std::io::IsTerminal::is_terminal(&std::io::stderr())
        && std::env::var_os("NO_COLOR").is_none();
    let layer = fmt::layer().with_writer(std::io::stderr).with_ansi(colours);
    let _ = tracing_subscriber::registry()
        .with(layer)
        .with(filter)
        .try_init();
}

#[cfg(not(feature = "log"))]
pub(super) fn start(_: &ServerSettings) {}
