//! `WWW-Authenticate`: how to be let in (RFC 6750, section 3; RFC 9728, section 5; RFC 9449,
//! section 7).

use std::fmt::Write as _;

use http::HeaderValue;

/// What one challenge says; what is `None` or empty is left out.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Challenge<'a> {
    pub(super) error: Option<&'a str>,
    pub(super) description: Option<&'a str>,
    pub(super) scopes: &'a [String],
    pub(super) metadata: Option<&'a str>,
}

impl Challenge<'_> {
    /// The parameters, quoted.
    fn parameters(&self) -> String {
        let scopes = self.scopes.join(" ");
        let parameters = [
            ("error", self.error),
            ("error_description", self.description),
            ("scope", (!scopes.is_empty()).then_some(&*scopes)),
            ("resource_metadata", self.metadata),
        ];
        let mut text = String::new();
        for (name, value) in parameters {
            let Some(value) = value else { continue };
            let separator = if text.is_empty() { " " } else { ", " };
            // Writing into a text does not fail.
            let _ = write!(text, "{separator}{name}=\"");
            text.extend(value.chars().filter(|&c| is_quotable(c)));
            text.push('"');
        }
        text
    }

    /// The challenge for bearer tokens.
    pub(super) fn bearer(&self) -> String {
        format!("Bearer{}", self.parameters())
    }

    /// The challenge for bound tokens.
    pub(super) fn dpop(&self, algorithms: &[&str]) -> String {
        let parameters = self.parameters();
        let separator = if parameters.is_empty() { "" } else { "," };
        format!(
            "DPoP{parameters}{separator} algs=\"{}\"",
            algorithms.join(" ")
        )
    }
}

/// Whether a character may stand in a quoted value as it is.
fn is_quotable(c: char) -> bool {
    matches!(c, ' '..='~') && c != '"' && c != '\\'
}

/// A header of several challenges.
pub(super) fn header(challenges: &[String]) -> Option<HeaderValue> {
    HeaderValue::try_from(challenges.join(", ")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_left_out() {
        assert_eq!(Challenge::default().bearer(), "Bearer");
        assert_eq!(
            Challenge::default().dpop(&["ES256", "EdDSA"]),
            "DPoP algs=\"ES256 EdDSA\""
        );
        let scopes = ["read".to_owned(), "wr\"i\nte".to_owned()];
        let full = Challenge {
            error: Some("insufficient_scope"),
            description: Some("the `wrong` one"),
            scopes: &scopes,
            metadata: Some("https://a.example/x"),
        };
        assert_eq!(
            full.bearer(),
            "Bearer error=\"insufficient_scope\", error_description=\"the `wrong` one\", \
             scope=\"read write\", resource_metadata=\"https://a.example/x\""
        );
        assert!(full.dpop(&["ES256"]).ends_with("x\", algs=\"ES256\""));
    }
}
