//! One incoming JSON-RPC message, scanned once, owning its text.

use std::{
    borrow::Cow,
    collections::HashSet,
    fmt,
    hash::{BuildHasher, RandomState},
};

use super::{
    Raw, Refusal,
    scan::{Key, Scanner, Span, has_escape},
};
use crate::protocol::{ErrorCode, Meta};

/// What a message is, by its shape (JSON-RPC 2.0 section 4 and 5).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MessageKind {
    /// It has a method and an id: it wants an answer.
    #[default]
    Request,
    /// It has a method and no id: it is never answered.
    Notification,
    /// It has a result or an error: it answers a request of ours.
    Response,
}

/// One text as it arrived: a message, or a batch of them.
#[derive(Debug)]
pub enum Frame {
    /// One message.
    One(Inbound),
    /// A JSON-RPC batch (only sessions of 2025-03-26 may send one). Members
    /// that are refused stand in their place.
    Batch(Vec<Result<Inbound, Refusal>>),
}

/// One JSON-RPC message, validated in a single pass.
///
/// The text is strict UTF-8 and strict RFC 8259, no deeper than 128 levels,
/// without duplicate members in the envelope, in `params` or in `_meta`. What
/// the message carries is read from the text when it is asked for.
pub struct Inbound(Box<Parsed>);

/// Without what the message carries: it may be sensitive.
impl fmt::Debug for Inbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbound")
            .field("kind", &self.0.kind)
            .field("id", &self.id())
            .field("method", &self.method())
            .finish_non_exhaustive()
    }
}

/// What there is about one message, behind one pointer: messages are handed on
/// several times before they are served.
#[derive(Debug, Default)]
struct Parsed {
    text: String,
    kind: MessageKind,
    id: Option<Span>,
    method: Key,
    decoded_method: Option<Box<str>>,
    params: Members,
    raw_params: Option<Span>,
    meta: Members,
    outcome: Option<Span>,
    failed: bool,
}

/// Parses one incoming text.
///
/// # Errors
/// A [`Refusal`] with −32700 for text that is not JSON and −32600 for JSON
/// that is not a message; it carries the id where that could be read.
pub fn parse(text: Vec<u8>) -> Result<Frame, Refusal> {
    let text =
        String::from_utf8(text).map_err(|_| Refusal::parse("the message is not valid UTF-8"))?;
    match Scanner::new(&text).peek_value() {
        Some(b'[') => batch(&text),
        _ => Inbound::scan(text).map(Frame::One),
    }
}

/// How many messages one batch may hold.
const MAX_BATCH: usize = 100;

fn batch(text: &str) -> Result<Frame, Refusal> {
    let mut spans = Vec::new();
    let mut scanner = Scanner::new(text);
    scanner
        .array(|scanner| {
            let span = scanner.value()?;
            // One more than allowed is enough to know.
            if spans.len() <= MAX_BATCH {
                spans.push(span);
            }
            Ok(())
        })
        .and_then(|()| scanner.finish())
        .map_err(|fault| Refusal::parse(format!("the message is not valid JSON: {fault}")))?;
    if spans.is_empty() {
        return Err(Refusal::invalid(None, "a batch must not be empty"));
    }
    if spans.len() > MAX_BATCH {
        let problem = format!("a batch may hold at most {MAX_BATCH} messages");
        return Err(Refusal::invalid(None, problem));
    }
    Ok(Frame::Batch(
        spans
            .into_iter()
            .map(|span| Inbound::scan(span.of(text).to_owned()))
            .collect(),
    ))
}

/// What the first pass over a message collects.
struct Envelope {
    version: Option<Span>,
    id: Option<Span>,
    method: Option<Span>,
    params: Option<Span>,
    result: Option<Span>,
    error: Option<Span>,
    /// What becomes of it; members are put where they stay.
    parsed: Box<Parsed>,
    /// Members nobody knows. There hardly ever are any.
    others: Option<Box<Members>>,
    duplicate: bool,
}

impl Envelope {
    fn scan(text: &str) -> Result<Self, Refusal> {
        let mut scanner = Scanner::new(text);
        if scanner.peek_value() != Some(b'{') {
            // Broken text is a parse error even when it could not have been a message.
            let whole = scanner.value().and_then(|_| scanner.finish());
            return Err(match whole {
                Ok(()) => Refusal::invalid(None, "a message must be a JSON object"),
                Err(fault) => Refusal::parse(format!("the message is not valid JSON: {fault}")),
            });
        }
        let mut this = Self {
            version: None,
            id: None,
            method: None,
            params: None,
            result: None,
            error: None,
            parsed: Box::new(Parsed::default()),
            others: None,
            duplicate: false,
        };
        scanner
            .object(|scanner, key| this.member(text, scanner, key))
            .and_then(|()| scanner.finish())
            .map_err(|fault| Refusal::parse(format!("the message is not valid JSON: {fault}")))?;
        Ok(this)
    }

    fn member(
        &mut self,
        text: &str,
        scanner: &mut Scanner<'_>,
        key: Key,
    ) -> Result<(), super::scan::Fault> {
        let name = key_text(text, key);
        let slot = match &*name {
            "params" => return self.params(text, scanner),
            "jsonrpc" => &mut self.version,
            "id" => &mut self.id,
            "method" => &mut self.method,
            "result" => &mut self.result,
            "error" => &mut self.error,
            _ => {
                let span = scanner.value()?;
                let others = self.others.get_or_insert_default();
                self.duplicate |= !others.insert(text, key, span);
                return Ok(());
            }
        };
        let span = scanner.value()?;
        self.duplicate |= slot.replace(span).is_some();
        Ok(())
    }

    fn params(&mut self, text: &str, scanner: &mut Scanner<'_>) -> Result<(), super::scan::Fault> {
        self.duplicate |= self.params.is_some();
        if scanner.peek_value() != Some(b'{') {
            self.params = Some(scanner.value()?);
            return Ok(());
        }
        let start = scanner.position();
        let Self {
            parsed, duplicate, ..
        } = self;
        let Parsed {
            params: members,
            meta,
            ..
        } = &mut **parsed;
        scanner.object(|scanner, key| {
            let span = if key_is(text, key, "_meta") && scanner.peek_value() == Some(b'{') {
                let start = scanner.position();
                scanner.object(|scanner, key| {
                    let span = scanner.value()?;
                    *duplicate |= !meta.insert(text, key, span);
                    Ok(())
                })?;
                scanner.span_from(start)
            } else {
                scanner.value()?
            };
            *duplicate |= !members.insert(text, key, span);
            Ok(())
        })?;
        self.params = Some(scanner.span_from(start));
        Ok(())
    }
}

impl Inbound {
    fn scan(text: String) -> Result<Self, Refusal> {
        let envelope = Envelope::scan(&text)?;
        let id = envelope.id.map(|span| span.of(&text));
        let readable = id.filter(|id| is_id(id));
        let refuse =
            |reason: &'static str| Err(Refusal::invalid(readable.map(ToOwned::to_owned), reason));
        if envelope.duplicate {
            return refuse("a member is given twice");
        }
        if envelope.version.map(|span| span.of(&text)) != Some("\"2.0\"") {
            return refuse("`jsonrpc` must be \"2.0\"");
        }
        if id.is_some() && readable.is_none() && envelope.error.is_none() {
            return refuse("`id` must be a text or an integer");
        }
        if envelope.method.is_none() {
            return Self::response(text, &envelope);
        }
        if envelope.result.is_some() || envelope.error.is_some() {
            return refuse("a message has either a method or an outcome");
        }
        let method = envelope.method.map_or("", |span| span.of(&text));
        if !method.starts_with('"') {
            return refuse("`method` must be a text");
        }
        if let Some(params) = envelope.params
            && !params.of(&text).starts_with('{')
        {
            return Err(Refusal::new(
                readable.map(ToOwned::to_owned),
                ErrorCode::INVALID_PARAMS,
                "`params` must be an object",
            ));
        }
        let decoded_method = has_escape(method.as_bytes())
            .then(|| Raw::new(method).text().into_owned().into_boxed_str());
        let method = envelope.method.map(Span::inside_quotes).unwrap_or_default();
        let mut parsed = envelope.parsed;
        if envelope.id.is_none() {
            parsed.kind = MessageKind::Notification;
        }
        parsed.id = envelope.id;
        parsed.method = Key {
            span: method,
            escaped: decoded_method.is_some(),
        };
        parsed.decoded_method = decoded_method;
        parsed.raw_params = envelope.params;
        parsed.text = text;
        Ok(Self(parsed))
    }

    fn response(text: String, envelope: &Envelope) -> Result<Self, Refusal> {
        let (outcome, failed) = match (envelope.result, envelope.error) {
            (Some(result), None) => (result, false),
            (None, Some(error)) => (error, true),
            (Some(_), Some(_)) => {
                return Err(Refusal::invalid(
                    None,
                    "a response has either a result or an error, not both",
                ));
            }
            (None, None) => {
                let id = envelope.id.map(|span| span.of(&text).to_owned());
                return Err(Refusal::invalid(
                    id,
                    "a message needs a method, a result or an error",
                ));
            }
        };
        Ok(Self(Box::new(Parsed {
            kind: MessageKind::Response,
            id: envelope.id.filter(|span| is_id(span.of(&text))),
            outcome: Some(outcome),
            failed,
            text,
            ..Parsed::default()
        })))
    }

    /// What the message is.
    pub fn kind(&self) -> MessageKind {
        self.0.kind
    }

    /// The whole message as it arrived.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// The id as JSON text, digit for digit.
    pub fn id(&self) -> Option<&str> {
        self.0.id.map(|span| span.of(&self.0.text))
    }

    /// The method; empty for a response.
    pub fn method(&self) -> &str {
        match &self.0.decoded_method {
            Some(method) => method,
            None => self.0.method.span.of(&self.0.text),
        }
    }

    /// A direct member of `params`.
    pub fn param(&self, name: &str) -> Option<Raw<'_>> {
        self.0.params.get(&self.0.text, name)
    }

    /// `params` as a whole.
    pub fn params(&self) -> Option<Raw<'_>> {
        self.0
            .raw_params
            .map(|span| Raw::new(span.of(&self.0.text)))
    }

    /// A direct member of `params._meta`.
    pub fn meta(&self, key: &str) -> Option<Raw<'_>> {
        self.0.meta.get(&self.0.text, key)
    }

    /// The members of `params._meta`, in the order they were sent.
    pub fn metas(&self) -> impl Iterator<Item = (Cow<'_, str>, Raw<'_>)> {
        self.0.meta.iter().map(|(key, span)| {
            (
                key_text(&self.0.text, *key),
                Raw::new(span.of(&self.0.text)),
            )
        })
    }

    /// Whether the message carries its protocol version with it, as every
    /// request of the stateless era does.
    pub fn is_modern(&self) -> bool {
        self.meta(Meta::PROTOCOL_VERSION).is_some()
    }

    /// Of a response: the result (`Ok`) or the error object (`Err`).
    pub fn outcome(&self) -> Option<Result<Raw<'_>, Raw<'_>>> {
        let raw = Raw::new(self.0.outcome?.of(&self.0.text));
        Some(if self.0.failed { Err(raw) } else { Ok(raw) })
    }
}

/// The members of one object: where each key and value lie.
///
/// The first few live inline, so that an ordinary request needs no memory of
/// its own for them.
#[derive(Debug, Default)]
struct Members {
    inline: [(Key, Span); INLINE],
    len: usize,
    rest: Vec<(Key, Span)>,
    names: Option<Box<Names>>,
}

const INLINE: usize = 6;
/// Up to this many members are compared with each other; more are hashed, so
/// that an object of many members takes no quadratic time.
const FEW: usize = 32;

/// The hashed names of an object of many members.
#[derive(Debug, Default)]
struct Names {
    /// Keyed at random: nobody can choose names that collide.
    hasher: RandomState,
    hashes: HashSet<u64>,
    repeated: bool,
}

impl Members {
    /// False when the key is there already.
    fn insert(&mut self, text: &str, key: Key, value: Span) -> bool {
        let fresh = match key.escaped {
            _ if self.len >= FEW => self.is_fresh_among_many(text, key),
            false => self.find(text, key.span.of(text)).is_none(),
            true => self.find(text, &key_text(text, key)).is_none(),
        };
        match self.inline.get_mut(self.len) {
            Some(slot) => *slot = (key, value),
            None => self.rest.push((key, value)),
        }
        self.len += 1;
        fresh
    }

    #[cold]
    fn is_fresh_among_many(&mut self, text: &str, key: Key) -> bool {
        let mut names = self.names.take().unwrap_or_else(|| {
            let mut names = Box::<Names>::default();
            for (key, _) in self.iter() {
                let hash = names.hasher.hash_one(&*key_text(text, *key));
                names.hashes.insert(hash);
            }
            names
        });
        let name = key_text(text, key);
        let unseen = names.hashes.insert(names.hasher.hash_one(&*name));
        // Equal hashes of different names are possible, if only in theory.
        names.repeated |= !unseen && (names.repeated || self.find(text, &name).is_some());
        let fresh = !names.repeated;
        self.names = Some(names);
        fresh
    }

    fn iter(&self) -> impl Iterator<Item = &(Key, Span)> {
        self.inline.iter().take(self.len).chain(&self.rest)
    }

    fn find(&self, text: &str, name: &str) -> Option<Span> {
        let is_it = |&&(key, _): &&(Key, Span)| key_is(text, key, name);
        let inline = self.inline.get(..self.len).unwrap_or(&self.inline);
        let found = inline
            .iter()
            .find(is_it)
            .or_else(|| self.rest.iter().find(is_it));
        found.map(|(_, span)| *span)
    }

    fn get<'a>(&self, text: &'a str, name: &str) -> Option<Raw<'a>> {
        self.find(text, name).map(|span| Raw::new(span.of(text)))
    }
}

/// Whether a key means this name.
#[inline]
fn key_is(text: &str, key: Key, name: &str) -> bool {
    if key.escaped {
        return key_text(text, key) == name;
    }
    // Lengths tell most names apart.
    key.span.len() == name.len() && key.span.bytes_of(text) == name.as_bytes()
}

/// A key, decoded only when it holds escapes.
fn key_text(text: &str, key: Key) -> Cow<'_, str> {
    let inner = key.span.of(text);
    if !key.escaped {
        return Cow::Borrowed(inner);
    }
    // The scanner has checked the escapes, so decoding cannot fail.
    Cow::Owned(serde_json::from_str(&format!("\"{inner}\"")).unwrap_or_default())
}

/// A text, or an integer of at most 64 bits. `1.0` counts as the integer it is.
fn is_id(raw: &str) -> bool {
    // Nearly every number is a short one, which needs no parsing.
    let is_short = raw.len() < 19 && raw.bytes().all(|byte| byte.is_ascii_digit());
    if is_short || raw.starts_with('"') {
        return true;
    }
    let digits = match raw.split_once('.') {
        Some((digits, fraction)) if fraction.bytes().all(|byte| byte == b'0') => digits,
        Some(_) => return false,
        None => raw,
    };
    digits.parse::<i64>().is_ok() || digits.parse::<u64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Result<Inbound, Refusal> {
        match parse(text.as_bytes().to_vec())? {
            Frame::One(message) => Ok(message),
            Frame::Batch(_) => panic!("not a batch: {text}"),
        }
    }

    #[track_caller]
    fn refused(text: &str, code: i64, id: Option<&str>) {
        let refusal = one(text).expect_err(text);
        assert_eq!((refusal.code(), refusal.id()), (code, id), "{text}");
    }

    #[test]
    fn a_request_is_read_in_place() {
        let text = r#" {"jsonrpc":"2.0","id":"a\"b","method":"tools/call","params":{"name":"add",
            "arguments":{"a":1},"_meta":{"progressToken":7,"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}} "#;
        let message = one(text).unwrap();
        assert_eq!(message.kind(), MessageKind::Request);
        assert_eq!(message.id(), Some(r#""a\"b""#));
        assert_eq!(message.method(), "tools/call");
        assert_eq!(message.param("name").unwrap().text(), "add");
        assert_eq!(message.param("arguments").unwrap().get(), r#"{"a":1}"#);
        assert_eq!(message.meta("progressToken").unwrap().get(), "7");
        assert!(message.is_modern());
    }

    #[test]
    fn escaped_names_mean_what_they_say() {
        let message = one(
            r#"{"jsonrpc":"2.0","id":1,"m\u0065thod":"tools\/call","params":{"n\u0061me":"x"}}"#,
        )
        .unwrap();
        assert_eq!(message.method(), "tools/call");
        assert_eq!(message.param("name").unwrap().text(), "x");
        refused(
            r#"{"jsonrpc":"2.0","id":1,"\u0069d":2,"method":"x"}"#,
            -32600,
            Some("2"),
        );
    }

    #[test]
    fn ids_are_texts_or_integers() {
        for id in ["0", "-1", "18446744073709551615", "1.0", "\"\"", "\"x\""] {
            let text = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"x"}}"#);
            assert_eq!(one(&text).unwrap().id(), Some(id));
        }
        for id in [
            "null",
            "1.5",
            "true",
            "[1]",
            "{}",
            "1e3",
            "18446744073709551616",
        ] {
            refused(
                &format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"x"}}"#),
                -32600,
                None,
            );
        }
    }

    #[test]
    fn what_is_no_message_is_refused_with_its_id() {
        refused("", -32700, None);
        refused("{", -32700, None);
        refused("\u{feff}{}", -32700, None);
        refused("1 2", -32700, None);
        refused("\"text\"", -32600, None);
        refused(r#"{"id":1,"method":"x"}"#, -32600, Some("1"));
        refused(
            r#"{"jsonrpc":"1.0","id":1,"method":"x"}"#,
            -32600,
            Some("1"),
        );
        refused(
            r#"{"jsonrpc":"2.0","id":1,"Method":"x"}"#,
            -32600,
            Some("1"),
        );
        refused(r#"{"jsonrpc":"2.0","id":1,"method":1}"#, -32600, Some("1"));
        refused(
            r#"{"jsonrpc":"2.0","id":1,"method":"x","params":[]}"#,
            -32602,
            Some("1"),
        );
        refused(
            r#"{"jsonrpc":"2.0","id":1,"method":"x","method":"y"}"#,
            -32600,
            Some("1"),
        );
        refused(
            r#"{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":1,"a":2}}"#,
            -32600,
            Some("1"),
        );
        refused(
            r#"{"jsonrpc":"2.0","id":1,"result":{},"error":{}}"#,
            -32600,
            None,
        );
        refused(
            r#"{"jsonrpc":"2.0","id":1,"method":"x","result":{}}"#,
            -32600,
            Some("1"),
        );
    }

    #[test]
    fn not_utf8_is_a_parse_error() {
        assert_eq!(
            parse(b"{\"a\":\"\xff\"}".to_vec()).unwrap_err().code(),
            -32700
        );
    }

    #[test]
    fn more_members_than_fit_inline_are_kept() {
        let members: Vec<_> = (0..20).map(|i| format!("\"k{i}\":{i}")).collect();
        let text = format!(
            r#"{{"jsonrpc":"2.0","method":"x","params":{{{}}}}}"#,
            members.join(",")
        );
        let message = one(&text).unwrap();
        assert_eq!(message.kind(), MessageKind::Notification);
        for i in 0..20 {
            assert_eq!(
                message.param(&format!("k{i}")).unwrap().get(),
                i.to_string()
            );
        }
    }

    #[test]
    fn a_response_gives_its_outcome() {
        let message = one(r#"{"jsonrpc":"2.0","id":1.0,"result":{"a":1}}"#).unwrap();
        assert_eq!(message.kind(), MessageKind::Response);
        assert_eq!(message.outcome().unwrap().unwrap().get(), r#"{"a":1}"#);
        let message =
            one(r#"{"jsonrpc":"2.0","id":null,"error":{"code":-1,"message":"no"}}"#).unwrap();
        assert_eq!(message.id(), None);
        assert!(message.outcome().unwrap().is_err());
    }

    #[test]
    fn a_batch_keeps_refused_members_in_place() {
        let text = br#"[{"jsonrpc":"2.0","id":1,"method":"x"}, 5, {"jsonrpc":"2.0","method":"y"}]"#;
        let Frame::Batch(members) = parse(text.to_vec()).unwrap() else {
            panic!("a batch")
        };
        let kinds: Vec<_> = members
            .iter()
            .map(|member| member.as_ref().map(Inbound::kind).ok())
            .collect();
        assert_eq!(
            kinds,
            [
                Some(MessageKind::Request),
                None,
                Some(MessageKind::Notification)
            ]
        );
        assert_eq!(parse(b"[]".to_vec()).unwrap_err().code(), -32600);
        let many = format!("[{}1]", "1,".repeat(100));
        assert_eq!(parse(many.into_bytes()).unwrap_err().code(), -32600);
    }

    #[test]
    fn a_name_given_twice_is_found_among_many() {
        let many = |last: &str| {
            let members: Vec<_> = (0..1000).map(|n| format!(r#""k{n}":0"#)).collect();
            format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"x","params":{{{},{last}}}}}"#,
                members.join(",")
            )
        };
        assert!(one(&many(r#""k1000":0"#)).is_ok());
        for twice in [r#""k0":0"#, r#""k999":0"#, r#""\u006b500":0"#] {
            refused(&many(twice), ErrorCode::INVALID_REQUEST, Some("1"));
        }
    }
}
