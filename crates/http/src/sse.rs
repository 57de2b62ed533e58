//! Server-sent events, as bytes (WHATWG HTML, "Server-sent events").

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use tokio::time::{Instant, Sleep, sleep};

/// The comment that keeps an idle stream open through proxies.
const COMMENT: Bytes = Bytes::from_static(b": keep-alive\n\n");

/// When the next comment of a silent stream is due.
#[derive(Debug)]
pub(crate) struct KeepAlive {
    sleep: Pin<Box<Sleep>>,
    interval: Duration,
}

impl KeepAlive {
    pub(crate) fn new(interval: Duration) -> Self {
        Self {
            sleep: Box::pin(sleep(interval)),
            interval,
        }
    }

    /// Something was sent: the silence starts anew.
    pub(crate) fn restart(&mut self) {
        self.sleep.as_mut().reset(Instant::now() + self.interval);
    }

    /// Ready with a comment when the stream was silent for too long.
    pub(crate) fn poll_due(&mut self, cx: &mut Context<'_>) -> Poll<Bytes> {
        self.sleep.as_mut().poll(cx).map(|()| {
            self.restart();
            COMMENT
        })
    }
}

/// Appends one `message` event that carries a JSON-RPC message.
///
/// JSON may hold line ends between its tokens; each becomes a `data` line of
/// its own, so that no content can end an event or start another field.
pub(crate) fn write_message(out: &mut Vec<u8>, id: Option<&str>, body: &[u8]) {
    write_event(out, "message", id, body);
}

/// Appends one event of any type; `kind` and `id` hold no line ends.
pub(crate) fn write_event(out: &mut Vec<u8>, kind: &str, id: Option<&str>, body: &[u8]) {
    out.reserve(32 + body.len() + id.map_or(0, str::len));
    if let Some(id) = id {
        out.extend_from_slice(b"id: ");
        out.extend_from_slice(id.as_bytes());
        out.push(b'\n');
    }
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(kind.as_bytes());
    out.push(b'\n');
    for line in lines(body) {
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    out.push(b'\n');
}

/// One `message` event of its own.
pub(crate) fn message(id: Option<&str>, body: &[u8]) -> Bytes {
    let mut out = Vec::new();
    write_message(&mut out, id, body);
    out.into()
}

/// The event that opens a resumable stream: it carries nothing but the id to
/// resume from and how long to wait before doing so (2025-11-25, SEP-1699).
pub(crate) fn priming(id: &str, retry: Duration) -> Bytes {
    let millis = retry.as_millis();
    format!("id: {id}\nretry: {millis}\ndata: \n\n").into()
}

/// Splits at CR, LF and CRLF alike, as the reader of an event stream does.
fn lines(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(body);
    std::iter::from_fn(move || {
        let text = rest?;
        // The common case is one long line; `contains` scans it by words.
        if !text.contains(&b'\n') && !text.contains(&b'\r') {
            rest = None;
            return Some(text);
        }
        let end = text.iter().position(|&b| b == b'\n' || b == b'\r')?;
        let after = if text[end..].starts_with(b"\r\n") {
            end + 2
        } else {
            end + 1
        };
        rest = Some(&text[after..]);
        Some(&text[..end])
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{message, priming};

    #[test]
    fn a_message_is_one_event() {
        let plain = message(None, br#"{"a":1}"#);
        assert_eq!(&plain[..], b"event: message\ndata: {\"a\":1}\n\n");
        let named = message(Some("7"), br#"{"a":1}"#);
        assert_eq!(&named[..], b"id: 7\nevent: message\ndata: {\"a\":1}\n\n");
    }

    #[test]
    fn line_ends_in_the_body_never_end_the_event() {
        for body in ["{\n\"a\":1}", "{\r\"a\":1}", "{\r\n\"a\":1}"] {
            let event = message(None, body.as_bytes());
            assert_eq!(
                &event[..],
                b"event: message\ndata: {\ndata: \"a\":1}\n\n",
                "{body:?}"
            );
        }
        let trick = message(None, b"1\n\nevent: evil");
        assert_eq!(
            &trick[..],
            b"event: message\ndata: 1\ndata: \ndata: event: evil\n\n"
        );
        let trailing = message(None, b"1\r");
        assert_eq!(&trailing[..], b"event: message\ndata: 1\ndata: \n\n");
    }

    #[test]
    fn a_stream_opens_with_an_id_and_a_retry_time() {
        let event = priming("s-0", Duration::from_millis(500));
        assert_eq!(&event[..], b"id: s-0\nretry: 500\ndata: \n\n");
    }
}
