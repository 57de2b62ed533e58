//! The event stream format (WHATWG HTML, 9.2.6), read piece by piece.

use std::time::Duration;

/// What a stream says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// Something to deliver; an empty text only marks a place to resume at.
    Message { id: Option<String>, data: String },
    /// How long to wait before the stream is asked for again.
    Retry(Duration),
    /// Where to send messages; only revision 2024-11-05 says that.
    Endpoint(String),
}

/// An event that is larger than allowed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLarge;

/// A parser that takes whatever pieces the network gives.
pub(super) struct Parser {
    limit: usize,
    line: Vec<u8>,
    after_return: bool,
    at_start: bool,
    event: Pending,
}

/// The event that is being read.
#[derive(Default)]
struct Pending {
    id: Option<String>,
    kind: String,
    data: Option<String>,
}

impl Parser {
    /// A parser that accepts events up to `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            line: Vec::new(),
            after_return: false,
            at_start: true,
            event: Pending::default(),
        }
    }

    /// Takes the next piece and gives the events that it completes.
    pub(super) fn feed(&mut self, piece: &[u8]) -> Result<Vec<Event>, TooLarge> {
        let mut events = Vec::new();
        for &byte in piece {
            let after_return = std::mem::replace(&mut self.after_return, byte == b'\r');
            match byte {
                b'\n' if after_return => {}
                b'\n' | b'\r' => {
                    let line = std::mem::take(&mut self.line);
                    events.extend(self.end_line(&line));
                }
                _ if self.size() >= self.limit => return Err(TooLarge),
                _ => self.line.push(byte),
            }
        }
        Ok(events)
    }

    fn size(&self) -> usize {
        self.line.len() + self.event.data.as_ref().map_or(0, String::len)
    }

    fn end_line(&mut self, line: &[u8]) -> Option<Event> {
        let line = String::from_utf8_lossy(line);
        let mut line = &*line;
        if std::mem::take(&mut self.at_start) {
            line = line.strip_prefix('\u{feff}').unwrap_or(line);
        }
        if line.is_empty() {
            return std::mem::take(&mut self.event).end();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => self.event.add(value),
            "id" if !value.contains('\0') => self.event.id = Some(value.to_owned()),
            "event" => value.clone_into(&mut self.event.kind),
            "retry" => {
                return value
                    .parse()
                    .ok()
                    .map(|ms| Event::Retry(Duration::from_millis(ms)));
            }
            // Comments keep the connection alive; unknown fields are ignored.
            _ => {}
        }
        None
    }
}

impl Pending {
    fn add(&mut self, line: &str) {
        match &mut self.data {
            Some(data) => {
                data.push('\n');
                data.push_str(line);
            }
            None => self.data = Some(line.to_owned()),
        }
    }

    fn end(self) -> Option<Event> {
        if self.kind == "endpoint" {
            return self.data.map(Event::Endpoint);
        }
        let ours = self.kind.is_empty() || self.kind == "message";
        let says_something = self.data.is_some() || self.id.is_some();
        (ours && says_something).then(|| Event::Message {
            id: self.id,
            data: self.data.unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: Option<&str>, data: &str) -> Event {
        Event::Message {
            id: id.map(str::to_owned),
            data: data.to_owned(),
        }
    }

    /// Reads the stream whole, and again byte by byte.
    fn check(stream: &str, expected: &[Event]) {
        let mut parser = Parser::new(1024);
        assert_eq!(
            parser.feed(stream.as_bytes()).unwrap(),
            expected,
            "{stream:?}"
        );
        let mut parser = Parser::new(1024);
        let events: Vec<_> = stream
            .bytes()
            .flat_map(|byte| parser.feed(&[byte]).unwrap())
            .collect();
        assert_eq!(events, expected, "{stream:?} byte by byte");
    }

    #[test]
    fn events_end_at_empty_lines_of_every_kind() {
        for end in ["\n", "\r\n", "\r"] {
            let stream = format!("data: a{end}{end}data:b{end}data: c{end}{end}");
            check(&stream, &[message(None, "a"), message(None, "b\nc")]);
        }
    }

    #[test]
    fn ids_and_retry_times_are_read() {
        check(
            "id: 7\ndata:\n\nretry: 250\n\n: keep-alive\n\nid: 8\ndata: x\n\n",
            &[
                message(Some("7"), ""),
                Event::Retry(Duration::from_millis(250)),
                message(Some("8"), "x"),
            ],
        );
    }

    #[test]
    fn other_events_and_unfinished_ones_are_ignored() {
        check("event: ping\ndata: x\n\nretry: soon\nother\ndata: y", &[]);
        check("\u{feff}event: message\ndata: x\n\n", &[message(None, "x")]);
    }

    #[test]
    fn the_address_for_messages_is_read() {
        check(
            "event: endpoint\ndata: /messages?s=1\n\n",
            &[Event::Endpoint("/messages?s=1".to_owned())],
        );
    }

    #[test]
    fn an_oversized_event_is_refused() {
        let mut parser = Parser::new(8);
        assert_eq!(parser.feed(b"data: 0123456789"), Err(TooLarge));
    }
}
