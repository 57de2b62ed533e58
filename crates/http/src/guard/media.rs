//! `Content-Type` and `Accept`, read as RFC 9110 sections 8.3 and 12.5.1 say.

/// What `Accept` admits of the two media types we can answer with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    pub(crate) json: bool,
    pub(crate) sse: bool,
}

const JSON: &[u8] = b"application/json";
const SSE: &[u8] = b"text/event-stream";

impl Accepted {
    /// An absent field admits everything.
    pub(crate) const ANYTHING: Self = Self {
        json: true,
        sse: true,
    };
}

/// Whether a `Content-Type` value is JSON that we can read: parameters are
/// ignored except `charset`, which must be UTF-8.
pub(crate) fn is_json(value: &[u8]) -> bool {
    if value == JSON {
        return true;
    }
    let mut parts = split_unquoted(value, b';');
    if !parts
        .next()
        .is_some_and(|t| trim(t).eq_ignore_ascii_case(JSON))
    {
        return false;
    }
    parts.all(|part| match parameter(part) {
        Some((name, charset)) if name.eq_ignore_ascii_case(b"charset") => {
            charset.eq_ignore_ascii_case(b"utf-8") || charset.eq_ignore_ascii_case(b"\"utf-8\"")
        }
        Some(_) => true,
        None => trim(part).is_empty(),
    })
}

/// Folds the `Accept` lines of one request into what they admit.
///
/// The most specific range that matches a type decides about it; `q=0`
/// refuses. Broken ranges admit nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AcceptReader {
    present: bool,
    json: Verdict,
    sse: Verdict,
}

/// How specific the deciding range was (0: none matched), and what it said.
#[derive(Clone, Copy, Debug, Default)]
struct Verdict {
    specificity: u8,
    admitted: bool,
}

impl Verdict {
    fn hear(&mut self, specificity: u8, admitted: bool) {
        if specificity > self.specificity {
            *self = Self {
                specificity,
                admitted,
            };
        } else if specificity == self.specificity {
            self.admitted |= admitted;
        }
    }
}

impl AcceptReader {
    /// Adds one `Accept` line.
    pub(crate) fn line(&mut self, value: &[u8]) {
        self.present = true;
        // What every client of the protocol sends.
        if value == b"application/json, text/event-stream" {
            self.json.hear(3, true);
            self.sse.hear(3, true);
            return;
        }
        for range in split_unquoted(value, b',') {
            self.range(range);
        }
    }

    fn range(&mut self, range: &[u8]) {
        let mut parts = split_unquoted(range, b';');
        let kind = trim(parts.next().unwrap_or_default());
        let mut admitted = true;
        for part in parts {
            if let Some((name, value)) = parameter(part)
                && name.eq_ignore_ascii_case(b"q")
            {
                admitted = is_positive_weight(value);
                break;
            }
        }
        if kind == b"*/*" {
            self.json.hear(1, admitted);
            self.sse.hear(1, admitted);
        } else if kind.eq_ignore_ascii_case(b"application/*") {
            self.json.hear(2, admitted);
        } else if kind.eq_ignore_ascii_case(b"text/*") {
            self.sse.hear(2, admitted);
        } else if kind.eq_ignore_ascii_case(JSON) {
            self.json.hear(3, admitted);
        } else if kind.eq_ignore_ascii_case(SSE) {
            self.sse.hear(3, admitted);
        }
    }

    /// The verdict over all lines.
    pub(crate) fn finish(self) -> Accepted {
        if !self.present {
            return Accepted::ANYTHING;
        }
        Accepted {
            json: self.json.admitted,
            sse: self.sse.admitted,
        }
    }
}

/// `0`, `0.5`, `1.000`: valid and above zero (RFC 9110 section 12.4.2).
fn is_positive_weight(text: &[u8]) -> bool {
    let (whole, fraction) = match text {
        [whole @ b'0'..=b'1'] => (*whole, &[][..]),
        [whole @ b'0'..=b'1', b'.', fraction @ ..] if fraction.len() <= 3 => (*whole, fraction),
        _ => return false,
    };
    if !fraction.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let fraction_is_zero = fraction.iter().all(|&digit| digit == b'0');
    if whole == b'1' {
        fraction_is_zero
    } else {
        !fraction_is_zero
    }
}

fn parameter(part: &[u8]) -> Option<(&[u8], &[u8])> {
    let equals = part.iter().position(|&b| b == b'=')?;
    Some((trim(&part[..equals]), trim(&part[equals + 1..])))
}

fn trim(text: &[u8]) -> &[u8] {
    text.trim_ascii()
}

/// Splits at `separator` outside quoted strings.
fn split_unquoted(text: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut quoted = false;
    let mut escaped = false;
    text.split(move |&byte| {
        if escaped {
            escaped = false;
        } else if quoted && byte == b'\\' {
            escaped = true;
        } else if byte == b'"' {
            quoted = !quoted;
        } else if !quoted {
            return byte == separator;
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::{AcceptReader, is_json};

    #[test]
    fn only_json_in_utf8_is_read() {
        for (value, expected) in [
            ("application/json", true),
            ("Application/JSON", true),
            ("application/json; charset=utf-8", true),
            ("application/json;charset=\"UTF-8\"", true),
            ("application/json; profile=\"a;b\"", true),
            ("application/json;", true),
            ("application/json; charset=utf-16", false),
            ("application/json; charset=latin1", false),
            ("application/json-patch+json", false),
            ("application/jsonx", false),
            ("text/plain", false),
            ("text/plain; x=application/json", false),
            ("", false),
        ] {
            assert_eq!(is_json(value.as_bytes()), expected, "{value}");
        }
    }

    #[test]
    fn accept_is_read_with_ranges_and_weights() {
        for (lines, json, sse) in [
            (&["application/json, text/event-stream"][..], true, true),
            (&["text/event-stream,application/json;q=0.1"], true, true),
            (&["application/json", "text/event-stream"], true, true),
            (&[], true, true),
            (&["*/*"], true, true),
            (&["application/json"], true, false),
            (&["text/event-stream"], false, true),
            (&["APPLICATION/*, text/*;q=0.001"], true, true),
            (&["*/*, text/event-stream;q=0"], true, false),
            (&["*/*;q=0, application/json"], true, false),
            (&["application/json;q=0"], false, false),
            (&["application/json;q=0.000"], false, false),
            (&["application/json;q=2"], false, false),
            (&["application/json;q=x"], false, false),
            (&["application/json;p=\",\";q=0"], false, false),
            (&["text/html, application/xhtml+xml"], false, false),
            (&["application/jsonl"], false, false),
            (&[""], false, false),
        ] {
            let mut reader = AcceptReader::default();
            for line in lines {
                reader.line(line.as_bytes());
            }
            let accepted = reader.finish();
            assert_eq!((accepted.json, accepted.sse), (json, sse), "{lines:?}");
        }
    }
}
