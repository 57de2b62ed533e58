//! What identity providers say of themselves.

use serde::Deserialize;

/// What an identity provider says of itself (OpenID Connect Discovery 1.0, section 3; RFC 8414,
/// section 2). Unknown members are ignored.
///
/// It is fetched, unless it is [given](super::Provider::document): a provider without such a
/// document, or a server that may not ask for it when it starts.
///
/// ```
/// use purlin_auth::provider::Document;
///
/// let document: Document = serde_json::from_str(
///     r#"{"issuer": "https://id.example.com", "token_endpoint": "https://id.example.com/token"}"#,
/// )?;
/// assert_eq!(document.issuer, "https://id.example.com");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Document {
    /// Who it is, a text that is compared byte by byte.
    pub issuer: String,
    /// Where users log in.
    pub authorization_endpoint: Option<String>,
    /// Where codes become tokens.
    pub token_endpoint: Option<String>,
    /// Where its keys are.
    pub jwks_uri: Option<String>,
    /// Where it tells more of a user.
    pub userinfo_endpoint: Option<String>,
    /// How it signs ID tokens; empty where it does not say.
    #[serde(default)]
    pub id_token_signing_alg_values_supported: Vec<String>,
    /// How clients prove themselves at the token endpoint; empty means `client_secret_basic`.
    #[serde(default)]
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// Whether it names itself in what the browser brings back (RFC 9207).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}
