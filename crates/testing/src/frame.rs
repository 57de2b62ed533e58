//! One message, with what has to be known to judge it.

use std::collections::HashMap;
use std::fmt;

use purlin_client::{Direction, Revision};
use serde_json::Value;

/// A message that was sent or received.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Frame {
    /// Which way it went.
    pub direction: Direction,
    /// What it is.
    pub kind: FrameKind,
    /// The method asked for; for answers, the method that they answer. Empty if unknown.
    pub method: String,
    /// The revision that is spoken.
    pub revision: Revision,
    /// The message.
    pub message: Value,
    /// The message, byte for byte.
    pub text: String,
}

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FrameKind {
    /// It asks for an answer.
    Request,
    /// It asks for none.
    Notification,
    /// It answers with a result.
    Result,
    /// It answers with an error.
    Error,
    /// It is no JSON-RPC message, or a batch.
    Other,
}

/// One line: direction, kind, method, and what it says. What each request of the stateless era
/// repeats is left out.
impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.direction {
            Direction::Sent => "->",
            Direction::Received => "<-",
        })?;
        if let Some(id) = self.message.get("id") {
            write!(f, " [{id}]")?;
        }
        let member = match self.kind {
            FrameKind::Request | FrameKind::Notification => "params",
            FrameKind::Result => "result",
            FrameKind::Error => "error",
            FrameKind::Other => return write!(f, " {}", self.text),
        };
        match self.kind {
            FrameKind::Result | FrameKind::Error => write!(f, " {member} of {}", self.method)?,
            _ => write!(f, " {}", self.method)?,
        }
        match self.message.get(member).map(without_repetition) {
            Some(body) => write!(f, " {body}"),
            None => Ok(()),
        }
    }
}

fn without_repetition(body: &Value) -> Value {
    let mut body = body.clone();
    let Some(meta) = body.get_mut("_meta").and_then(Value::as_object_mut) else {
        return body;
    };
    for repeated in [
        "protocolVersion",
        "clientInfo",
        "clientCapabilities",
        "serverInfo",
    ] {
        meta.remove(&format!("io.modelcontextprotocol/{repeated}"));
    }
    if meta.is_empty()
        && let Some(members) = body.as_object_mut()
    {
        members.remove("_meta");
    }
    body
}

/// Reads frames in order and pairs answers with what they answer.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    asked: HashMap<(Direction, String), String>,
    revision: Option<Revision>,
}

impl Reader {
    pub(crate) fn read(&mut self, direction: Direction, bytes: &[u8]) -> Frame {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let message: Value = serde_json::from_slice(bytes).unwrap_or_default();
        let id = message.get("id").map(ToString::to_string);
        let asked = message
            .get("method")
            .and_then(Value::as_str)
            .map(str::to_owned);
        let kind = match (&asked, &id) {
            (Some(_), Some(_)) => FrameKind::Request,
            (Some(_), None) => FrameKind::Notification,
            _ if message.get("result").is_some() => FrameKind::Result,
            _ if message.get("error").is_some() => FrameKind::Error,
            _ => FrameKind::Other,
        };
        let method = match asked {
            Some(method) => method,
            None => id
                .clone()
                .and_then(|id| self.asked.remove(&(opposite(direction), id)))
                .unwrap_or_default(),
        };
        if let (FrameKind::Request, Some(id)) = (kind, id) {
            self.asked.insert((direction, id), method.clone());
        }
        let revision = self.revision(&message);
        Frame {
            direction,
            kind,
            method,
            revision,
            message,
            text,
        }
    }

    /// The revision, as the latest message that names one names it.
    fn revision(&mut self, message: &Value) -> Revision {
        let stated = message
            .pointer("/params/_meta/io.modelcontextprotocol~1protocolVersion")
            .or_else(|| message.pointer("/params/protocolVersion"))
            .or_else(|| message.pointer("/result/protocolVersion"));
        let stated = stated
            .and_then(Value::as_str)
            .and_then(|version| version.parse().ok());
        self.revision = stated.or(self.revision);
        self.revision.unwrap_or(Revision::LATEST)
    }
}

fn opposite(direction: Direction) -> Direction {
    match direction {
        Direction::Sent => Direction::Received,
        Direction::Received => Direction::Sent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_paired_with_their_question_in_either_direction() {
        let mut reader = Reader::default();
        let mut read = |direction, text: &str| reader.read(direction, text.as_bytes()).to_string();
        let meta = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}"#;
        let call = format!(r#"{{"id":1,"method":"tools/call","params":{{"name":"t",{meta}}}}}"#);
        assert_eq!(
            read(Direction::Sent, &call),
            r#"-> [1] tools/call {"name":"t"}"#
        );
        assert_eq!(
            read(Direction::Received, r#"{"id":1,"method":"ping"}"#),
            "<- [1] ping"
        );
        assert_eq!(
            read(Direction::Received, r#"{"id":1,"result":{"content":[]}}"#),
            r#"<- [1] result of tools/call {"content":[]}"#
        );
        assert_eq!(
            read(Direction::Sent, r#"{"id":1,"result":{}}"#),
            "-> [1] result of ping {}"
        );
        assert_eq!(read(Direction::Sent, "nonsense"), "-> nonsense");
    }

    #[test]
    fn the_revision_is_the_latest_one_named() {
        let mut reader = Reader::default();
        let mut read = |text: &str| reader.read(Direction::Sent, text.as_bytes()).revision;
        let hello = r#"{"id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}"#;
        assert_eq!(read(hello), Revision::V2025_11_25);
        assert_eq!(
            read(r#"{"id":1,"result":{"protocolVersion":"2024-11-05"}}"#),
            Revision::V2024_11_05
        );
        assert_eq!(
            read(r#"{"method":"notifications/initialized"}"#),
            Revision::V2024_11_05
        );
    }
}
