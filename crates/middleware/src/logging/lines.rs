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

/// What both lines of a message say of it.
pub(super) struct Subject<'a> {
    notification: bool,
    method: &'a str,
    target: Option<String>,
}

impl<'a> Subject<'a> {
    pub(super) fn of(message: &AnyMessage<'a>) -> Self {
        Self {
            notification: message.is_notification(),
            method: message.method(),
            target: message
                .target()
                .map(|target| without_query(target).to_owned()),
        }
    }

    fn event(&self, phase: Phase) -> &'static str {
        match (self.notification, phase) {
            (false, Phase::Start) => "request_start",
            (false, Phase::Success) => "request_success",
            (false, Phase::Error) => "request_error",
            (true, Phase::Start) => "notification_start",
            (true, Phase::Success) => "notification_success",
            (true, Phase::Error) => "notification_error",
        }
    }
}

#[derive(Clone, Copy)]
enum Phase {
    Start,
    Success,
    Error,
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

    pub(super) fn write_start(&self, subject: &Subject<'_>, message: &AnyMessage<'_>) {
        if self.sink.is_none() && !enabled(self.level) {
            return;
        }
        let mut line = self.line(subject, Phase::Start);
        line.text(("source", "client"));
        if self.payloads || self.sizes || self.tokens {
            self.payload(&mut line, arguments(message).as_deref());
        }
        self.write(self.level, line);
    }

    pub(super) fn write_end(
        &self,
        subject: &Subject<'_>,
        took: Duration,
        result: &Result<AnyResponse>,
    ) {
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
        let mut line = self.line(subject, phase);
        line.millis("duration_ms", took);
        match result {
            Ok(response) => {
                if failed {
                    line.text(("kind", "Tool"));
                }
                if self.payloads || self.sizes || self.tokens {
                    self.payload(&mut line, answer(response).as_deref());
                }
            }
            Err(error) => describe(&mut line, error),
        }
        self.write(level, line);
    }

    fn line(&self, subject: &Subject<'_>, phase: Phase) -> Line {
        let mut line = Line::new(self.form, subject.event(phase));
        line.text(("method", subject.method));
        if let Some(target) = &subject.target {
            line.text(("target", target));
        }
        line
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

    fn write(&self, level: Level, line: Line) {
        let line = line.finish();
        match &self.sink {
            Some(sink) => sink(level, &line),
            None => trace(level, &line),
        }
    }
}

/// The kind of the error and the text a client may read, which its author
/// meant to be read.
fn describe(line: &mut Line, error: &Error) {
    line.text(("kind", &format!("{:?}", error.kind())));
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
