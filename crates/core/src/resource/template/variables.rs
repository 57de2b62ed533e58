//! The values of a template's variables.

use std::borrow::Cow;

/// Variables by name, in the order in which they were set.
///
/// ```
/// use purlin_core::resource::Variables;
///
/// let variables = Variables::new().with("country", "fr").with_list("tag", ["a", "b"]);
/// assert_eq!(variables.text("tag").as_deref(), Some("a/b"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables(Vec<(Box<str>, VariableValue)>);

/// The value of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VariableValue {
    /// One text.
    Text(String),
    /// Several texts, of a variable with `*`.
    List(Vec<String>),
}

impl VariableValue {
    /// The text; several are joined by slashes.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::List(texts) => Cow::Owned(texts.join("/")),
        }
    }

    /// The texts; one text is split at its slashes.
    pub fn texts(&self) -> Vec<&str> {
        match self {
            Self::Text(text) => text.split('/').collect(),
            Self::List(texts) => texts.iter().map(String::as_str).collect(),
        }
    }
}

impl Variables {
    /// No variables.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a variable to a text.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.set(name, VariableValue::Text(value.into()));
        self
    }

    /// Sets a variable to several texts.
    #[must_use]
    pub fn with_list(
        mut self,
        name: &str,
        values: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let values = values.into_iter().map(Into::into).collect();
        self.set(name, VariableValue::List(values));
        self
    }

    pub(super) fn set(&mut self, name: &str, value: VariableValue) {
        match self.0.iter_mut().find(|(known, _)| **known == *name) {
            Some((_, known)) => *known = value,
            None => self.0.push((name.into(), value)),
        }
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&VariableValue> {
        self.0
            .iter()
            .find(|(known, _)| **known == *name)
            .map(|(_, value)| value)
    }

    /// The value of a variable as one text.
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.get(name).map(VariableValue::text)
    }

    /// All variables, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &VariableValue)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
