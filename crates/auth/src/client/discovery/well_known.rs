//! Where metadata may be, in the order in which it is looked for.

use crate::client::url::Url;

const RESOURCE: &str = "/.well-known/oauth-protected-resource";
const OAUTH: &str = "/.well-known/oauth-authorization-server";
const OPENID: &str = "/.well-known/openid-configuration";

/// Where a server says by whom it is protected, if its challenge does not (RFC 9728, section
/// 3.1): below its path first, then at the root.
pub(super) fn of_resource(server: &Url<'_>) -> Vec<String> {
    let base = server.base();
    let root = format!("{base}{RESOURCE}");
    match server.path.trim_end_matches('/') {
        "" => vec![root],
        path => vec![format!("{base}{RESOURCE}{path}"), root],
    }
}

/// Where an issuer says what it can do (RFC 8414, section 3.1; OpenID Connect Discovery, section
/// 4). The metadata of the root is never that of an issuer with a path.
pub(super) fn of_issuer(issuer: &Url<'_>) -> Vec<String> {
    let base = issuer.base();
    match issuer.path.trim_end_matches('/') {
        "" => [OAUTH, OPENID].map(|place| format!("{base}{place}")).into(),
        path => vec![
            format!("{base}{OAUTH}{path}"),
            format!("{base}{OPENID}{path}"),
            format!("{base}{path}{OPENID}"),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_looked_for_below_its_path_first() {
        let of = |text: &str| of_resource(&Url::parse(text).unwrap());
        assert_eq!(
            of("https://m.test/a/mcp?x=1"),
            [
                "https://m.test/.well-known/oauth-protected-resource/a/mcp",
                "https://m.test/.well-known/oauth-protected-resource",
            ]
        );
        let root = ["https://m.test/.well-known/oauth-protected-resource"];
        assert_eq!(of("https://m.test"), root);
        assert_eq!(of("https://m.test/"), root);
    }

    #[test]
    fn an_issuer_with_a_path_has_its_metadata_below_it() {
        let of = |text: &str| of_issuer(&Url::parse(text).unwrap());
        assert_eq!(
            of("https://as.test/t"),
            [
                "https://as.test/.well-known/oauth-authorization-server/t",
                "https://as.test/.well-known/openid-configuration/t",
                "https://as.test/t/.well-known/openid-configuration",
            ]
        );
        let root = [
            "https://as.test/.well-known/oauth-authorization-server",
            "https://as.test/.well-known/openid-configuration",
        ];
        assert_eq!(of("https://as.test"), root);
        assert_eq!(of("https://as.test/"), root);
    }
}
