//! The words of a refusal, put together in a constant.

use super::table::Name;

/// A panic message put together without an allocation.
pub(crate) struct Message {
    bytes: [u8; Message::MAX],
    len: usize,
}

impl Message {
    const MAX: usize = 1024;

    pub(crate) const fn new() -> Self {
        Self {
            bytes: [0; Self::MAX],
            len: 0,
        }
    }

    pub(crate) const fn text(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        let mut index = 0;
        while index < text.len() {
            self.byte(text[index]);
            index += 1;
        }
        self
    }

    pub(super) const fn name(mut self, name: &Name<'_>) -> Self {
        let mut index = 0;
        while index < name.len() {
            self.byte(name.byte(index));
            index += 1;
        }
        self
    }

    pub(crate) const fn number(mut self, number: usize) -> Self {
        if number >= 10 {
            self = self.number(number / 10);
        }
        self.byte(b'0' + (number % 10) as u8);
        self
    }

    const fn byte(&mut self, byte: u8) {
        if self.len < Self::MAX {
            self.bytes[self.len] = byte;
            self.len += 1;
        }
    }

    #[track_caller]
    pub(crate) const fn panic(&self) -> ! {
        let (bytes, _) = self.bytes.split_at(self.len);
        match core::str::from_utf8(bytes) {
            Ok(message) => panic!("{}", message),
            Err(_) => panic!("two components of this server have one name"),
        }
    }
}
