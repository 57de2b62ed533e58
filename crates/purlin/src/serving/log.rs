//! What a served program tells: a log, unless it has set up one of its own, and
//! traces and metrics where the environment names a collector.

use purlin_core::{Result, Server};
use purlin_telemetry::config::ServerSettings;

use super::Transport;

#[cfg(feature = "log")]
mod telling {
    use purlin_telemetry::{
        Telemetry,
        config::LogFormat,
        log::{Format, Log, Output},
    };

    use super::{Result, Server, ServerSettings, Transport};

    pub(in crate::serving) use purlin_telemetry::Telling;

    pub(in crate::serving) fn start(
        server: &Server,
        transport: Transport,
        settings: &ServerSettings,
    ) -> Result<Telling> {
        let output = match transport {
            Transport::Stdio => Output::Stderr,
            Transport::Http(_) => Output::Stdout,
        };
        let log = Log::new(output).level(settings.log_directives());
        let log = match settings.log_format {
            LogFormat::Human => log.format(Format::Human),
            LogFormat::Json => log.format(Format::Json),
            _ => log,
        };
        with_traces(Telemetry::new().log(log), server).start()
    }

    #[cfg(feature = "otel")]
    fn with_traces(telemetry: Telemetry, server: &Server) -> Telemetry {
        let otel = purlin_telemetry::otel::OpenTelemetry::from_env();
        let implementation = server.implementation();
        telemetry.otel(otel.map(|otel| otel.service(implementation.name, implementation.version)))
    }

    #[cfg(not(feature = "otel"))]
    fn with_traces(telemetry: Telemetry, _: &Server) -> Telemetry {
        telemetry
    }

    #[cfg(feature = "config")]
    pub(in crate::serving) fn change(settings: &ServerSettings) {
        // Whoever has set it wins over the settings, now as at the start.
        if std::env::var("RUST_LOG").is_ok_and(|value| !value.trim().is_empty()) {
            return;
        }
        if let Err(error) = purlin_telemetry::log::set_level(&settings.log_directives()) {
            tracing::error!("the level of the log stays: {error}");
        }
    }
}

#[cfg(not(feature = "log"))]
mod telling {
    use super::{Result, Server, ServerSettings, Transport};

    /// Nothing is told.
    pub(in crate::serving) struct Telling;

    impl Telling {
        pub(in crate::serving) fn around(&self, server: Server) -> Server {
            server
        }

        pub(in crate::serving) async fn finish(self) {}
    }

    pub(in crate::serving) fn start(
        _: &Server,
        _: Transport,
        _: &ServerSettings,
    ) -> Result<Telling> {
        Ok(Telling)
    }

    #[cfg(feature = "config")]
    pub(in crate::serving) fn change(_: &ServerSettings) {}
}

/// Starts to tell: over stdio the log goes to standard error, over HTTP to
/// standard output, as `RUST_LOG` says, else as the settings do.
pub(super) use telling::start;

/// Logs as changed settings say from now on.
#[cfg(feature = "config")]
pub(super) use telling::change;
