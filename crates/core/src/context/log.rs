//! Log messages to the client.

use serde::Serialize;

use super::{Context, Era, Priority};
use crate::{
    protocol::{LogLevel, method},
    wire::{notification, write_json},
};

impl Context {
    /// Sends a log message to the client, if it wants messages of this level.
    ///
    /// `data` is any value that serialises; a text is usual. In the session era
    /// the client sets the level for its session (`logging/setLevel`), in the
    /// stateless era it asks for logs request by request.
    pub fn log(&self, level: LogLevel, data: impl Serialize) {
        self.log_as(level, None, data);
    }

    /// Sends a log message under the name of a logger.
    pub fn log_as(&self, level: LogLevel, logger: Option<&str>, data: impl Serialize) {
        if !self.wants_log(level) {
            return;
        }
        let mut params = Vec::with_capacity(96);
        params.extend_from_slice(br#"{"level":""#);
        params.extend_from_slice(level.as_str().as_bytes());
        params.push(b'"');
        if let Some(logger) = logger {
            params.extend_from_slice(br#","logger":"#);
            write_json(&mut params, logger);
        }
        params.extend_from_slice(br#","data":"#);
        write_json(&mut params, &data);
        params.push(b'}');
        self.push(
            notification(method::NOTIFICATIONS_MESSAGE, &params),
            Priority::Log,
        );
    }

    /// Whether the client wants log messages of this level.
    pub fn wants_log(&self, level: LogLevel) -> bool {
        let least = match &self.request.era {
            Era::Modern { log_level, .. } => *log_level,
            Era::Session(session) => Some(session.log_level()),
        };
        least.is_some_and(|least| level >= least)
    }

    /// Sends a log message of level debug.
    pub fn debug(&self, data: impl Serialize) {
        self.log(LogLevel::Debug, data);
    }

    /// Sends a log message of level info.
    pub fn info(&self, data: impl Serialize) {
        self.log(LogLevel::Info, data);
    }

    /// Sends a log message of level notice.
    pub fn notice(&self, data: impl Serialize) {
        self.log(LogLevel::Notice, data);
    }

    /// Sends a log message of level warning.
    pub fn warning(&self, data: impl Serialize) {
        self.log(LogLevel::Warning, data);
    }

    /// Sends a log message of level error.
    pub fn error(&self, data: impl Serialize) {
        self.log(LogLevel::Error, data);
    }
}
