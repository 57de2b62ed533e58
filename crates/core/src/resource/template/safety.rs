//! What a value must not be, since handlers put it into paths.

/// Whether a value stays in its place: it climbs nowhere, is not absolute and has no NUL.
///
/// With `single`, it is one segment of a path, and has no separator either.
pub(super) fn is_safe(value: &str, single: bool) -> bool {
    !value.contains(['\0', '\\'])
        && !value.starts_with('/')
        && !has_drive(value)
        && if single {
            !value.contains('/') && value != ".."
        } else {
            value.split('/').all(|segment| segment != "..")
        }
}

/// `C:` or `C:/…`, which is absolute to Windows.
fn has_drive(value: &str) -> bool {
    let bytes = value.as_bytes();
    matches!(bytes, [letter, b':'] | [letter, b':', b'/', ..] if letter.is_ascii_alphabetic())
}
