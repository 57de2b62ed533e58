//! Event ids: where in which stream of which session a client stopped.

use std::fmt;

/// The id of one event. Opaque to clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EventId {
    /// [`SessionId::tag`](super::SessionId::tag) of the session.
    pub(crate) tag: u32,
    pub(crate) stream: u64,
    pub(crate) event: u64,
}

impl EventId {
    /// Reads what [`Display`](fmt::Display) wrote.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        let mut parts = text.split('-');
        let id = Self {
            tag: u32::try_from(number(parts.next()?)?).ok()?,
            stream: number(parts.next()?)?,
            event: number(parts.next()?)?,
        };
        parts.next().is_none().then_some(id)
    }
}

fn number(text: &str) -> Option<u64> {
    // `from_str_radix` would take a sign.
    let digits = text.bytes().all(|b| b.is_ascii_hexdigit());
    digits.then(|| u64::from_str_radix(text, 16).ok()).flatten()
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{:x}-{:x}", self.tag, self.stream, self.event)
    }
}

#[cfg(test)]
mod tests {
    use super::EventId;

    #[test]
    fn ids_come_back() {
        let id = EventId {
            tag: u32::MAX,
            stream: 0,
            event: 300,
        };
        assert_eq!(EventId::parse(id.to_string().as_bytes()), Some(id));
    }

    #[test]
    fn other_text_is_no_id() {
        for text in [
            "",
            "1",
            "1-2",
            "1-2-3-4",
            "1-2-+3",
            "1--3",
            "x-2-3",
            "100000000-1-1",
        ] {
            assert_eq!(EventId::parse(text.as_bytes()), None, "{text}");
        }
    }
}
