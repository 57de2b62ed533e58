//! Raw lines over stdio, and how the processes end.

mod conversation;

use std::process::ExitStatus;
use std::time::Duration;

use crate::failure::Result;

use super::cells::{Cells, Verdict, expect};
use super::example::Example;

use self::conversation::Conversation;

/// How long a server may take to answer, or to end once asked.
const LIMIT: Duration = Duration::from_secs(5);

pub(super) fn drive(example: &Example, cells: &mut Cells) -> Result<()> {
    for era in ["legacy", "modern"] {
        cells.group(format!("raw lines {era}, {} over stdio", example.name));
        let mut conversation = Conversation::start(example)?;
        for (name, line, answer) in script(example, era) {
            cells.add(name, conversation.say(line, answer));
        }
        cells.add(
            "every line on stdout is one JSON-RPC message",
            conversation.purity(),
        );
        cells.add(
            "end of input ends it with exit code 0",
            ended(conversation.close()?),
        );
    }
    cells.group(format!("signals, {}", example.name));
    let conversation = Conversation::start(example)?;
    cells.add(
        "SIGTERM ends stdio with exit code 0",
        ended(conversation.terminate()?),
    );
    let server = example.serve()?.into_server();
    cells.add(
        "SIGTERM ends http with exit code 0",
        ended(server.terminate(LIMIT)?),
    );
    Ok(())
}

/// What to say, and a text that one of the lines up to the answer must hold.
type Line = (&'static str, &'static str, &'static str);

fn script(example: &Example, era: &str) -> Vec<Line> {
    let mut script = match era {
        "legacy" => LEGACY.to_vec(),
        _ => MODERN.to_vec(),
    };
    if example.name == "quickstart" {
        script.extend(match era {
            "legacy" => LEGACY_QUICKSTART.to_vec(),
            _ => MODERN_QUICKSTART.to_vec(),
        });
    }
    script
}

const LEGACY: [Line; 4] = [
    (
        "initialize is answered",
        r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"raw","version":"1"}}}"#,
        r#""protocolVersion":"2025-11-25""#,
    ),
    (
        "a ping after initialized is answered",
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}",
        r#""result""#,
    ),
    (
        "tools/list is answered",
        r#"{"jsonrpc":"2.0","id":"three","method":"tools/list"}"#,
        r#""tools""#,
    ),
    (
        "a line that is not JSON gets a parse error",
        "{oops",
        "-32700",
    ),
];

const MODERN: [Line; 3] = [
    (
        "server/discover is answered",
        r#"{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"#,
        r#""2026-07-28""#,
    ),
    (
        "tools/list is answered",
        r#"{"jsonrpc":"2.0","id":"two","method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"#,
        r#""tools""#,
    ),
    (
        "a line that is not JSON gets a parse error",
        "{oops",
        "-32700",
    ),
];

const LEGACY_QUICKSTART: [Line; 4] = [
    (
        "add returns the sum",
        r#"{"jsonrpc":"2.0","id":11,"method":"tools/call","params":{"name":"add","arguments":{"a":19,"b":23}}}"#,
        "42",
    ),
    (
        "logging/setLevel is answered",
        r#"{"jsonrpc":"2.0","id":12,"method":"logging/setLevel","params":{"level":"debug"}}"#,
        r#""result":{}"#,
    ),
    (
        "slow reports progress",
        r#"{"jsonrpc":"2.0","id":13,"method":"tools/call","params":{"name":"slow","arguments":{"n":2},"_meta":{"progressToken":"p"}}}"#,
        "notifications/progress",
    ),
    (
        "boom is an error result",
        r#"{"jsonrpc":"2.0","id":14,"method":"tools/call","params":{"name":"boom"}}"#,
        r#""isError":true"#,
    ),
];

const MODERN_QUICKSTART: [Line; 3] = [
    (
        "add returns the sum",
        r#"{"jsonrpc":"2.0","id":11,"method":"tools/call","params":{"name":"add","arguments":{"a":19,"b":23},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"#,
        "42",
    ),
    (
        "slow logs what was asked for",
        r#"{"jsonrpc":"2.0","id":12,"method":"tools/call","params":{"name":"slow","arguments":{"n":2},"_meta":{"progressToken":7,"io.modelcontextprotocol/logLevel":"debug","io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"#,
        "notifications/message",
    ),
    (
        "boom is an error result",
        r#"{"jsonrpc":"2.0","id":13,"method":"tools/call","params":{"name":"boom","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"#,
        r#""isError":true"#,
    ),
];

fn ended(status: Option<ExitStatus>) -> Verdict {
    let Some(status) = status else {
        return Err(format!("still running after {LIMIT:?}"));
    };
    expect(status.success(), || status.to_string())
}
