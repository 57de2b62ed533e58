//! What clients learn of the server before they ask anything of it (RFC 8414).

use bytes::Bytes;
use serde_json::{Value, json};

use super::{issuer::Issuer, scopes::Scopes};

/// The grant of RFC 7523, and the profile of it in which an identity provider of the organisation
/// vouches for a user.
const ASSERTION: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const ID_JAG: &str = "urn:ietf:params:oauth:grant-profile:id-jag";

/// The ways a client can prove who it is; `none` is for public clients.
pub(super) const AUTHENTICATION: [&str; 4] = [
    "none",
    "client_secret_post",
    "client_secret_basic",
    "private_key_jwt",
];

/// The signatures of `private_key_jwt` that are verified.
const SIGNATURES: [&str; 9] = [
    "ES256", "ES384", "EdDSA", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512",
];

/// What depends on how the server was built.
#[derive(Clone, Copy, Debug)]
pub(super) struct Offer<'a> {
    pub(super) issuer: &'a Issuer,
    pub(super) resource: &'a str,
    pub(super) scopes: &'a Scopes,
    pub(super) registration: bool,
    pub(super) assertions: bool,
}

/// The document, which is the same at all its places.
pub(super) fn document(offer: Offer<'_>) -> Bytes {
    let issuer = offer.issuer;
    let mut grants = vec!["authorization_code", "refresh_token"];
    if offer.assertions {
        grants.push(ASSERTION);
    }
    let mut document = json!({
        "issuer": issuer.as_str(),
        "authorization_endpoint": issuer.url("/authorize"),
        "token_endpoint": issuer.url("/token"),
        "revocation_endpoint": issuer.url("/revoke"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": grants,
        "token_endpoint_auth_methods_supported": AUTHENTICATION,
        "token_endpoint_auth_signing_alg_values_supported": SIGNATURES,
        "revocation_endpoint_auth_methods_supported": AUTHENTICATION,
        "revocation_endpoint_auth_signing_alg_values_supported": SIGNATURES,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "client_id_metadata_document_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "protected_resources": [offer.resource],
    });
    let mut add = |name: &str, value: Value| document[name] = value;
    let scopes: Vec<&str> = offer.scopes.names().collect();
    if !scopes.is_empty() {
        add("scopes_supported", json!(scopes));
    }
    if offer.registration {
        add("registration_endpoint", json!(issuer.url("/register")));
    }
    if offer.assertions {
        add("authorization_grant_profiles_supported", json!([ID_JAG]));
    }
    Bytes::from(document.to_string())
}
