//! An identity provider: it logs in whoever is named in the code.

use purlin_auth::identity::{
    Callback, Identity, IdentityProvider, LoginError, LoginErrorKind, LoginRequest, LoginStep,
    UpstreamTokens,
};
use purlin_core::BoxFuture;

/// Its issuer.
pub(crate) const IDP: &str = "https://idp.test";

/// A token that must never leave the server.
pub(crate) const CANARY: &str = "upstream-canary-5f1d";

#[derive(Debug)]
pub(crate) struct Upstream;

impl IdentityProvider for Upstream {
    fn name(&self) -> &str {
        "Example Login"
    }

    fn begin<'a>(
        &'a self,
        login: LoginRequest<'a>,
    ) -> BoxFuture<'a, Result<LoginStep, LoginError>> {
        assert_eq!(login.redirect_uri, "https://mcp.test/callback");
        let to = format!("{IDP}/authorize?state={}", login.state);
        let kept = format!("{CANARY} {}", login.state);
        Box::pin(async { Ok(LoginStep::redirect(to).with_secrets(kept)) })
    }

    fn complete<'a>(
        &'a self,
        callback: Callback<'a>,
    ) -> BoxFuture<'a, Result<Identity, LoginError>> {
        Box::pin(async move {
            let code = callback.code_with_iss(IDP)?;
            let state = callback.get("state").unwrap();
            assert_eq!(callback.secrets.reveal(), format!("{CANARY} {state}"));
            let Some(user) = code.strip_suffix("-code") else {
                return Err(LoginError::new(
                    LoginErrorKind::Denied,
                    "nobody by that code",
                ));
            };
            let identity = Identity::new(user).with_issuer(IDP).with_roles(["clerk"]);
            Ok(identity.with_upstream(UpstreamTokens::new(CANARY)))
        })
    }

    fn refresh<'a>(&'a self, _: &'a UpstreamTokens) -> BoxFuture<'a, Result<Identity, LoginError>> {
        Box::pin(async { Ok(Identity::new("alice").with_issuer(IDP)) })
    }
}
