use serde_json::{Value, json};
use tracing::Level;

use super::Logging;
use crate::fixture::{Wire, Written, server};

/// Calls a tool behind this logging, and gives what was written meanwhile.
async fn lines(logging: Logging, tool: &str, arguments: Value) -> Vec<String> {
    let written = Written::default();
    let sink = written.clone();
    let logging = logging.to(move |level, line| sink.push(format!("{level} {line}")));
    let wire = Wire::to(&server().middleware(logging)).await;
    wire.call(tool, arguments).await;
    written.take()
}

/// The line without the time it tells.
fn timeless(line: &str) -> String {
    let Some((before, after)) = line.split_once("duration_ms=") else {
        return line.to_owned();
    };
    let end = after.find(' ').unwrap_or(after.len());
    let millis = &after[..end];
    assert_eq!(millis.split_once('.').unwrap().1.len(), 2, "{line}");
    format!("{before}duration_ms=…{}", &after[end..])
}

#[tokio::test]
async fn a_request_is_two_lines() {
    let lines = lines(Logging::human(), "echo", json!({ "city": "Paris" })).await;
    assert_eq!(
        lines.iter().map(|line| timeless(line)).collect::<Vec<_>>(),
        [
            "INFO event=request_start method=tools/call target=echo source=client",
            "INFO event=request_success method=tools/call target=echo duration_ms=…",
        ]
    );
}

#[tokio::test]
async fn a_failure_names_its_kind_and_is_a_warning() {
    let lines = lines(Logging::human(), "fail", json!({})).await;
    assert_eq!(
        timeless(&lines[1]),
        "WARN event=request_error method=tools/call target=fail duration_ms=… kind=Tool \
         error=\"sold out\\nCode: sold_out\""
    );
}

#[tokio::test]
async fn json_lines_have_the_same_fields() {
    let logging = Logging::json().level(Level::DEBUG);
    let lines = lines(logging, "echo", json!({})).await;
    let line: Value = serde_json::from_str(lines[1].strip_prefix("DEBUG ").unwrap()).unwrap();
    assert_eq!(line["event"], "request_success");
    assert_eq!(line["method"], "tools/call");
    assert_eq!(line["target"], "echo");
    assert!(line["duration_ms"].is_number());
}

#[tokio::test]
async fn payloads_are_off_unless_asked_for() {
    let arguments = json!({ "canary": "c4n4ry", "password": "hunter2" });
    for logging in [
        Logging::human(),
        Logging::json().payload_sizes(true).estimate_tokens(true),
    ] {
        let lines = lines(logging, "echo", arguments.clone()).await.concat();
        assert!(
            !lines.contains("c4n4ry") && !lines.contains("hunter2"),
            "{lines}"
        );
    }
}

#[tokio::test]
async fn payloads_are_redacted_and_cut() {
    let arguments = json!({ "user": { "PassWord": "hunter2" }, "city": "x".repeat(500) });
    let logging = Logging::json().payloads(true).max_payload(100);
    let lines = lines(logging, "echo", arguments).await;
    assert_eq!(lines.len(), 2);
    for line in lines {
        assert!(
            line.contains("payload") && !line.contains("hunter2"),
            "{line}"
        );
        assert!(line.len() < 400, "{line}");
    }
}

#[tokio::test]
async fn sizes_and_tokens_are_told() {
    let logging = Logging::human().payload_sizes(true).estimate_tokens(true);
    let lines = lines(logging, "echo", json!({ "a": "0123456789" })).await;
    for line in lines {
        assert!(
            line.ends_with("payload_length=18 payload_tokens=4"),
            "{line}"
        );
    }
}

#[tokio::test]
async fn other_methods_are_left_out() {
    let logging = Logging::human().methods(["tools/list"]);
    assert!(lines(logging, "echo", json!({})).await.is_empty());
}

#[tokio::test]
async fn a_name_cannot_forge_a_line() {
    let lines = lines(Logging::human(), "echo\n\u{1b}[31mevent=forged", json!({})).await;
    for line in lines {
        assert!(!line.contains('\n') && !line.contains('\u{1b}'), "{line}");
        assert!(
            line.contains("target=\"echo\\n\\u001b[31mevent=forged\""),
            "{line}"
        );
    }
}
