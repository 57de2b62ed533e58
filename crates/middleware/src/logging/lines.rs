//! The lines.

use std::{borrow::Cow, time::Duration};

use purlin_core::{
    Error, Result,
    middleware::{AnyMessage, AnyResponse},
};
use tracing::Level;

use super::Logging;
use crate::line::{Line, without_query};

/// How many bytes a token has, about.
const BYTES_PER_TOKEN: usize = 4;

/// The lines of one message.
pub(super) struct Lines {
    notification: bool,
    line: Line,
}

#[derive(Clone, Copy)]
enum Phase {
    Start,
    Success,
    Error,
}

impl Phase {
    fn event(self, notification: bool) -> &'static str {
        match (notification, self) {
            (false, Self::Start) => "request_start",
            (false, Self::Success) => "request_success",
            (false, Self::Error) => "request_error",
            (true, Self::Start) => "notification_start",
            (true, Self::Success) => "notification_success",
            (true, Self::Error) => "notification_error",
        }
    }
}

impl Logging {
    /// Whether anybody reads lines about this method.
    pub(super) fn wants(&self, method: &str) -> bool {
        let listened = self.sink.is_some() || enabled(self.level) || enabled(Level::WARN);
        listened
            && self
                .methods
                .as_ref()
                .is_none_or(|methods| methods.contains(method))
    }

    /// Writes that a message has come.
    pub(super) fn start(&self, message: &AnyMessage<'_>) -> Lines {
        let notification = message.is_notification();
        let mut line = Line::new(self.form, Phase::Start.event(notification));
        line.text(("method", message.method()));
        if let Some(target) = message.target() {
            line.text(("target", without_query(target)));
        }
        line.keep();
        if self.sink.is_some() || enabled(self.level) {
            line.word(("source", "client"));
            if self.payloads || self.sizes || self.tokens {
                self.payload(&mut line, arguments(message).as_deref());
            }
            self.write(self.level, &mut line);
        }
        Lines { notification, line }
    }

    /// Writes how it has ended.
    pub(super) fn end(&self, mut lines: Lines, took: Duration, result: &Result<AnyResponse>) {
        let failed = match result {
            Ok(AnyResponse::Tool(result)) => result.is_error(),
            Ok(_) => false,
            Err(_) => true,
        };
        // The more severe is the smaller.
        let (phase, level) = match failed {
            true => (Phase::Error, self.level.min(Level::WARN)),
            false => (Phase::Success, self.level),
        };
        if self.sink.is_none() && !enabled(level) {
            return;
        }
        let line = &mut lines.line;
        line.next(phase.event(lines.notification));
        line.millis("duration_ms", took);
        match result {
            Ok(response) => {
                if failed {
                    line.word(("kind", "Tool"));
                }
                if self.payloads || self.sizes || self.tokens {
                    self.payload(line, answer(response).as_deref());
                }
            }
            Err(error) => describe(line, error),
        }
        self.write(level, line);
    }

    fn payload(&self, line: &mut Line, payload: Option<&str>) {
        let Some(payload) = payload else { return };
        if self.sizes {
            line.number("payload_length", payload.len() as u64);
        }
        if self.tokens {
            line.number("payload_tokens", (payload.len() / BYTES_PER_TOKEN) as u64);
        }
        if self.payloads {
            line.long_text(("payload", &self.redactor.text(payload)), self.max_payload);
        }
    }

    fn write(&self, level: Level, line: &mut Line) {
        let line = line.finish();
        match &self.sink {
            Some(sink) => sink(level, line),
            None => trace(level, line),
        }
    }
}

/// The kind of the error and the text a client may read, which its author
/// meant to be read.
fn describe(line: &mut Line, error: &Error) {
    line.word(("kind", &format!("{:?}", error.kind())));
    line.text(("error", &error.public_text(true)));
}

/// The arguments, without those that are sensitive.
fn arguments<'m>(message: &'m AnyMessage<'_>) -> Option<Cow<'m, str>> {
    match (message.as_tool_call(), message.as_prompt_get()) {
        (Some(call), _) => call.redacted_arguments(),
        (_, Some(get)) => get.redacted_arguments(),
        _ => None,
    }
}

/// What a component answered, as text.
fn answer(response: &AnyResponse) -> Option<Cow<'_, str>> {
    match response {
        AnyResponse::Tool(result) => result
            .structured_json()
            .map(Cow::Borrowed)
            .or_else(|| Some(result.as_text())),
        _ => None,
    }
}

macro_rules! at_level {
    ($level:expr, $with:ident $(, $rest:tt)*) => {
        match $level {
            Level::ERROR => $with!(ERROR $(, $rest)*),
            Level::WARN => $with!(WARN $(, $rest)*),
            Level::INFO => $with!(INFO $(, $rest)*),
            Level::DEBUG => $with!(DEBUG $(, $rest)*),
            Level::TRACE => $with!(TRACE $(, $rest)*),
        }
    };
}

macro_rules! is_enabled {
    ($level:ident) => {
        tracing::enabled!(target: "purlin::logging", Level::$level)
    };
}

macro_rules! event {
    ($level:ident, $line:tt) => {
        tracing::event!(target: "purlin::logging", Level::$level, "{}", $line)
    };
}

/// Whether `tracing` has somebody who listens at this level.
fn enabled(level: Level) -> bool {
    at_level!(level, is_enabled)
}

fn trace(level: Level, line: &str) {
    at_level!(level, event, line);
}
