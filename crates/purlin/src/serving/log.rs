//! The log of a program that has not set up one of its own.

use purlin_telemetry::config::ServerSettings;

#[cfg(feature = "log")]
mod subscriber {
    use std::{
        env,
        io::{self, IsTerminal},
        sync::OnceLock,
    };

    use tracing_subscriber::{
        Registry,
        filter::{LevelFilter, Targets},
        fmt,
        layer::SubscriberExt,
        reload::{self, Handle},
        util::SubscriberInitExt,
    };

    use super::ServerSettings;

    /// What changes the level later.
    static FILTER: OnceLock<Handle<Targets, Registry>> = OnceLock::new();

    /// `RUST_LOG`, else the settings, else warnings.
    fn filter(settings: &ServerSettings) -> Targets {
        let wanted = env::var("RUST_LOG").ok().and_then(|text| text.parse().ok());
        let wanted = wanted.or_else(|| settings.log_directives().parse().ok());
        wanted.unwrap_or_else(|| Targets::new().with_default(LevelFilter::WARN))
    }

    pub(in crate::serving) fn start(settings: &ServerSettings) {
        let (filter, handle) = reload::Layer::new(filter(settings));
        let colours = io::stderr().is_terminal() && env::var_os("NO_COLOR").is_none();
        let layer = fmt::layer().with_writer(io::stderr).with_ansi(colours);
        let log = tracing_subscriber::registry().with(filter).with(layer);
        if log.try_init().is_ok() {
            let _ = FILTER.set(handle);
        }
    }

    #[cfg(feature = "config")]
    pub(in crate::serving) fn change(settings: &ServerSettings) {
        if let Some(handle) = FILTER.get() {
            let _ = handle.reload(filter(settings));
        }
    }
}

#[cfg(not(feature = "log"))]
mod subscriber {
    use super::ServerSettings;

    pub(in crate::serving) fn start(_: &ServerSettings) {}

    #[cfg(feature = "config")]
    pub(in crate::serving) fn change(_: &ServerSettings) {}
}

/// Logs to standard error, as `RUST_LOG` says, else as the settings do. A
/// program that has set up a log of its own keeps it.
pub(super) use subscriber::start;

/// Logs as changed settings say from now on.
#[cfg(feature = "config")]
pub(super) use subscriber::change;
