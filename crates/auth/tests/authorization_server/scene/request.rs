//! Authorization requests.

use form_urlencoded::Serializer;

/// A verifier of PKCE, and its challenge (RFC 7636, appendix B).
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A request, to be changed before it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    endpoint: String,
    parameters: Vec<(String, String)>,
}

impl Request {
    pub(super) fn new(issuer: &str, client: &str, redirect_uri: &str) -> Self {
        let resource = format!("{issuer}/mcp");
        let parameters = [
            ("response_type", "code"),
            ("client_id", client),
            ("redirect_uri", redirect_uri),
            ("state", "s t&te"),
            ("scope", "orders:read"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("resource", &resource),
        ];
        let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self {
            endpoint: format!("{issuer}/authorize"),
            parameters: parameters.map(own).to_vec(),
        }
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.parameters.retain(|(known, _)| known != name);
        self
    }

    pub(crate) fn with(self, name: &str, value: &str) -> Self {
        self.without(name).and(name, value)
    }

    /// With one more, even if there is one of the name.
    pub(crate) fn and(mut self, name: &str, value: &str) -> Self {
        self.parameters.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn url(&self) -> String {
        let pairs: Vec<_> = self
            .parameters
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        format!("{}?{}", self.endpoint, encode(&pairs))
    }
}

pub(super) fn encode(pairs: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}
