//! One line of the log.

use std::fmt;

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormattedFields,
        format::Writer,
        time::{FormatTime, SystemTime},
    },
    registry::LookupSpan,
};

use super::fields::{Fields, Visitor};

/// Writes one event as one line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line {
    pub(super) json: bool,
    pub(super) colours: bool,
}

impl<S> FormatEvent<S, Fields> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn format_event(
        &self,
        cx: &FmtContext<'_, S, Fields>,
        mut out: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut visitor = Visitor::new(self.json);
        event.record(&mut visitor);
        if self.json {
            json(cx, &mut out, event, &visitor)?;
        } else {
            self.human(cx, &mut out, event, &visitor)?;
        }
        out.write_char('\n')
    }
}

impl Line {
    fn human<S>(
        self,
        cx: &FmtContext<'_, S, Fields>,
        out: &mut Writer<'_>,
        event: &Event<'_>,
        visitor: &Visitor,
    ) -> fmt::Result
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let metadata = event.metadata();
        SystemTime.format_time(out)?;
        let (before, after) = if self.colours {
            (colour(*metadata.level()), "\x1b[0m")
        } else {
            ("", "")
        };
        write!(
            out,
            " {before}{:>5}{after} {}: ",
            metadata.level(),
            metadata.target()
        )?;
        visitor.write_message(out)?;
        if !visitor.fields.is_empty() {
            write!(out, " {}", visitor.fields)?;
        }
        each_span(cx, |name, fields| match fields {
            "" => write!(out, " in {name}"),
            fields => write!(out, " in {name}{{{fields}}}"),
        })
    }
}

fn json<S>(
    cx: &FmtContext<'_, S, Fields>,
    out: &mut Writer<'_>,
    event: &Event<'_>,
    visitor: &Visitor,
) -> fmt::Result
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let metadata = event.metadata();
    out.write_str(r#"{"timestamp":""#)?;
    SystemTime.format_time(out)?;
    // Levels and targets are part of the program.
    let (level, target) = (metadata.level(), metadata.target());
    write!(out, r#"","level":"{level}","target":"{target}","message":"#)?;
    visitor.write_message(out)?;
    write!(out, r#","fields":{{{}}},"spans":["#, visitor.fields)?;
    let mut separator = "";
    each_span(cx, |name, fields| {
        write!(
            out,
            r#"{separator}{{"name":"{name}","fields":{{{fields}}}}}"#
        )?;
        separator = ",";
        Ok(())
    })?;
    out.write_char(']')?;
    if let Some((trace, span)) = crate::telemetry::trace_ids() {
        write!(out, r#","traceId":"{trace}","spanId":"{span}""#)?;
    }
    out.write_char('}')
}

/// The spans around an event, outermost first, with their fields as text.
fn each_span<S>(
    cx: &FmtContext<'_, S, Fields>,
    mut tell: impl FnMut(&str, &str) -> fmt::Result,
) -> fmt::Result
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let Some(scope) = cx.event_scope() else {
        return Ok(());
    };
    for span in scope.from_root() {
        let extensions = span.extensions();
        let fields = extensions.get::<FormattedFields<Fields>>();
        tell(
            span.name(),
            fields.map_or("", |fields| fields.fields.as_str()),
        )?;
    }
    Ok(())
}

fn colour(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\x1b[31m",
        Level::WARN => "\x1b[33m",
        Level::INFO => "\x1b[32m",
        Level::DEBUG => "\x1b[34m",
        Level::TRACE => "\x1b[35m",
    }
}
