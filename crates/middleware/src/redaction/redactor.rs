//! Finds secrets by the names they stand under.

use std::{borrow::Cow, fmt, sync::Arc};

use serde_json::Value;

use super::names::{PARTS, WHOLE, plain};

/// What stands in the place of a secret.
pub(super) const REPLACEMENT: &str = "[REDACTED]";

/// How deep JSON texts inside of JSON texts are followed.
const MAX_TEXT_DEPTH: usize = 4;

/// Takes secrets out of JSON by the names they stand under.
///
/// A clone shares its names. What it replaces: every value, of any type, under a
/// name that contains `password`, `token`, `secret`, `api_key` and the like,
/// whatever its case and separators; the same in a text that is itself JSON, and in a
/// sentence what has such a name before it, what follows `Bearer` and `Basic`, and the
/// password of a URL. A number under a name that ends in `tokens` stays: it counts.
///
/// ```
/// use purlin_middleware::Redactor;
///
/// let redactor = Redactor::new().also(["iban"]);
/// assert_eq!(
///     redactor.json(r#"{"user":{"Api-Key":"k"},"IBAN":"DE02"}"#),
///     r#"{"IBAN":"[REDACTED]","user":{"Api-Key":"[REDACTED]"}}"#,
/// );
/// ```
#[derive(Clone)]
pub struct Redactor {
    extra: Arc<[String]>,
}

impl Default for Redactor {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redactor")
            .field("extra", &self.extra)
            .finish()
    }
}

impl Redactor {
    /// A redactor that knows the usual names.
    pub fn new() -> Self {
        Self {
            extra: Arc::new([]),
        }
    }

    /// Knows these names too, as parts of names. Case and separators do not
    /// matter; a name without letters and digits is left out.
    #[must_use]
    pub fn also<T: AsRef<str>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        let names = names.into_iter().map(|name| plain(name.as_ref()));
        let names = names.filter(|name| !name.is_empty());
        self.extra = self.extra.iter().cloned().chain(names).collect();
        self
    }

    /// Whether what stands under this name is a secret.
    ///
    /// ```
    /// use purlin_middleware::Redactor;
    ///
    /// assert!(Redactor::new().is_secret("dbPassWord"));
    /// assert!(!Redactor::new().is_secret("city"));
    /// ```
    pub fn is_secret(&self, name: &str) -> bool {
        let name = plain(name);
        PARTS.iter().any(|part| name.contains(part))
            || WHOLE.contains(&name.as_str())
            || self.extra.iter().any(|part| name.contains(part.as_str()))
    }

    /// The JSON text without its secrets. What is no JSON is replaced as a whole.
    pub fn json<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match serde_json::from_str(text) {
            Ok(mut value) => match self.value(&mut value) {
                true => Cow::Owned(value.to_string()),
                false => Cow::Borrowed(text),
            },
            Err(_) => Cow::Borrowed(REPLACEMENT),
        }
    }

    /// A text without its secrets: JSON, or a sentence with JSON in it. One that starts
    /// as JSON and is broken is replaced as a whole if it names a secret.
    ///
    /// ```
    /// use purlin_middleware::Redactor;
    ///
    /// let redactor = Redactor::new();
    /// assert_eq!(
    ///     redactor.text("no way in: password=hunter2, sent to https://me:pw@host/"),
    ///     "no way in: password=[REDACTED], sent to https://me:[REDACTED]@host/",
    /// );
    /// ```
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.changed(text).map_or(Cow::Borrowed(text), Cow::Owned)
    }

    /// Replaces the secrets in a value; false when there is none.
    pub fn value(&self, value: &mut Value) -> bool {
        self.walk(value, MAX_TEXT_DEPTH)
    }

    /// What a text is to be replaced by, if it has secrets.
    pub(super) fn changed(&self, text: &str) -> Option<String> {
        self.nested(text, MAX_TEXT_DEPTH)
    }

    pub(super) fn walk(&self, value: &mut Value, depth: usize) -> bool {
        match value {
            Value::Object(members) => {
                let mut changed = false;
                for (name, value) in members {
                    if !self.is_secret(name) || is_count(name, value) {
                        changed |= self.walk(value, depth);
                    } else if value != REPLACEMENT {
                        *value = Value::from(REPLACEMENT);
                        changed = true;
                    }
                }
                changed
            }
            Value::Array(items) => {
                let mut changed = false;
                for item in items {
                    changed |= self.walk(item, depth);
                }
                changed
            }
            Value::String(text) => match self.nested(text, depth) {
                Some(redacted) => {
                    *text = redacted;
                    true
                }
                None => false,
            },
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    /// What a text is to be replaced by, where it or a part of it has secrets.
    pub(super) fn nested(&self, text: &str, depth: usize) -> Option<String> {
        if !text.trim_start().starts_with(['{', '[', '"']) {
            return self.sentence(text, depth);
        }
        if depth == 0 {
            return Some(REPLACEMENT.to_owned());
        }
        match serde_json::from_str(text) {
            Ok(mut value) => self.walk(&mut value, depth - 1).then(|| value.to_string()),
            Err(_) if self.is_secret(text) => Some(REPLACEMENT.to_owned()),
            Err(_) => self.sentence(text, depth),
        }
    }
}

/// Whether this counts tokens, as `max_tokens: 512` does.
fn is_count(name: &str, value: &Value) -> bool {
    value.is_number() && plain(name).ends_with("tokens")
}
