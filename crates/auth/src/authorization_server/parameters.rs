//! Parameters of a request, read strictly.

use std::fmt;

/// The most parameters that are read; a request with more is refused like one with two of a name.
const MANY: usize = 64;

/// The decoded parameters of a query or a form, and whether a name came twice.
///
/// A parameter without a value counts as absent (RFC 6749, section 3.1). One that came twice makes
/// the whole request one that nobody should answer: what is in front of us, or behind, may have
/// read the other one.
pub(crate) struct Parameters {
    known: Vec<(String, String)>,
    repeated: Vec<String>,
    too_many: bool,
}

impl Parameters {
    /// Reads `application/x-www-form-urlencoded`, which queries are too.
    pub(crate) fn parse(text: &[u8]) -> Self {
        let mut parameters = Self {
            known: Vec::new(),
            repeated: Vec::new(),
            too_many: false,
        };
        for (name, value) in form_urlencoded::parse(text) {
            if parameters.known.len() + parameters.repeated.len() == MANY {
                parameters.too_many = true;
                break;
            }
            parameters.add(name.into_owned(), value.into_owned());
        }
        parameters
    }

    fn add(&mut self, name: String, value: String) {
        if self.known.iter().any(|(known, _)| *known == name) {
            self.repeated.push(name);
        } else {
            self.known.push((name, value));
        }
    }

    /// The value of a parameter that is there once and is not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        if self.is_repeated(name) {
            return None;
        }
        let found = self.known.iter().find(|(known, _)| known == name);
        found
            .map(|(_, value)| &**value)
            .filter(|value| !value.is_empty())
    }

    /// Whether a name came more than once, or there were more parameters than anybody sends.
    pub(crate) fn is_ambiguous(&self) -> bool {
        self.too_many || !self.repeated.is_empty()
    }

    fn is_repeated(&self, name: &str) -> bool {
        self.too_many || self.repeated.iter().any(|repeated| repeated == name)
    }

    /// All of them, in their order; of one that came twice, the first.
    pub(crate) fn all(&self) -> &[(String, String)] {
        &self.known
    }
}

/// Values are codes, verifiers and secrets.
impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.known.iter().map(|(name, _)| name);
        f.debug_set().entries(names).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_that_came_twice_has_no_value() {
        let parameters = Parameters::parse(b"a=1&b=2&a=3&c=");
        assert!(parameters.is_ambiguous());
        assert_eq!(parameters.get("a"), None);
        assert_eq!(parameters.get("b"), Some("2"));
        assert_eq!(parameters.get("c"), None);
        assert!(!Parameters::parse(b"a=1&b=2").is_ambiguous());
    }

    #[test]
    fn more_parameters_than_anybody_sends_are_ambiguous() {
        let many: String = (0..=MANY).map(|index| format!("p{index}=x&")).collect();
        let parameters = Parameters::parse(many.as_bytes());
        assert!(parameters.is_ambiguous());
        assert_eq!(parameters.get("p0"), None);
        assert_eq!(parameters.all().len(), MANY);
    }

    #[test]
    fn nothing_of_a_value_is_printed() {
        let printed = format!("{:?}", Parameters::parse(b"code=s3cret"));
        assert_eq!(printed, r#"{"code"}"#);
    }
}
