//! Who a provider says it is, in its document and in its tokens.

/// The place of the tenant in the issuer of a provider that many tenants share.
const TENANT: &str = "{tenantid}";
/// The longest name of a tenant, in bytes.
const LONGEST: usize = 64;

/// The issuers that are believed. Texts, compared byte by byte: never parsed, never normalised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Issuer {
    /// What the document has to say.
    pub(super) document: String,
    /// What tokens have to say. In the issuer of a shared provider [`TENANT`] stands for the
    /// tenant that the token itself names in its claim `tid`.
    pub(super) tokens: Vec<String>,
}

impl Issuer {
    /// One that says the same everywhere.
    pub(super) fn exactly(issuer: impl Into<String>) -> Self {
        let document = issuer.into();
        Self {
            tokens: vec![document.clone()],
            document,
        }
    }

    /// Whether tenants share it.
    pub(super) fn is_shared(&self) -> bool {
        self.document.contains(TENANT)
    }

    /// Whether a statement of `issuer`, made for `tenant`, is believed.
    pub(super) fn admits(&self, issuer: &str, tenant: Option<&str>) -> bool {
        self.tokens.iter().any(|expected| {
            let Some((before, after)) = expected.split_once(TENANT) else {
                return expected == issuer;
            };
            tenant.is_some_and(|tenant| {
                is_tenant(tenant) && format!("{before}{tenant}{after}") == issuer
            })
        })
    }

    /// Whether it is the document's issuer with some tenant in it.
    pub(super) fn could_be(&self, issuer: &str) -> bool {
        let Some((before, after)) = self.document.split_once(TENANT) else {
            return self.document == issuer;
        };
        let rest = issuer.strip_prefix(before);
        rest.and_then(|rest| rest.strip_suffix(after))
            .is_some_and(is_tenant)
    }
}

/// Whether it can stand in an issuer without changing what it is.
fn is_tenant(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    !text.is_empty() && text.len() <= LONGEST && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_a_text() {
        let issuer = Issuer::exactly("https://shop.eu.auth0.com/");
        assert!(issuer.admits("https://shop.eu.auth0.com/", None));
        for other in [
            "https://shop.eu.auth0.com",
            "https://Shop.eu.auth0.com/",
            "https://shop.eu.auth0.com:443/",
            "https://shop.eu.auth0.com/ ",
            "",
        ] {
            assert!(!issuer.admits(other, None), "{other}");
        }
    }

    #[test]
    fn a_shared_issuer_is_that_of_the_tenant_in_the_token() {
        let issuer = Issuer::exactly("https://login.test/{tenantid}/v2.0");
        assert!(issuer.is_shared());
        assert!(issuer.admits("https://login.test/t-1/v2.0", Some("t-1")));
        assert!(issuer.could_be("https://login.test/t-1/v2.0"));
        assert!(!issuer.could_be("https://login.test/t-1/evil/v2.0"));
        for (said, tenant) in [
            ("https://login.test/t-1/v2.0", None),
            ("https://login.test/t-1/v2.0", Some("t-2")),
            ("https://login.test/{tenantid}/v2.0", Some("{tenantid}")),
            ("https://login.test/a/b/v2.0", Some("a/b")),
            ("https://login.test//v2.0", Some("")),
        ] {
            assert!(!issuer.admits(said, tenant), "{said} {tenant:?}");
        }
    }
}
