//! Input cut into lines.

use crate::transport::MAX_MESSAGE;

/// One line of input.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    Text(Vec<u8>),
    /// It was skipped, not kept.
    TooLong,
}

/// Cuts input into lines, however it arrives.
#[derive(Debug, Default)]
pub(super) struct Lines {
    partial: Vec<u8>,
    skipping: bool,
}

impl Lines {
    pub(super) fn feed(&mut self, mut bytes: &[u8], each: &mut dyn FnMut(Line)) {
        while let Some(end) = memchr::memchr(b'\n', bytes) {
            let (line, rest) = bytes.split_at(end);
            bytes = rest.get(1..).unwrap_or_default();
            self.keep(line);
            self.end(each);
        }
        self.keep(bytes);
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.skipping {
            return;
        }
        if self.partial.len() + bytes.len() > MAX_MESSAGE {
            self.partial = Vec::new();
            self.skipping = true;
        } else {
            self.partial.extend_from_slice(bytes);
        }
    }

    fn end(&mut self, each: &mut dyn FnMut(Line)) {
        if std::mem::take(&mut self.skipping) {
            each(Line::TooLong);
            return;
        }
        let line = std::mem::take(&mut self.partial);
        // Empty lines between messages mean nothing.
        if !line.iter().all(u8::is_ascii_whitespace) {
            each(Line::Text(line));
        }
    }

    /// The last line may lack its end.
    pub(super) fn finish(&mut self, each: &mut dyn FnMut(Line)) {
        self.end(each);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(chunks: &[&[u8]]) -> Vec<Line> {
        let mut lines = Lines::default();
        let mut found = Vec::new();
        for chunk in chunks {
            lines.feed(chunk, &mut |line| found.push(line));
        }
        lines.finish(&mut |line| found.push(line));
        found
    }

    fn text(text: &str) -> Line {
        Line::Text(text.as_bytes().to_vec())
    }

    #[test]
    fn any_split_gives_the_same_lines() {
        let input = b"{\"a\":1}\n\n  \r\n{\"b\":2}\r\n{\"c\":3}";
        let expected = [text("{\"a\":1}"), text("{\"b\":2}\r"), text("{\"c\":3}")];
        for split in 0..input.len() {
            let (head, tail) = input.split_at(split);
            assert_eq!(lines(&[head, tail]), expected);
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_skipped_and_reported_once() {
        let long = vec![b'x'; MAX_MESSAGE + 1];
        assert_eq!(lines(&[&long, b"more\n{}\n"]), [Line::TooLong, text("{}")]);
    }
}
