//! The cells of the client side: scenarios, and the revisions they exist for.

/// Scenarios without authorization.
const PLAIN: [(&str, &[&str]); 11] = [
    ("initialize", &["2025-06-18", "2025-11-25"]),
    ("tools_call", &["2025-06-18", "2025-11-25", "2026-07-28"]),
    ("elicitation-sep1034-client-defaults", &["2025-11-25"]),
    ("sse-retry", &["2025-11-25"]),
    ("request-metadata", LATEST),
    ("sep-2322-client-request-state", LATEST),
    ("http-standard-headers", LATEST),
    ("http-custom-headers", LATEST),
    ("http-invalid-tool-headers", LATEST),
    ("json-schema-ref-no-deref", LATEST),
    ("json-schema-2020-12-preservation", BOTH),
];

/// Scenarios about OAuth.
const OAUTH: [(&str, &[&str]); 27] = [
    ("auth/2025-03-26-oauth-metadata-backcompat", &["2025-03-26"]),
    ("auth/2025-03-26-oauth-endpoint-fallback", &["2025-03-26"]),
    ("auth/metadata-default", BOTH),
    ("auth/metadata-var1", BOTH),
    ("auth/metadata-var2", BOTH),
    ("auth/metadata-var3", BOTH),
    ("auth/basic-cimd", BOTH),
    ("auth/scope-from-www-authenticate", BOTH),
    ("auth/scope-from-scopes-supported", BOTH),
    ("auth/scope-omitted-when-undefined", BOTH),
    ("auth/scope-step-up", BOTH),
    ("auth/scope-retry-limit", BOTH),
    ("auth/pre-registration", BOTH),
    ("auth/token-endpoint-auth-basic", SINCE_RESOURCES),
    ("auth/token-endpoint-auth-post", SINCE_RESOURCES),
    ("auth/token-endpoint-auth-none", SINCE_RESOURCES),
    ("auth/resource-mismatch", LATEST),
    ("auth/offline-access-scope", LATEST),
    ("auth/offline-access-not-supported", LATEST),
    ("auth/authorization-server-migration", LATEST),
    ("auth/iss-supported", LATEST),
    ("auth/iss-not-advertised", LATEST),
    ("auth/iss-supported-missing", LATEST),
    ("auth/iss-wrong-issuer", LATEST),
    ("auth/iss-unexpected", LATEST),
    ("auth/iss-normalized", LATEST),
    ("auth/metadata-issuer-mismatch", LATEST),
];

/// Scenarios about extensions, which belong to no revision.
const EXTENSIONS: [&str; 10] = [
    "auth/client-credentials-basic",
    "auth/client-credentials-jwt",
    "auth/enterprise-managed-authorization",
    "auth/wif-jwt-bearer",
    "auth/dpop",
    "auth/dpop-nonce",
    "sep-2640-client-no-prefetch",
    "sep-2640-client-verify-digest",
    "sep-2640-client-verify-size",
    "sep-2640-client-verify-frontmatter",
];

const LATEST: &[&str] = &["2026-07-28"];
const BOTH: &[&str] = &["2025-11-25", "2026-07-28"];
const SINCE_RESOURCES: &[&str] = &["2025-06-18", "2025-11-25", "2026-07-28"];

/// How many cells there are.
pub(super) const COUNT: usize = 69;

/// One scenario at one revision, or of an extension.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClientCell {
    pub(super) scenario: &'static str,
    pub(super) version: Option<&'static str>,
}

/// The cells that the client plays.
pub(super) fn played() -> impl Iterator<Item = ClientCell> {
    let versioned = PLAIN.into_iter().chain(OAUTH);
    let versioned = versioned.flat_map(|(scenario, versions)| {
        versions.iter().map(move |version| ClientCell {
            scenario,
            version: Some(version),
        })
    });
    versioned.chain(EXTENSIONS.map(|scenario| ClientCell {
        scenario,
        version: None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_is_accounted_for() {
        assert_eq!(played().count(), COUNT);
    }
}
