//! Values on their way to somebody's eyes.

/// What stands for a value that nobody may see.
pub(crate) const REDACTED: &str = "[redacted]";

/// The most characters of a value that are shown.
const LONGEST: usize = 80;

/// A value in one line: control characters escaped, the password of a URL left
/// out, cut where it is long.
pub(crate) fn shown(text: &str) -> String {
    let text = without_password(text);
    let mut shown = String::new();
    for (count, letter) in text.chars().enumerate() {
        if count == LONGEST {
            shown.push('…');
            break;
        }
        match letter.is_control() {
            true => shown.extend(letter.escape_default()),
            false => shown.push(letter),
        }
    }
    shown
}

/// `scheme://user:password@host` with the password left out, wherever it stands
/// in the text, and rather too much than too little.
fn without_password(text: &str) -> String {
    let mut pieces = text.split("://");
    let mut kept = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        kept.push_str("://");
        match piece.rsplit_once('@') {
            Some((user, host)) if user.contains(':') => {
                kept.push_str(user.split(':').next().unwrap_or_default());
                kept.push_str(":***@");
                kept.push_str(host);
            }
            _ => kept.push_str(piece),
        }
    }
    kept
}

/// A name that stands in a file. What does not look like one is not shown: a
/// slip of the syntax can make a secret part of it.
pub(crate) fn name(text: &str) -> &str {
    let is_name = text.len() <= 64
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    if is_name { text } else { "…" }
}

/// Whether a setting of this name is a secret, whatever its type says.
pub(crate) fn names_a_secret(key: &str) -> bool {
    let name = key.rsplit('.').next().unwrap_or(key).to_ascii_lowercase();
    let name = name.split('[').next().unwrap_or_default();
    [
        "password",
        "passphrase",
        "secret",
        "token",
        "api_key",
        "private_key",
        "credential",
        "credentials",
    ]
    .iter()
    .any(|word| {
        name == *word || name.ends_with(&format!("_{word}")) || name.ends_with(&format!("_{word}s"))
    })
}

#[cfg(test)]
mod tests {
    use super::{names_a_secret, shown};

    #[test]
    fn passwords_in_urls_are_left_out() {
        let text = "postgres://app:hunter2@db/shop,redis://:hunter3@cache";
        let shown = shown(text);
        assert!(!shown.contains("hunter"), "{shown}");
        assert!(shown.ends_with("cache"), "{shown}");
        let odd = super::shown("postgres://app:hun/ter2@db/shop");
        assert!(!odd.contains("ter2"), "{odd}");
        assert_eq!(super::shown("http://host/a@b"), "http://host/a@b");
    }

    #[test]
    fn a_value_is_one_short_line() {
        let shown = shown(&format!("a\nb\x1b[31m{}", "x".repeat(200)));
        assert!(shown.starts_with("a\\nb\\u{1b}["), "{shown}");
        assert!(shown.chars().count() < 120);
    }

    #[test]
    fn some_names_are_of_secrets() {
        assert!(names_a_secret("auth.client_secret"));
        assert!(names_a_secret("db.password"));
        assert!(names_a_secret("keys.api_key"));
        assert!(!names_a_secret("server.secretary"));
    }
}
