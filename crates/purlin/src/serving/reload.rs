//! SIGHUP: the configuration is read again, and what may change while a server
//! runs changes.

use std::io::{self, IsTerminal};

use purlin_telemetry::config::{Again, Change, ConfigError};
use tokio::signal::unix::{SignalKind, signal};

use super::log;

/// The settings that take effect while a server runs.
const LIVE: [&str; 1] = ["server.log_level"];

/// Reads again on every SIGHUP, until the process ends. On a terminal the signal
/// means that the terminal is gone, and ends the process as it always does.
///
/// # Errors
/// When the signal cannot be listened to.
pub(super) fn on_hangup(mut again: Again) -> io::Result<()> {
    if io::stderr().is_terminal() {
        return Ok(());
    }
    let mut hangup = signal(SignalKind::hangup())?;
    // The task ends with the process.
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            let read = tokio::task::spawn_blocking(move || {
                let read = again();
                (again, read)
            });
            let Ok((function, read)) = read.await else {
                return;
            };
            again = function;
            apply(read);
        }
    });
    Ok(())
}

fn apply(read: Result<Change, ConfigError>) {
    let change = match read {
        Ok(change) => change,
        Err(error) => return tracing::error!("nothing is changed: {error}"),
    };
    for entry in &change.entries {
        let key = entry.key();
        match LIVE.contains(&key) {
            true => log::change(&change.server),
            false => tracing::warn!(
                "`{key}` has changed in {} and needs a restart",
                entry.origin()
            ),
        }
    }
    tracing::info!(
        "the configuration was read again: {} changes",
        change.entries.len()
    );
}
