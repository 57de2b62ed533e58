//! Microsoft Entra ID, once Azure Active Directory.

use super::origin;
use crate::provider::claims::ClaimPath;
use crate::provider::{Issuer, Provider};

/// Where tenants of the public cloud are.
const AUTHORITY: &str = "https://login.microsoftonline.com";
/// The issuer of tokens of version 1, in all clouds but that of China.
const VERSION_1: &str = "https://sts.windows.net";
/// The tenant of personal accounts.
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

impl Provider {
    /// Microsoft Entra ID. The tenant is the id of a directory, or `organizations`, `common` or
    /// `consumers`.
    ///
    /// - With `organizations` and `common` the issuer has a tenant's id in it: that of the token's
    ///   own claim `tid`. Everybody's directory is then let in, unless
    ///   [`tenants`](Self::tenants) says which.
    /// - `tid` is the tenant of a caller, `roles` are the roles.
    /// - Tokens of both versions are understood. Their audience is the application's id or
    ///   `api://` and that, which is what counts where no [`audience`](Self::audience) is given.
    /// - Scopes are asked for with the application in front (`api://…/read`) and come back without
    ///   (`read`). A caller has both.
    /// - An address proves nothing here, since its owner is whoever wrote it into a directory:
    ///   only `xms_edov` makes it count.
    ///
    /// ```
    /// use purlin_auth::provider::Provider;
    ///
    /// let login = Provider::entra("88888888-8888-8888-8888-888888888888")
    ///     .client("11111111-1111-1111-1111-111111111111", "…")
    ///     .login()?;
    /// # Ok::<(), purlin_auth::provider::InvalidProvider>(())
    /// ```
    pub fn entra(tenant: &str) -> Self {
        Self::entra_at(AUTHORITY, tenant)
    }

    /// Microsoft Entra ID of another cloud, such as `login.microsoftonline.us`.
    pub fn entra_at(authority: &str, tenant: &str) -> Self {
        let (authority, problem) = match origin("authority", authority) {
            Ok(authority) => (authority, None),
            Err(problem) => (AUTHORITY.to_owned(), Some(problem)),
        };
        let named = match tenant {
            "common" | "organizations" => "{tenantid}",
            "consumers" => CONSUMERS,
            other => other,
        };
        let issuer = Issuer {
            document: format!("{authority}/{named}/v2.0"),
            tokens: vec![
                format!("{authority}/{named}/v2.0"),
                format!("{VERSION_1}/{named}/"),
            ],
        };
        let mut provider = Self::new("Microsoft", issuer)
            .discovered_at(format!(
                "{authority}/{tenant}/v2.0/.well-known/openid-configuration"
            ))
            .offline();
        provider.map.tenant = Some(ClaimPath::of(["tid"]));
        provider.map.email_verified = ClaimPath::of(["xms_edov"]);
        provider.map.client = ["azp", "appid"].map(ClaimPath::from).to_vec();
        provider.app_id_uri = true;
        match problem {
            Some(problem) => provider.with_problem(problem),
            None if named == "{tenantid}" || is_id(named) => provider,
            None => provider.with_problem(
                "`tenant` has to be the id of a directory (such as `88888888-8888-8888-8888-888888888888`, \
                 which tokens have in them), `organizations`, `common` or `consumers`",
            ),
        }
    }
}

/// Adds the names that scopes are asked for under.
pub(in crate::provider) fn full_scopes(application: &str, scopes: &mut Vec<String>) {
    let full = |scope: &String| format!("api://{application}/{scope}");
    let full: Vec<String> = scopes.iter().map(full).collect();
    scopes.extend(full);
}

fn is_id(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths == [8, 4, 4, 4, 12]
        && text
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}
