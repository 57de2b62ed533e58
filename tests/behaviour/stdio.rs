use std::{
    io::{BufRead, BufReader, Lines, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde_json::{Value, json};

use crate::wire::{MODERN, code, text};

/// A server in a process of its own.
struct Process {
    child: Child,
    input: Option<ChildStdin>,
    output: Lines<BufReader<ChildStdout>>,
}

impl Process {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_stdio-server"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap()).lines();
        Self {
            input: child.stdin.take(),
            child,
            output,
        }
    }

    fn say(&mut self, text: &str) {
        self.input
            .as_mut()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
    }

    fn call(&mut self, id: u32, tool: &str) {
        self.say(&format!("{}\n", call(id, tool)));
    }

    fn hear(&mut self) -> Value {
        serde_json::from_str(&self.output.next().expect("a line").unwrap()).expect("a message")
    }

    /// Closes the input; what is still said, and whether the process was
    /// content with its end.
    fn end(mut self) -> (Vec<Value>, bool) {
        drop(self.input.take());
        let rest = self
            .output
            .map(|line| serde_json::from_str(&line.unwrap()).expect("a message"))
            .collect();
        (rest, self.child.wait().unwrap().success())
    }
}

fn call(id: u32, tool: &str) -> Value {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let params = json!({ "name": tool, "_meta": meta });
    json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params })
}

#[test]
fn what_is_in_flight_at_the_end_of_the_input_is_answered() {
    let mut server = Process::start();
    server.call(1, "quick");
    assert_eq!(text(&server.hear()), "quick");
    server.call(2, "slow");
    server.call(3, "slow");
    let (rest, content) = server.end();
    let mut ids: Vec<_> = rest.iter().map(|answer| answer["id"].as_u64()).collect();
    ids.sort();
    assert_eq!(ids, [Some(2), Some(3)]);
    assert!(content);
}

#[test]
fn the_last_line_needs_no_end() {
    let mut server = Process::start();
    server.say(&call(1, "quick").to_string());
    let (rest, content) = server.end();
    assert_eq!(rest.len(), 1);
    assert_eq!(text(&rest[0]), "quick");
    assert!(content);
}

#[test]
fn what_a_tool_prints_is_no_message() {
    let mut server = Process::start();
    server.call(1, "print");
    server.call(2, "quick");
    assert_eq!(text(&server.hear()), "printed");
    assert_eq!(text(&server.hear()), "quick");
    assert_eq!(server.end(), (Vec::new(), true));
}

#[test]
fn lines_may_be_empty_broken_or_split() {
    let mut server = Process::start();
    server.say("\n\r\n  \n{broken\n");
    assert_eq!(code(&server.hear()), -32700);
    let whole = format!("{}\r\n", call(1, "quick"));
    let (head, tail) = whole.split_at(20);
    server.say(head);
    server.say(tail);
    assert_eq!(text(&server.hear()), "quick");
    assert_eq!(server.end(), (Vec::new(), true));
}

#[test]
fn a_cancelled_call_does_not_keep_the_server_from_ending() {
    let mut server = Process::start();
    server.call(1, "hang");
    let cancel = json!({
        "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": 1 },
    });
    server.say(&format!("{cancel}\n"));
    server.call(2, "quick");
    assert_eq!(server.hear()["id"], 2);
    assert_eq!(server.end(), (Vec::new(), true));
}

#[test]
fn middleware_decides_who_gets_a_session() {
    let initialize = |id: u32, client: &str| {
        let params = json!({
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": { "name": client, "version": "1.0.0" },
        });
        json!({ "jsonrpc": "2.0", "id": id, "method": "initialize", "params": params })
    };
    let mut server = Process::start();
    server.say(&format!("{}\n", initialize(1, "bad")));
    assert_eq!(server.hear()["error"]["message"], "not you");
    server.say(&format!("{}\n", initialize(2, "good")));
    assert_eq!(server.hear()["result"]["protocolVersion"], "2025-11-25");
    let list = json!({ "jsonrpc": "2.0", "id": 3, "method": "tools/list" });
    server.say(&format!("{list}\n"));
    assert_eq!(server.hear()["result"]["tools"][0]["name"], "quick");
    assert_eq!(server.end(), (Vec::new(), true));
}
