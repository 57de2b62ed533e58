//! Session ids: 128 random bits as visible ASCII.

use std::fmt;

/// The id of one session. It names the session and proves nothing: the
/// principal is checked on every request.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SessionId(u128);

impl SessionId {
    /// A fresh id from the operating system's generator.
    ///
    /// # Errors
    /// When that generator fails.
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        Ok(Self(u128::from_ne_bytes(bytes)))
    }

    /// Reads what [`Display`](fmt::Display) wrote, and nothing else.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        if text.len() != 32 {
            return None;
        }
        let mut value = 0;
        for &byte in text {
            let digit = match byte {
                b'0'..=b'9' => byte - b'0',
                b'a'..=b'f' => byte - b'a' + 10,
                _ => return None,
            };
            value = value << 4 | u128::from(digit);
        }
        Some(Self(value))
    }

    /// A few bits that tell the event ids of one session from those of
    /// another without telling the session's id.
    pub(crate) fn tag(self) -> u32 {
        // FNV-1a: enough to notice a mix-up; not a secret.
        self.0
            .to_le_bytes()
            .iter()
            .fold(0x811c_9dc5, |hash: u32, &byte| {
                (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
            })
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// Session ids open sessions of callers without credentials, so they stay out
/// of logs.
impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::SessionId;

    #[test]
    fn ids_are_visible_ascii_and_come_back() {
        let id = SessionId::random().unwrap();
        let text = id.to_string();
        assert!(text.bytes().all(|b| (0x21..=0x7e).contains(&b)));
        assert_eq!(SessionId::parse(text.as_bytes()), Some(id));
        assert_ne!(SessionId::random().unwrap(), id);
    }

    #[test]
    fn only_the_canonical_text_is_an_id() {
        let upper = "0123456789ABCDEF0123456789ABCDEF";
        for text in [
            "",
            "abc",
            upper,
            "0123456789abcdef0123456789abcdeg",
            &"0".repeat(33),
        ] {
            assert_eq!(SessionId::parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn debug_does_not_tell_the_id() {
        let id = SessionId::random().unwrap();
        assert!(!format!("{id:?}").contains(&id.to_string()));
    }
}
