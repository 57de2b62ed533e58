//! The headers we act on, gathered in one pass over the header map.

use http::HeaderMap;
use purlin_core::wire::{Field, Revision, RoutingHeaders};

use crate::guard::{AcceptReader, Accepted};

/// `Mcp-Session-Id`, the header that names a session up to 2025-11-25.
pub(crate) const SESSION_ID: &str = "mcp-session-id";

/// Everything one request says in its headers that we act on.
#[derive(Debug)]
pub(crate) struct Head<'a> {
    pub(crate) host: Field<'a>,
    pub(crate) origin: Field<'a>,
    pub(crate) content_type: Field<'a>,
    pub(crate) content_encoding: Field<'a>,
    pub(crate) content_length: Field<'a>,
    pub(crate) transfer_encoding: Field<'a>,
    pub(crate) session: Field<'a>,
    pub(crate) last_event_id: Field<'a>,
    pub(crate) accepted: Accepted,
    pub(crate) routing: RoutingHeaders<'a>,
}

/// What `MCP-Protocol-Version` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// It was not sent.
    Nothing,
    /// A revision that has sessions.
    WithSessions,
    /// A revision that has none.
    Modern,
    /// No revision we know, or several.
    Unknown,
}

impl<'a> Head<'a> {
    /// What the version header names.
    pub(crate) fn named_version(&self) -> Named {
        let text = match self.routing.version {
            Field::Absent => return Named::Nothing,
            Field::One(value) => std::str::from_utf8(value).unwrap_or_default(),
            Field::Many => return Named::Unknown,
        };
        match text.trim().parse::<Revision>() {
            Ok(revision) if revision.is_modern() => Named::Modern,
            Ok(_) => Named::WithSessions,
            Err(_) => Named::Unknown,
        }
    }

    /// Reads the map once; six look-ups would cost six times as much.
    pub(crate) fn read(headers: &'a HeaderMap) -> Self {
        let mut head = Self {
            host: Field::Absent,
            origin: Field::Absent,
            content_type: Field::Absent,
            content_encoding: Field::Absent,
            content_length: Field::Absent,
            transfer_encoding: Field::Absent,
            session: Field::Absent,
            last_event_id: Field::Absent,
            accepted: Accepted::ANYTHING,
            routing: RoutingHeaders::default(),
        };
        let mut accept = AcceptReader::default();
        for (name, value) in headers {
            let value = value.as_bytes();
            match name.as_str() {
                "host" => head.host.add(value),
                "origin" => head.origin.add(value),
                "accept" => accept.line(value),
                "content-type" => head.content_type.add(value),
                "content-encoding" => head.content_encoding.add(value),
                "content-length" => head.content_length.add(value),
                "transfer-encoding" => head.transfer_encoding.add(value),
                "last-event-id" => head.last_event_id.add(value),
                "mcp-protocol-version" => head.routing.version.add(value),
                "mcp-method" => head.routing.method.add(value),
                "mcp-name" => head.routing.name.add(value),
                SESSION_ID => head.session.add(value),
                other => {
                    if let Some(param) = other.strip_prefix("mcp-param-") {
                        head.routing.params.push((param, value));
                    }
                }
            }
        }
        head.accepted = accept.finish();
        head
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};
    use purlin_core::wire::Field;

    use super::Head;

    #[test]
    fn one_pass_gathers_every_field() {
        let headers: HeaderMap = [
            ("host", "localhost"),
            ("mcp-method", "tools/call"),
            ("mcp-name", "add"),
            ("mcp-name", "subtract"),
            ("mcp-param-city", "Paris"),
            ("mcp-session-id", "abc"),
            ("x-other", "ignored"),
        ]
        .into_iter()
        .map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        })
        .collect();
        let head = Head::read(&headers);
        assert_eq!(head.host, Field::One(b"localhost"));
        assert_eq!(head.routing.method, Field::One(b"tools/call"));
        assert_eq!(head.routing.name, Field::Many);
        assert_eq!(head.routing.params, [("city", &b"Paris"[..])]);
        assert_eq!(head.session, Field::One(b"abc"));
        assert_eq!(head.origin, Field::Absent);
        assert!(head.accepted.json && head.accepted.sse);
    }
}
