use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn line(form: Form, name: &str) -> String {
    let mut line = Line::new(form, "request_start");
    line.text(("target", name));
    line.number("bytes", 12);
    line.millis("duration_ms", Duration::from_micros(1_234));
    line.finish().to_owned()
}

#[test]
fn both_forms_name_the_same_fields() {
    assert_eq!(
        line(Form::Human, "add"),
        "event=request_start target=add bytes=12 duration_ms=1.23"
    );
    assert_eq!(
        line(Form::Json, "add"),
        r#"{"event":"request_start","target":"add","bytes":12,"duration_ms":1.23}"#
    );
}

#[test]
fn the_next_line_has_the_fields_that_stay() {
    for (form, lines) in [
        (Form::Human, ["event=a of=1 by=me", "event=bc of=1 size=2"]),
        (
            Form::Json,
            [
                r#"{"event":"a","of":"1","by":"me"}"#,
                r#"{"event":"bc","of":"1","size":2}"#,
            ],
        ),
    ] {
        let mut line = Line::new(form, "a");
        line.text(("of", "1"));
        line.keep();
        line.word(("by", "me"));
        assert_eq!(line.finish(), lines[0]);
        line.next("bc");
        line.number("size", 2);
        assert_eq!(line.finish(), lines[1]);
    }
}

#[test]
fn a_text_cannot_forge_a_field_or_a_line() {
    assert_eq!(
        line(Form::Human, "a event=x\n\u{1b}[2J\u{202e}"),
        "event=request_start target=\"a event=x\\n\\u001b[2J\\u202e\" bytes=12 duration_ms=1.23"
    );
}

#[test]
fn milliseconds_have_two_decimals() {
    let text = |nanos| {
        let mut text = String::new();
        push_millis(&mut text, Duration::from_nanos(nanos));
        text
    };
    assert_eq!(text(0), "0.00");
    assert_eq!(text(4_999), "0.00");
    assert_eq!(text(5_000), "0.01");
    assert_eq!(text(999_996_000), "1000.00");
    assert_eq!(text(60_070_000_000), "60070.00");
    assert_eq!(text(60_123_450_000), "60123.45");
}

#[test]
fn a_long_text_is_cut() {
    let line = line(Form::Human, &"ä".repeat(MAX_TEXT + 1));
    assert!(
        line.contains(&format!("{}…", "ä".repeat(MAX_TEXT))),
        "{line}"
    );
}

proptest! {
    #[test]
    fn every_text_makes_one_line(text in any::<String>()) {
        for form in [Form::Human, Form::Json] {
            let line = line(form, &text);
            prop_assert!(!line.chars().any(is_hidden), "{line}");
        }
        let (kept, _) = cut(&text, MAX_TEXT);
        let parsed: Value = serde_json::from_str(&line(Form::Json, kept)).unwrap();
        prop_assert_eq!(parsed["target"].as_str(), Some(kept));
    }
}
