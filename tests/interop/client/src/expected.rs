//! What the servers have and answer.

use purlin_client::protocol::{CompleteParams, Reference};
use serde_json::{Value, json};

use crate::questions::{self, Questions};

/// A server, and how to use everything it has.
pub(crate) struct Expected {
    /// Whether it knows the stateless era besides sessions.
    stateless: bool,
    /// Its tools, some of them at least.
    pub(crate) tools: &'static [&'static str],
    /// A call, and its structured content.
    pub(crate) structured: (Call, Value),
    /// A call that fails.
    pub(crate) failing: Call,
    /// A call that reports three steps.
    pub(crate) progress: Option<Call>,
    /// A listed resource, and a text in it.
    pub(crate) resource: Option<(&'static str, &'static str)>,
    /// A template, a URI that fits it, and a text there.
    pub(crate) template: Option<(&'static str, &'static str, &'static str)>,
    /// A prompt with arguments, and a text in it.
    pub(crate) prompt: Option<(Call, &'static str)>,
    /// A question, and all its answers.
    pub(crate) completion: Option<(CompleteParams, &'static [&'static str])>,
    /// What it asks and announces.
    pub(crate) questions: Option<Questions>,
}

/// A name and arguments.
pub(crate) struct Call(pub(crate) &'static str, pub(crate) Value);

impl Expected {
    pub(crate) fn of(server: &str) -> Option<Self> {
        match server {
            "yard" => Some(yard()),
            "everything" => Some(everything()),
            "filesystem" => Some(filesystem()),
            _ => None,
        }
    }

    pub(crate) fn speaks(&self, era: &str) -> bool {
        self.stateless || era != "stateless"
    }

    /// The revision that is agreed on.
    pub(crate) fn revision<'a>(&self, era: &'a str) -> &'a str {
        if !matches!(era, "auto" | "stateless" | "session") {
            return era;
        }
        if self.stateless && era != "session" {
            return "2026-07-28";
        }
        "2025-11-25"
    }
}

/// `python/server.py` and `ts/server.mjs`.
fn yard() -> Expected {
    let order = Reference::prompt("order");
    Expected {
        stateless: true,
        tools: &["weigh", "saw", "spoil"],
        structured: (
            Call("weigh", json!({"pieces": [2, 3]})),
            json!({"count": 2, "grams": 5}),
        ),
        failing: Call("spoil", json!({})),
        progress: Some(Call("saw", json!({"n": 3}))),
        resource: Some(("yard://stock", "12 purlins")),
        template: Some(("yard://beams/{name}", "yard://beams/oak", "a beam of oak")),
        prompt: Some((Call("order", json!({"wood": "oak"})), "Order some oak.")),
        completion: Some((CompleteParams::new(order, "wood", "o"), &["oak", "olive"])),
        questions: None,
    }
}

/// `@modelcontextprotocol/server-everything`.
fn everything() -> Expected {
    let team = Reference::prompt("completable-prompt");
    Expected {
        stateless: false,
        tools: &["echo", "get-sum", "get-structured-content"],
        structured: (
            Call("get-structured-content", json!({"location": "New York"})),
            json!({"temperature": 33, "conditions": "Cloudy", "humidity": 82}),
        ),
        failing: Call("get-sum", json!({"a": "many", "b": 23})),
        progress: Some(Call(
            "trigger-long-running-operation",
            json!({"duration": 0.3, "steps": 3}),
        )),
        resource: Some((
            "demo://resource/static/document/architecture.md",
            "# Everything Server",
        )),
        template: Some((
            "demo://resource/dynamic/text/{resourceId}",
            "demo://resource/dynamic/text/1",
            "Resource 1",
        )),
        prompt: Some((Call("args-prompt", json!({"city": "Paris"})), "Paris")),
        completion: Some((
            CompleteParams::new(team, "name", "A").with_known("department", "Engineering"),
            &["Alice"],
        )),
        questions: Some(questions::everything()),
    }
}

/// `@modelcontextprotocol/server-filesystem`, on the directory of the tests.
fn filesystem() -> Expected {
    Expected {
        stateless: false,
        tools: &["read_text_file", "list_directory"],
        structured: (
            Call("read_text_file", json!({"path": "README.md", "head": 1})),
            json!({"content": "# Interoperation"}),
        ),
        failing: Call("read_text_file", json!({"path": "no-such-file"})),
        progress: None,
        resource: None,
        template: None,
        prompt: None,
        completion: None,
        questions: None,
    }
}
