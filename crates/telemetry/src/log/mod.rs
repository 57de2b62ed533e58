//! A log of what happens: lines for people on a terminal, JSON elsewhere.
//!
//! Over stdio the lines go to standard error, for standard output belongs to the
//! protocol; over HTTP to standard output. [`Log::start`] makes the program's
//! `tracing` subscriber, unless it has one; [`set_level`] changes what is logged
//! while it runs.
//!
//! `RUST_LOG` says what is logged, for example `warn,shop=debug`, else
//! `LOG_LEVEL`, else warnings are; one that cannot be read is an error. `NO_COLOR` takes the colours out.
//!
//! Text from elsewhere cannot forge a line: control characters are escaped, the
//! values of fields are cut at 200 characters and messages at 2,000.
//!
//! ```
//! use purlin_telemetry::log::{Log, Output};
//!
//! Log::new(Output::Stderr).start()?;
//! tracing::warn!(customer = "a\nb", "odd name");
//! # Ok::<(), purlin_core::Error>(())
//! ```
//!
//! Events are for whoever runs the server. They do not reach clients, because
//! they may tell what clients are not to know; what a client is to read, a
//! handler says with [`Context::log`](purlin_core::Context::log).

mod escape;
mod fields;
mod level;
mod line;

use std::io::{self, IsTerminal};

use purlin_core::Result;
use tracing_subscriber::{
    Layer, Registry, fmt, layer::SubscriberExt, reload, util::SubscriberInitExt,
};

pub(crate) use level::keep;
pub use level::{level, set_level};

use fields::Fields;
use line::Line;

/// Where the lines go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Output {
    /// Standard error: the only choice for a server on stdio.
    Stderr,
    /// Standard output, where containers are used to find a log.
    Stdout,
}

impl Output {
    fn is_terminal(self) -> bool {
        match self {
            Self::Stderr => io::stderr().is_terminal(),
            Self::Stdout => io::stdout().is_terminal(),
        }
    }

    fn writer(self) -> Box<dyn io::Write> {
        match self {
            Self::Stderr => Box::new(io::stderr()),
            Self::Stdout => Box::new(io::stdout()),
        }
    }
}

/// How a line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// For people.
    Human,
    /// One JSON object: `timestamp`, `level`, `target`, `message`, `fields`,
    /// `spans`, and `traceId` and `spanId` within a trace.
    Json,
}

/// What is logged, how and where.
#[derive(Debug, Clone)]
#[must_use = "nothing is logged before it is started"]
pub struct Log {
    output: Output,
    format: Option<Format>,
    level: Option<String>,
}

/// What a log stands on.
type Filtered = reload::Layer<tracing_subscriber::filter::Targets, Registry>;
/// The layer that writes it.
type Writing = tracing_subscriber::filter::Filtered<
    fmt::Layer<Registry, Fields, Line, fn() -> Box<dyn io::Write>>,
    Filtered,
    Registry,
>;

impl Log {
    /// A log that goes to `output`; what is logged and how is decided by the
    /// environment.
    pub fn new(output: Output) -> Self {
        Self {
            output,
            format: None,
            level: None,
        }
    }

    /// Writes lines like this, terminal or not.
    pub fn format(mut self, format: Format) -> Self {
        self.format = Some(format);
        self
    }

    /// Logs this where `RUST_LOG` does not say otherwise: a level, or levels by
    /// target like `warn,shop=debug`.
    pub fn level(mut self, level: impl Into<String>) -> Self {
        self.level = Some(level.into());
        self
    }

    /// Starts to log, unless the program has a `tracing` subscriber of its own.
    /// Says whether it did.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](purlin_core::ErrorKind::Configuration) when
    /// the level, or the variable that says it, cannot be read.
    pub fn start(self) -> Result<bool> {
        let (writing, handle) = self.layer()?;
        let started = tracing_subscriber::registry().with(writing).try_init();
        if started.is_ok() {
            keep(handle);
        }
        Ok(started.is_ok())
    }

    pub(crate) fn layer(self) -> Result<(Writing, level::Handle)> {
        let terminal = self.output.is_terminal();
        let auto = if terminal {
            Format::Human
        } else {
            Format::Json
        };
        let format = self.format.unwrap_or(auto);
        let line = Line {
            json: format == Format::Json,
            colours: terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        };
        let wanted = level::wanted(self.level.as_deref(), |name| {
            std::env::var_os(name).map(|text| text.to_string_lossy().into_owned())
        })?;
        let (filter, handle) = reload::Layer::new(wanted);
        let writer: fn() -> Box<dyn io::Write> = match self.output {
            Output::Stderr => || Output::Stderr.writer(),
            Output::Stdout => || Output::Stdout.writer(),
        };
        let layer = fmt::layer()
            .fmt_fields(Fields { json: line.json })
            .event_format(line)
            .with_writer(writer);
        Ok((layer.with_filter(filter), handle))
    }
}

#[cfg(test)]
mod tests;
