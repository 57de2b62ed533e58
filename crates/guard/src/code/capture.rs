//! What is kept of a stream of output.

use bytes::{Bytes, BytesMut};

use super::Output;

/// Keeps the first bytes of a stream, and counts the others.
#[derive(Debug)]
pub(super) struct Capture {
    kept: BytesMut,
    most: usize,
    printed: u64,
}

impl Capture {
    pub(super) fn new(most: usize) -> Self {
        Self {
            kept: BytesMut::new(),
            most,
            printed: 0,
        }
    }

    /// Takes what was printed, and returns as much of it as is kept.
    pub(super) fn take(&mut self, mut printed: Bytes) -> Bytes {
        self.printed += printed.len() as u64;
        printed.truncate(self.most - self.kept.len());
        self.kept.extend_from_slice(&printed);
        printed
    }

    /// How many bytes were printed, kept or not.
    pub(super) fn printed(&self) -> u64 {
        self.printed
    }

    pub(super) fn finish(self) -> Output {
        Output {
            cut: self.printed > self.kept.len() as u64,
            bytes: self.kept.freeze(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_are_kept_and_the_rest_is_counted() {
        let mut capture = Capture::new(5);
        assert_eq!(capture.take(Bytes::from("abc")), "abc");
        assert_eq!(capture.take(Bytes::from("def")), "de");
        assert_eq!(capture.take(Bytes::from("ghi")), "");
        assert_eq!(capture.printed(), 9);
        let output = capture.finish();
        assert_eq!((output.text().as_ref(), output.is_cut()), ("abcde", true));
    }

    #[test]
    fn what_fits_exactly_is_not_cut() {
        let mut capture = Capture::new(3);
        capture.take(Bytes::from("abc"));
        assert!(!capture.finish().is_cut());
    }
}
