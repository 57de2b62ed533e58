//! Which kinds of content are read, and how.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

/// Whether an answer is of a kind that is read: text, JSON or XML.
pub(super) fn is_readable(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (types.next(), types.next()) else {
        return false;
    };
    let essence = essence(value.to_str().unwrap_or_default());
    let Some((kind, subtype)) = essence.split_once('/') else {
        return false;
    };
    let structured = subtype.ends_with("+json") || subtype.ends_with("+xml");
    kind == "text" || kind == "application" && (matches!(subtype, "json" | "xml") || structured)
}

/// The type without its parameters.
pub(super) fn essence(value: &str) -> String {
    let essence = value.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// UTF-8, whatever the answer says: other encodings show text that filters did not see.
pub(super) fn text(body: &[u8]) -> String {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    String::from_utf8_lossy(body).into_owned()
}
