//! Credentials in headers.

use http::HeaderValue;

use super::Result;
use super::error::{AuthError, AuthErrorKind};

/// A header value that is kept out of logs.
///
/// # Errors
/// When the text may not stand in a header.
pub(super) fn header(text: &str) -> Result<HeaderValue> {
    let value = HeaderValue::try_from(text).map_err(|error| {
        let message = "a credential that may not stand in a header";
        AuthError::new(AuthErrorKind::Protocol, message).because(error)
    });
    value.map(|mut value| {
        value.set_sensitive(true);
        value
    })
}
