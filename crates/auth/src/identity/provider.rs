//! The seam itself.

use std::fmt::Debug;

use purlin_core::BoxFuture;

use super::{
    Callback, Credentials, Identity, LoginError, LoginErrorKind, LoginRequest, LoginStep,
    UpstreamTokens,
};

/// Who logs users in for our authorization server.
///
/// A future of it that is dropped has logged nobody in.
///
/// ```
/// use purlin_auth::identity::{
///     Callback, Identity, IdentityProvider, LoginError, LoginRequest, LoginStep, UpstreamTokens,
/// };
/// use purlin_core::BoxFuture;
///
/// /// Logs everybody in as one user; for a demonstration.
/// #[derive(Debug)]
/// struct Everybody;
///
/// impl IdentityProvider for Everybody {
///     fn name(&self) -> &str {
///         "everybody"
///     }
///
///     fn begin<'a>(&'a self, login: LoginRequest<'a>) -> BoxFuture<'a, Result<LoginStep, LoginError>> {
///         let back = format!("{}?state={}&code=x", login.redirect_uri, login.state);
///         Box::pin(async move { Ok(LoginStep::redirect(back)) })
///     }
///
///     fn complete<'a>(&'a self, callback: Callback<'a>) -> BoxFuture<'a, Result<Identity, LoginError>> {
///         Box::pin(async move {
///             callback.code(None)?;
///             Ok(Identity::new("everybody"))
///         })
///     }
///
///     fn refresh<'a>(&'a self, _: &'a UpstreamTokens) -> BoxFuture<'a, Result<Identity, LoginError>> {
///         Box::pin(async { Ok(Identity::new("everybody")) })
///     }
/// }
/// ```
pub trait IdentityProvider: Debug + Send + Sync + 'static {
    /// What users call it: `Google`, `our directory`.
    fn name(&self) -> &str;

    /// Begins a login: says where to send the browser, and what to remember until it is back.
    ///
    /// # Errors
    /// When no login can begin.
    fn begin<'a>(&'a self, login: LoginRequest<'a>)
    -> BoxFuture<'a, Result<LoginStep, LoginError>>;

    /// Ends a login with what the browser brought back. The `state` is verified already, and so is
    /// that it is the browser that began.
    ///
    /// # Errors
    /// When nobody is logged in by it.
    fn complete<'a>(
        &'a self,
        callback: Callback<'a>,
    ) -> BoxFuture<'a, Result<Identity, LoginError>>;

    /// Asks again who it is, with the tokens of an earlier login: called when a client refreshes,
    /// so that somebody who was let go at the provider is let go here.
    ///
    /// # Errors
    /// [`LoginErrorKind::Denied`] when the provider no longer vouches; others when it cannot say.
    fn refresh<'a>(
        &'a self,
        upstream: &'a UpstreamTokens,
    ) -> BoxFuture<'a, Result<Identity, LoginError>>;

    /// Checks a name and a password, for providers whose logins are
    /// [passwords](LoginStep::password). Attempts are counted and limited by the caller.
    ///
    /// # Errors
    /// [`LoginErrorKind::Denied`] when they do not fit, whichever of them is wrong.
    fn sign_in<'a>(
        &'a self,
        credentials: Credentials<'a>,
    ) -> BoxFuture<'a, Result<Identity, LoginError>> {
        let _ = credentials;
        Box::pin(async {
            let message = "this identity provider takes no passwords";
            Err(LoginError::new(LoginErrorKind::Configuration, message))
        })
    }

    /// Whether it may serve this machine alone. An authorization server at another address then
    /// refuses to start.
    fn loopback_only(&self) -> bool {
        false
    }
}
