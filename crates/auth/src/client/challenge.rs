//! What a refusing server asks for: `WWW-Authenticate` (RFC 9110, section 11.6.1).

use purlin_client::http::header::{HeaderMap, WWW_AUTHENTICATE};

use super::scopes::Scopes;

/// The scheme of proofs of possession (RFC 9449, section 7.1).
const DPOP: &str = "DPoP";

/// One challenge of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Challenge {
    scheme: String,
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// The challenge to answer: with a proof of possession if the server takes one, else with a
    /// plain token. An empty one if the server asks for neither.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let challenges: Vec<_> = headers
            .get_all(WWW_AUTHENTICATE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(parse)
            .collect();
        let by_scheme = |scheme: &str| {
            let mut found = challenges.iter();
            found.find(|challenge| challenge.scheme.eq_ignore_ascii_case(scheme))
        };
        by_scheme(DPOP)
            .or_else(|| by_scheme("Bearer"))
            .cloned()
            .unwrap_or_default()
    }

    pub(super) fn wants_proof(&self) -> bool {
        self.scheme.eq_ignore_ascii_case(DPOP)
    }

    /// Where the metadata of the resource is (RFC 9728, section 5.1).
    pub(super) fn resource_metadata(&self) -> Option<&str> {
        self.parameter("resource_metadata")
    }

    pub(super) fn error(&self) -> Option<&str> {
        self.parameter("error")
    }

    /// The scopes that would do; none if the server does not say.
    pub(super) fn scopes(&self) -> Scopes {
        Scopes::parse(self.parameter("scope").unwrap_or_default())
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        let mut parameters = self.parameters.iter();
        let found = parameters.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// Reads the challenges of one header. What cannot be read ends the list.
fn parse(text: &str) -> Vec<Challenge> {
    let mut challenges = Vec::new();
    let mut rest = text;
    while let Some((scheme, after)) = token(skip(rest)) {
        let mut challenge = Challenge {
            scheme: scheme.to_owned(),
            parameters: Vec::new(),
        };
        rest = after;
        while let Some((parameter, after)) = parameter(skip(rest)) {
            challenge.parameters.push(parameter);
            rest = after;
        }
        challenges.push(challenge);
    }
    challenges
}

/// Skips what separates parts: blanks and commas.
fn skip(text: &str) -> &str {
    text.trim_start_matches([' ', '\t', ','])
}

fn token(text: &str) -> Option<(&str, &str)> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let length = text.bytes().take_while(|byte| is_token(*byte)).count();
    (length > 0).then(|| text.split_at(length))
}

/// Reads `name=value`; none if a new challenge starts here.
fn parameter(text: &str) -> Option<((String, String), &str)> {
    let (name, rest) = token(text)?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let (value, rest) = match rest.strip_prefix('"') {
        Some(quoted) => unquote(quoted)?,
        None => token(rest).map(|(value, rest)| (value.to_owned(), rest))?,
    };
    Some(((name.to_owned(), value), rest))
}

/// Reads a quoted text behind its first quote.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => value.push(characters.next()?.1),
            _ => value.push(character),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(WWW_AUTHENTICATE, line.parse().unwrap());
        }
        headers
    }

    #[test]
    fn the_parameters_of_a_challenge_are_read() {
        let challenge = Challenge::of(&headers(&[
            r#"Bearer realm="a, \"b\"", Scope = "x y",error=insufficient_scope, resource_metadata="https://r.test/p?a=b""#,
        ]));
        assert_eq!(challenge.parameter("realm"), Some("a, \"b\""));
        assert_eq!(challenge.scopes(), Scopes::parse("x y"));
        assert_eq!(challenge.error(), Some("insufficient_scope"));
        assert_eq!(challenge.resource_metadata(), Some("https://r.test/p?a=b"));
    }

    #[test]
    fn several_challenges_are_told_apart() {
        let one = Challenge::of(&headers(&[r#"Basic realm="x", Bearer scope="a", Digest"#]));
        assert_eq!(one.scopes(), Scopes::parse("a"));
        let two = Challenge::of(&headers(&[
            "Bearer scope=a",
            r#"DPoP scope="b", algs="ES256""#,
        ]));
        assert!(two.wants_proof());
        assert_eq!(two.scopes(), Scopes::parse("b"));
    }

    #[test]
    fn what_cannot_be_read_asks_for_nothing() {
        for line in [
            "",
            ",,",
            "=",
            r#"Negotiate a87421000492aa874209af8bc028"#,
            "Basic",
        ] {
            assert_eq!(
                Challenge::of(&headers(&[line])),
                Challenge::default(),
                "{line}"
            );
        }
        let broken = Challenge::of(&headers(&[r#"Bearer error="x"#]));
        assert_eq!(broken.error(), None);
    }
}
