use std::{
    io,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use tracing::Dispatch;
use tracing_subscriber::{fmt::MakeWriter, layer::SubscriberExt};

use super::*;

/// What has been written, write by write.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<String>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        self.0.lock().unwrap().push(text);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Written {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// The lines that are written while `say` runs.
fn lines(json: bool, say: impl FnOnce()) -> Vec<String> {
    let written = Written::default();
    let line = Line {
        json,
        colours: false,
    };
    let layer = fmt::layer()
        .fmt_fields(Fields { json })
        .event_format(line)
        .with_writer(written.clone());
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::dispatcher::with_default(&Dispatch::new(subscriber), say);
    Arc::into_inner(written.0).unwrap().into_inner().unwrap()
}

fn say_everything() {
    let span = tracing::info_span!("outer", customer = "a\"b", late = tracing::field::Empty);
    span.record("late", 3);
    let _entered = span.enter();
    let inner = tracing::info_span!("inner").entered();
    tracing::warn!(count = 1, share = 0.5, nan = f64::NAN, ok = true, name = %"x", "hello");
    drop(inner);
    tracing::error!(target: "elsewhere", evil = "a\r\nb\u{1b}[31m\u{9b}\u{2028}\u{202e}", "say \"{}\"", "\n");
    tracing::info!(long = "y".repeat(500).as_str());
}

/// What every line has to be.
fn schema() -> Value {
    let fields = json!({
        "type": "object",
        "additionalProperties": { "type": ["string", "number", "boolean"] },
    });
    json!({
        "type": "object",
        "required": ["timestamp", "level", "target", "message", "fields", "spans"],
        "additionalProperties": false,
        "properties": {
            "timestamp": { "type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$" },
            "level": { "enum": ["ERROR", "WARN", "INFO", "DEBUG", "TRACE"] },
            "target": { "type": "string", "minLength": 1 },
            "message": { "type": "string", "maxLength": 2001 },
            "fields": fields,
            "spans": { "type": "array", "items": {
                "type": "object",
                "required": ["name", "fields"],
                "additionalProperties": false,
                "properties": { "name": { "type": "string" }, "fields": fields },
            } },
            "traceId": { "type": "string", "pattern": "^[0-9a-f]{32}$" },
            "spanId": { "type": "string", "pattern": "^[0-9a-f]{16}$" },
        },
    })
}

#[test]
fn each_line_of_json_fits_its_schema() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let lines = lines(true, say_everything);
    assert_eq!(lines.len(), 3);
    for line in &lines {
        assert_eq!(line.matches('\n').count(), 1, "{line:?}");
        let value: Value = serde_json::from_str(line).unwrap();
        let mistakes: Vec<_> = validator
            .iter_errors(&value)
            .map(|e| e.to_string())
            .collect();
        assert!(mistakes.is_empty(), "{line}: {mistakes:?}");
    }
    let first: Value = serde_json::from_str(&lines[0]).unwrap();
    let fields = json!({ "count": 1, "share": 0.5, "nan": "NaN", "ok": true, "name": "x" });
    assert_eq!(first["fields"], fields);
    assert_eq!(first["message"], "hello");
    let outer = json!({ "name": "outer", "fields": { "customer": "a\"b", "late": 3 } });
    assert_eq!(
        first["spans"],
        json!([outer, { "name": "inner", "fields": {} }])
    );
}

#[test]
fn text_from_elsewhere_forges_no_line_and_no_colour() {
    for json in [true, false] {
        for line in lines(json, say_everything) {
            let inside = line.strip_suffix('\n').unwrap();
            assert!(!inside.contains(char::is_control), "{line:?}");
            assert!(!inside.contains(['\u{2028}', '\u{202e}']), "{line:?}");
            assert!(!line.contains(&"y".repeat(201)), "{line:?}");
        }
    }
}

#[test]
fn a_line_for_people_says_where_it_happened() {
    let lines = lines(false, say_everything);
    let first = &lines[0];
    assert!(
        first.ends_with("hello count=1 share=0.5 nan=NaN ok=true name=x in outer{customer=a\"b late=3} in inner\n"),
        "{first}"
    );
    assert!(
        first.contains("  WARN purlin_telemetry::log::tests: "),
        "{first}"
    );
}

#[test]
fn a_line_is_written_in_one_piece() {
    assert_eq!(lines(true, || tracing::warn!("one")).len(), 1);
}
