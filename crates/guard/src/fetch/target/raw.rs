//! The text of a URL, before any parser repairs it.

use crate::fetch::FetchError;

/// The longest URL, in bytes; for a text as for its normal form.
pub(super) const LONGEST: usize = 8192;

/// A text of the form `scheme://authority…`, in its parts.
#[derive(Debug)]
pub(super) struct Raw<'a> {
    pub(super) scheme: &'a str,
    pub(super) authority: &'a str,
    /// Path, query and fragment, as far as there are any.
    pub(super) rest: &'a str,
}

/// Refuses what parsers disagree about. They trim blanks, drop tabs and line breaks, take `\` for
/// `/`, and make an authority where there is none.
pub(crate) fn check(text: &str) -> Result<(), FetchError> {
    let why = if text.is_empty() {
        "it is empty"
    } else if text.len() > LONGEST {
        "it is longer than 8192 bytes"
    } else if text.chars().any(char::is_whitespace) {
        "it has white space in it"
    } else if text.chars().any(char::is_control) {
        "it has a control character in it"
    } else if text.contains('\\') {
        "it has a backslash in it"
    } else {
        return Ok(());
    };
    Err(FetchError::InvalidUrl(why))
}

/// Takes a text apart.
///
/// # Errors
/// When it has not this form, or a user in it.
pub(super) fn split(text: &str) -> Result<Raw<'_>, FetchError> {
    const FORM: FetchError = FetchError::InvalidUrl("it has not the form `https://host/path`");
    check(text)?;
    let (scheme, after) = text.split_once("://").ok_or(FORM)?;
    if !is_scheme(scheme) {
        return Err(FORM);
    }
    let end = after.find(['/', '?', '#']).unwrap_or(after.len());
    let (authority, rest) = after.split_at(end);
    if authority.contains('@') {
        return Err(FetchError::Userinfo);
    }
    Ok(Raw {
        scheme,
        authority,
        rest,
    })
}

/// RFC 3986, section 3.1.
fn is_scheme(text: &str) -> bool {
    let rest = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.bytes().all(rest)
}
