//! The fields of events and spans.

use std::fmt::{self, Debug, Write};

use tracing::{
    field::{Field, Visit},
    span,
};
use tracing_subscriber::{
    field::RecordFields,
    fmt::{FormatFields, FormattedFields, format::Writer},
};

use super::escape::{self, MAX_MESSAGE, MAX_VALUE};

/// Writes the fields of spans: `a=1 b=two`, or the members of a JSON object
/// without its braces.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    pub(super) json: bool,
}

impl<'w> FormatFields<'w> for Fields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'w>, fields: R) -> fmt::Result {
        let mut writer = writer;
        let mut visitor = Visitor::new(self.json);
        fields.record(&mut visitor);
        writer.write_str(&visitor.fields)
    }

    fn add_fields(
        &self,
        current: &'w mut FormattedFields<Self>,
        fields: &span::Record<'_>,
    ) -> fmt::Result {
        let mut visitor = Visitor::new(self.json);
        fields.record(&mut visitor);
        if !current.fields.is_empty() && !visitor.fields.is_empty() {
            current.fields.push(if self.json { ',' } else { ' ' });
        }
        current.fields.push_str(&visitor.fields);
        Ok(())
    }
}

/// Gathers fields as text; the message apart.
pub(super) struct Visitor {
    json: bool,
    pub(super) message: String,
    pub(super) fields: String,
}

impl Visitor {
    pub(super) fn new(json: bool) -> Self {
        Self {
            json,
            message: String::new(),
            fields: String::new(),
        }
    }

    /// The name of the next field.
    fn name(&mut self, name: &str) {
        let separator = if self.json { ',' } else { ' ' };
        if !self.fields.is_empty() {
            self.fields.push(separator);
        }
        if self.json {
            // Names are part of the program.
            self.fields.extend(["\"", name, "\":"]);
        } else {
            self.fields.extend([name, "="]);
        }
    }

    /// A number or a truth value.
    fn plain(&mut self, field: &Field, value: impl fmt::Display) {
        self.name(field.name());
        // Writing into a text does not fail.
        let _ = write!(self.fields, "{value}");
    }

    fn text(&mut self, field: &Field, text: &str) {
        if field.name() == "message" {
            self.message.push_str(text);
            return;
        }
        self.name(field.name());
        let _ = if self.json {
            escape::json(&mut self.fields, text, MAX_VALUE)
        } else {
            escape::human(&mut self.fields, text, MAX_VALUE)
        };
    }

    /// The message, escaped.
    pub(super) fn write_message(&self, out: &mut dyn Write) -> fmt::Result {
        if self.json {
            escape::json(out, &self.message, MAX_MESSAGE)
        } else {
            escape::human(out, &self.message, MAX_MESSAGE)
        }
    }
}

impl Visit for Visitor {
    fn record_f64(&mut self, field: &Field, value: f64) {
        if value.is_finite() || !self.json {
            self.plain(field, value);
        } else {
            self.text(field, &value.to_string());
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.plain(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.plain(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.plain(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.text(field, &format!("{value:?}"));
    }
}
