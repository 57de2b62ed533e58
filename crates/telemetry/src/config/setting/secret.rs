//! Values that nobody may see.

use std::{fmt, hint::black_box, mem};

use super::Setting;
use crate::config::{Node, Reader, Shape, shown::REDACTED};

/// A password, a token, a key: prints as `[redacted]`, never shows in errors
/// and explanations, and is wiped from memory when dropped.
///
/// ```
/// use purlin_telemetry::config::Secret;
///
/// let secret = Secret::from("hunter2".to_owned());
/// assert_eq!(format!("{secret} {secret:?}"), "[redacted] [redacted]");
/// assert_eq!(secret.reveal(), "hunter2");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<T: Wipe = String>(T);

/// What can be wiped from memory.
pub trait Wipe {
    /// Overwrites the value.
    fn wipe(&mut self);
}

impl Wipe for String {
    fn wipe(&mut self) {
        mem::take(self).into_bytes().wipe();
    }
}

impl Wipe for Vec<u8> {
    fn wipe(&mut self) {
        self.fill(0);
        // Nobody reads it any more: without this the zeros might not be written.
        black_box(&self[..]);
    }
}

impl<const N: usize> Wipe for [u8; N] {
    fn wipe(&mut self) {
        self.fill(0);
        black_box(&self[..]);
    }
}

impl<T: Wipe> Secret<T> {
    /// The value itself; for the one place that needs it.
    pub fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T: Wipe> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: Wipe> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.wipe();
    }
}

impl<T: Wipe> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl<T: Wipe> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl<T: Setting + Wipe> Setting for Secret<T> {
    fn shape() -> Shape {
        T::shape()
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        reader.in_secret(|reader| T::read(node, reader)).map(Self)
    }

    fn show(&self) -> String {
        REDACTED.to_owned()
    }
}

/// A key of 32 bytes, written in hexadecimal (64 digits).
impl Setting for [u8; 32] {
    fn shape() -> Shape {
        Shape::text("32 bytes in hexadecimal, as `openssl rand -hex 32` makes them")
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        reader.parse(node, &Self::shape(), |text| {
            let mut bytes = [0; 32];
            if text.len() != 64 || !text.is_ascii() {
                return None;
            }
            for (at, byte) in bytes.iter_mut().enumerate() {
                *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
            }
            Some(bytes)
        })
    }

    fn show(&self) -> String {
        self.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
