//! Sets of scopes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The scope that asks for a refresh token (OpenID Connect Core, section 11).
pub(super) const OFFLINE_ACCESS: &str = "offline_access";

/// Scopes, each once, in the order in which they were first named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Scopes(Vec<String>);

impl Scopes {
    /// Reads scopes that blanks separate (RFC 6749, section 3.3).
    pub(super) fn parse(text: &str) -> Self {
        text.split_ascii_whitespace().collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn contains(&self, scope: &str) -> bool {
        self.0.iter().any(|known| known == scope)
    }

    pub(super) fn contains_all(&self, others: &Self) -> bool {
        others.0.iter().all(|scope| self.contains(scope))
    }

    /// These scopes and those.
    pub(super) fn union(&self, others: &Self) -> Self {
        self.0.iter().chain(&others.0).map(String::as_str).collect()
    }

    pub(super) fn with(&self, scope: &str) -> Self {
        self.0.iter().map(String::as_str).chain([scope]).collect()
    }
}

impl<'a> FromIterator<&'a str> for Scopes {
    fn from_iter<I: IntoIterator<Item = &'a str>>(scopes: I) -> Self {
        let mut set = Self::default();
        for scope in scopes {
            if !set.contains(scope) {
                set.0.push(scope.to_owned());
            }
        }
        set
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_union_keeps_the_order_and_names_each_scope_once() {
        let union = Scopes::parse("b a").union(&Scopes::parse("a  c b"));
        assert_eq!(union.to_string(), "b a c");
        assert!(union.contains_all(&Scopes::parse("c a")));
        assert!(!union.contains_all(&Scopes::parse("c d")));
    }
}
