//! A strict JSON scanner that validates a whole message in one pass and keeps
//! only where its parts lie.
//!
//! It accepts exactly RFC 8259, never recurses, and refuses anything nested
//! deeper than [`MAX_DEPTH`]. What a request does not use is never built into
//! a value: the router reads two members of a call, the argument decoder reads
//! the rest straight from the text.

use std::fmt;

/// How deep a message may be nested, the outermost object included.
pub(crate) const MAX_DEPTH: u32 = 128;

/// Where a scan failed, as a byte offset, and what was expected there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) at: usize,
    pub(crate) reason: &'static str,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.reason, self.at)
    }
}

/// Whether the inside of a JSON string holds an escape. A few bytes are looked at
/// sooner than a search is set up.
pub(crate) fn has_escape(inner: &[u8]) -> bool {
    const FEW: usize = 32;
    if inner.len() <= FEW {
        inner.contains(&b'\\')
    } else {
        memchr::memchr(b'\\', inner).is_some()
    }
}

/// A part of the text, by byte offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    fn new(start: usize, end: usize) -> Self {
        // Messages are limited to far less than 4 GiB before they are scanned.
        Self {
            start: start as u32,
            end: end as u32,
        }
    }

    #[inline]
    pub(crate) fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    #[inline]
    pub(crate) fn bytes_of(self, text: &str) -> &[u8] {
        text.as_bytes()
            .get(self.start as usize..self.end as usize)
            .unwrap_or(&[])
    }

    #[inline]
    pub(crate) fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize)
            .unwrap_or("")
    }

    /// Of a text with its quotes: what stands between them.
    pub(crate) fn inside_quotes(self) -> Self {
        Self {
            start: self.start + 1,
            end: self.end.saturating_sub(1),
        }
    }
}

/// A key as it stands in the text: the span between its quotes, and whether it
/// holds escapes (then it has to be decoded before it is compared).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Key {
    pub(crate) span: Span,
    pub(crate) escaped: bool,
}

/// A cursor over one JSON text.
pub(crate) struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    depth: u32,
    /// One bit per open container, the innermost lowest: set for an object.
    objects: u128,
}

type Scan<T> = Result<T, Fault>;

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            text: text.as_bytes(),
            at: 0,
            depth: 0,
            objects: 0,
        }
    }

    fn fault<T>(&self, reason: &'static str) -> Scan<T> {
        Err(Fault {
            at: self.at,
            reason,
        })
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    #[inline]
    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// The first byte of the value that comes next.
    pub(crate) fn peek_value(&mut self) -> Option<u8> {
        self.space();
        self.peek()
    }

    /// Where the cursor stands.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    /// From an earlier position to here.
    pub(crate) fn span_from(&self, start: usize) -> Span {
        Span::new(start, self.at)
    }

    /// Demands that nothing but space is left.
    pub(crate) fn finish(&mut self) -> Scan<()> {
        self.space();
        if self.at == self.text.len() {
            Ok(())
        } else {
            self.fault("expected the end of the text")
        }
    }

    /// Scans an object, handing every key to `member`, which has to consume
    /// the value (with [`value`](Self::value), [`object`](Self::object) or
    /// [`array`](Self::array)).
    pub(crate) fn object(
        &mut self,
        mut member: impl FnMut(&mut Self, Key) -> Scan<()>,
    ) -> Scan<()> {
        self.open(b'{', "expected an object")?;
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return self.close();
        }
        loop {
            self.space();
            let key = self.key()?;
            member(self, key)?;
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return self.close();
                }
                _ => return self.fault("expected `,` or `}`"),
            }
        }
    }

    /// Scans an array, calling `element` before each element, which has to
    /// consume it.
    pub(crate) fn array(&mut self, mut element: impl FnMut(&mut Self) -> Scan<()>) -> Scan<()> {
        self.open(b'[', "expected an array")?;
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return self.close();
        }
        loop {
            element(self)?;
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return self.close();
                }
                _ => return self.fault("expected `,` or `]`"),
            }
        }
    }

    fn open(&mut self, byte: u8, reason: &'static str) -> Scan<()> {
        self.space();
        if self.peek() != Some(byte) {
            return self.fault(reason);
        }
        self.at += 1;
        self.descend(byte == b'{')
    }

    fn close(&mut self) -> Scan<()> {
        self.depth -= 1;
        self.objects >>= 1;
        Ok(())
    }

    fn descend(&mut self, object: bool) -> Scan<()> {
        if self.depth == MAX_DEPTH {
            return self.fault("nested too deep");
        }
        self.depth += 1;
        self.objects = (self.objects << 1) | u128::from(object);
        Ok(())
    }

    /// A key with its colon.
    fn key(&mut self) -> Scan<Key> {
        if self.peek() != Some(b'"') {
            return self.fault("expected a member name in quotes");
        }
        let (span, escaped) = self.string()?;
        self.space();
        if self.peek() != Some(b':') {
            return self.fault("expected `:`");
        }
        self.at += 1;
        Ok(Key { span, escaped })
    }

    /// Consumes one value of any kind and says where it stands.
    pub(crate) fn value(&mut self) -> Scan<Span> {
        self.space();
        let start = self.at;
        // Most values are scalars, which need no book-keeping.
        match self.peek() {
            Some(b'"') => {
                self.string()?;
                return Ok(Span::new(start, self.at));
            }
            Some(b'-' | b'0'..=b'9') => {
                self.number()?;
                return Ok(Span::new(start, self.at));
            }
            _ => {}
        }
        let outer = self.depth;
        loop {
            if self.begin_value()? && self.end_values(outer)? {
                return Ok(Span::new(start, self.at));
            }
        }
    }

    /// Consumes a scalar or an opening bracket (and then the first key, if it
    /// is an object's). True when a whole value has been read.
    fn begin_value(&mut self) -> Scan<bool> {
        self.space();
        match self.peek() {
            Some(b'"') => self.string().map(|_| true),
            Some(b'{') => {
                self.at += 1;
                self.descend(true)?;
                self.space();
                if self.peek() == Some(b'}') {
                    self.at += 1;
                    self.close()?;
                    return Ok(true);
                }
                self.key().map(|_| false)
            }
            Some(b'[') => {
                self.at += 1;
                self.descend(false)?;
                self.space();
                if self.peek() == Some(b']') {
                    self.at += 1;
                    self.close()?;
                    return Ok(true);
                }
                Ok(false)
            }
            Some(b'-' | b'0'..=b'9') => self.number().map(|()| true),
            Some(b't') => self.literal(b"true").map(|()| true),
            Some(b'f') => self.literal(b"false").map(|()| true),
            Some(b'n') => self.literal(b"null").map(|()| true),
            _ => self.fault("expected a value"),
        }
    }

    /// After a value: closes what ends here and steps to the next element.
    /// True when the nesting is back at `outer`.
    fn end_values(&mut self, outer: u32) -> Scan<bool> {
        while self.depth > outer {
            self.space();
            let object = self.objects & 1 == 1;
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    if object {
                        self.space();
                        self.key()?;
                    }
                    return Ok(false);
                }
                Some(b'}') if object => self.at += 1,
                Some(b']') if !object => self.at += 1,
                _ if object => return self.fault("expected `,` or `}`"),
                _ => return self.fault("expected `,` or `]`"),
            }
            self.close()?;
        }
        Ok(true)
    }

    fn literal(&mut self, word: &[u8]) -> Scan<()> {
        if self.text[self.at..].starts_with(word) {
            self.at += word.len();
            Ok(())
        } else {
            self.fault("expected `true`, `false` or `null`")
        }
    }

    fn digits(&mut self) -> Scan<()> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == start {
            self.fault("expected a digit")
        } else {
            Ok(())
        }
    }

    fn number(&mut self) -> Scan<()> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    /// A string with its quotes. Gives what stands between them and whether it
    /// holds an escape.
    #[inline]
    fn string(&mut self) -> Scan<(Span, bool)> {
        self.at += 1;
        let start = self.at;
        self.plain_run();
        if self.peek() == Some(b'"') {
            let span = Span::new(start, self.at);
            self.at += 1;
            return Ok((span, false));
        }
        self.rest_of_string(start)
    }

    /// The rest of a string that is not plain all through.
    #[cold]
    fn rest_of_string(&mut self, start: usize) -> Scan<(Span, bool)> {
        let mut escaped = false;
        loop {
            match self.peek() {
                Some(b'"') => {
                    let span = Span::new(start, self.at);
                    self.at += 1;
                    return Ok((span, escaped));
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                    self.plain_run();
                }
                Some(_) => return self.fault("a control character must be escaped"),
                None => return self.fault("the text ends inside a string"),
            }
        }
    }

    /// Skips bytes that need no attention, eight at a time: anything but the
    /// quote, the backslash and control characters.
    #[inline]
    fn plain_run(&mut self) {
        const LOW: u64 = 0x0101_0101_0101_0101;
        const HIGH: u64 = 0x8080_8080_8080_8080;
        let zero_byte = |word: u64| word.wrapping_sub(LOW) & !word & HIGH;
        while let Some(chunk) = self.text.get(self.at..self.at + 8) {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(chunk);
            let word = u64::from_le_bytes(bytes);
            let quote = zero_byte(word ^ (LOW * u64::from(b'"')));
            let backslash = zero_byte(word ^ (LOW * u64::from(b'\\')));
            let control = word.wrapping_sub(LOW * 0x20) & !word & HIGH;
            let special = quote | backslash | control;
            if special != 0 {
                // Borrows can only flag bytes above a true hit, so the lowest
                // flag is exact.
                self.at += (special.trailing_zeros() / 8) as usize;
                return;
            }
            self.at += 8;
        }
        while let Some(byte) = self.peek() {
            if byte == b'"' || byte == b'\\' || byte < 0x20 {
                return;
            }
            self.at += 1;
        }
    }

    fn escape(&mut self) -> Scan<()> {
        self.at += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 1;
                Ok(())
            }
            Some(b'u') => {
                self.at += 1;
                self.unicode_escape()
            }
            _ => self.fault("unknown escape"),
        }
    }

    /// Four hex digits; a high surrogate must be followed by a low one, since
    /// no Rust string could hold it alone.
    fn unicode_escape(&mut self) -> Scan<()> {
        match self.hex4()? {
            0xD800..=0xDBFF => {
                if !self.text[self.at..].starts_with(b"\\u") {
                    return self.fault("a high surrogate stands alone");
                }
                self.at += 2;
                match self.hex4()? {
                    0xDC00..=0xDFFF => Ok(()),
                    _ => self.fault("a high surrogate stands alone"),
                }
            }
            0xDC00..=0xDFFF => self.fault("a low surrogate stands alone"),
            _ => Ok(()),
        }
    }

    fn hex4(&mut self) -> Scan<u32> {
        let mut value = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else {
                return self.fault("expected four hex digits");
            };
            value = value * 16 + digit;
            self.at += 1;
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(text: &str) -> bool {
        let mut scanner = Scanner::new(text);
        scanner.value().and_then(|_| scanner.finish()).is_ok()
    }

    #[test]
    fn agrees_with_serde_json() {
        let texts = [
            "null",
            "true",
            "falsy",
            "0",
            "-0",
            "01",
            "1.",
            "1.5e+9",
            "1e",
            ".5",
            "-",
            "\"a\"",
            "\"a",
            "\"\\u0041\"",
            "\"\\u00g1\"",
            "\"\\ud83d\\ude00\"",
            "\"\\ud83d\"",
            "\"\\ude00\"",
            "\"\\x\"",
            "\"tab\t\"",
            "[]",
            "[1,]",
            "[1 2]",
            "[,]",
            "{}",
            "{\"a\":1}",
            "{\"a\":1,}",
            "{a:1}",
            "{\"a\" 1}",
            "{\"a\":}",
            "[[[]]]",
            "[{\"a\":[1,{}]}]",
            "[}",
            "{]",
            "",
            " ",
            "1 1",
            "\u{feff}1",
            "\"\u{7f}\u{e9}\"",
            "[\"abcdefgh\\n\", \"abcdefgh\u{1f}\"]",
            "{\"long key that spans words\": \"and a long value, too\"}",
            "nul",
            "tru",
            "[1]]",
        ];
        for text in texts {
            let expected = serde_json::from_str::<serde_json::Value>(text).is_ok();
            assert_eq!(accepts(text), expected, "{text:?}");
        }
    }

    #[test]
    fn depth_is_limited_without_recursion() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(accepts(&nested(MAX_DEPTH as usize)));
        assert!(!accepts(&nested(MAX_DEPTH as usize + 1)));
        assert!(!accepts(&"[".repeat(1_000_000)));
        assert!(!accepts(&"{\"a\":".repeat(1_000_000)));
    }

    #[test]
    fn special_bytes_are_found_at_every_offset() {
        for offset in 0..24 {
            let plain = "x".repeat(offset);
            assert!(accepts(&format!("\"{plain}\"")));
            assert!(accepts(&format!("\"{plain}\\n{plain}\"")));
            assert!(!accepts(&format!("\"{plain}\u{1}{plain}\"")));
            assert!(accepts(&format!("\"{plain}\u{80}!#[]{plain}\"")));
        }
    }
}
