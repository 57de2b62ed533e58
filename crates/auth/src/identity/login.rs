//! A login on its way.

use std::fmt;

use super::{LoginError, LoginErrorKind};
use crate::secret::Secret;

/// A login that begins.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct LoginRequest<'a> {
    /// What ties the answer to this login: 256 random bits, to be sent along unchanged.
    pub state: &'a str,
    /// Where the answer is to come back to; registered with the provider once.
    pub redirect_uri: &'a str,
    /// What the client was granted at our server. The scopes of the provider are the provider's
    /// own affair.
    pub scopes: &'a [String],
}

impl<'a> LoginRequest<'a> {
    /// A login whose answer comes to `redirect_uri` with `state`.
    pub fn new(state: &'a str, redirect_uri: &'a str) -> Self {
        Self {
            state,
            redirect_uri,
            scopes: &[],
        }
    }

    /// Says what the client was granted.
    #[must_use]
    pub fn with_scopes(mut self, scopes: &'a [String]) -> Self {
        self.scopes = scopes;
        self
    }
}

impl fmt::Debug for LoginRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginRequest")
            .field("redirect_uri", &self.redirect_uri)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

/// What happens next in a login.
#[derive(Clone)]
pub struct LoginStep(pub(crate) Step);

/// The ways to go on.
#[derive(Clone)]
pub(crate) enum Step {
    /// At the provider's own pages.
    Redirect { to: String, secrets: Secret },
    /// At a page of ours that asks for a name and a password.
    Password,
}

impl LoginStep {
    /// The browser goes to a URL of the provider, and comes back to the redirect URI.
    pub fn redirect(to: impl Into<String>) -> Self {
        Self(Step::Redirect {
            to: to.into(),
            secrets: Secret::from(""),
        })
    }

    /// What [`complete`](super::IdentityProvider::complete) gets back: the verifier of a PKCE of
    /// one's own, a nonce, in whatever form. It is kept sealed, for ten minutes at most.
    #[must_use]
    pub fn with_secrets(mut self, kept: impl Into<Secret>) -> Self {
        if let Step::Redirect { secrets, .. } = &mut self.0 {
            *secrets = kept.into();
        }
        self
    }

    /// Our own page asks for a name and a password, which go to
    /// [`sign_in`](super::IdentityProvider::sign_in).
    pub fn password() -> Self {
        Self(Step::Password)
    }

    /// Where the browser goes; `None` when our own page asks.
    pub fn redirect_to(&self) -> Option<&str> {
        match &self.0 {
            Step::Redirect { to, .. } => Some(to),
            Step::Password => None,
        }
    }

    /// What is kept until the browser is back.
    pub fn secrets(&self) -> Option<&Secret> {
        match &self.0 {
            Step::Redirect { secrets, .. } => Some(secrets),
            Step::Password => None,
        }
    }
}

impl fmt::Debug for LoginStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL holds a state.
        f.write_str(match self.0 {
            Step::Redirect { .. } => "LoginStep::Redirect",
            Step::Password => "LoginStep::Password",
        })
    }
}

/// What a browser brought back from the provider.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Callback<'a> {
    /// The decoded query; no name is there twice.
    pub parameters: &'a [(String, String)],
    /// The redirect URI that the login began with.
    pub redirect_uri: &'a str,
    /// What [`LoginStep::with_secrets`] kept.
    pub secrets: &'a Secret,
}

impl<'a> Callback<'a> {
    /// An answer.
    pub fn new(
        parameters: &'a [(String, String)],
        redirect_uri: &'a str,
        secrets: &'a Secret,
    ) -> Self {
        Self {
            parameters,
            redirect_uri,
            secrets,
        }
    }

    /// One parameter.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        let mut parameters = self.parameters.iter();
        let found = parameters.find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The code, once it is sure that the answer is the issuer's (RFC 9207): an `iss` that is
    /// there must be `issuer`, before anything else of the answer is believed, an error too.
    ///
    /// Whoever knows that its provider always sends `iss` uses
    /// [`code_with_iss`](Self::code_with_iss).
    ///
    /// # Errors
    /// [`LoginErrorKind::Untrusted`] for a foreign `iss` and for an answer with neither code nor
    /// error, else what the error of the answer means.
    pub fn code(&self, issuer: Option<&str>) -> Result<&'a str, LoginError> {
        if let Some(iss) = self.get("iss")
            && issuer.is_some_and(|issuer| issuer != iss)
        {
            let message = "the answer to a login names another issuer";
            return Err(LoginError::new(LoginErrorKind::Untrusted, message));
        }
        if let Some(error) = self.get("error") {
            return Err(upstream_error(error));
        }
        let code = self.get("code").filter(|code| !code.is_empty());
        code.ok_or_else(|| {
            let message = "the answer to a login has neither a code nor an error";
            LoginError::new(LoginErrorKind::Untrusted, message)
        })
    }

    /// As [`code`](Self::code), for an issuer that says in its metadata that it sends `iss`: an
    /// answer without one is not its answer.
    ///
    /// # Errors
    /// As [`code`](Self::code).
    pub fn code_with_iss(&self, issuer: &str) -> Result<&'a str, LoginError> {
        if self.get("iss").is_none() {
            let message = "the answer to a login names no issuer, though its issuer always does";
            return Err(LoginError::new(LoginErrorKind::Untrusted, message));
        }
        self.code(Some(issuer))
    }
}

/// What an error of the answer means (RFC 6749, section 4.1.2.1).
fn upstream_error(error: &str) -> LoginError {
    match error {
        "access_denied" | "login_required" | "consent_required" | "interaction_required" => {
            let message = "the identity provider says that the login was denied";
            LoginError::new(LoginErrorKind::Denied, message)
        }
        "temporarily_unavailable" | "server_error" => {
            let message = "the identity provider says that it cannot log anybody in now";
            LoginError::new(LoginErrorKind::Unavailable, message)
        }
        _ => {
            let message = "the identity provider refuses the way it is asked";
            LoginError::new(LoginErrorKind::Configuration, message)
        }
    }
}

impl fmt::Debug for Callback<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values are codes and states.
        let names: Vec<&str> = self.parameters.iter().map(|(name, _)| &**name).collect();
        f.debug_struct("Callback")
            .field("parameters", &names)
            .field("redirect_uri", &self.redirect_uri)
            .finish_non_exhaustive()
    }
}

/// A name and a password that somebody typed into our page.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Credentials<'a> {
    /// The name, as typed.
    pub username: &'a str,
    /// The password.
    pub password: &'a Secret,
}

impl<'a> Credentials<'a> {
    /// What somebody typed.
    pub fn new(username: &'a str, password: &'a Secret) -> Self {
        Self { username, password }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(query: &[(&str, &str)], sends_iss: bool) -> Result<String, LoginErrorKind> {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let parameters: Vec<_> = query.iter().map(own).collect();
        let secrets = Secret::from("");
        let callback = Callback::new(&parameters, "https://mcp.test/callback", &secrets);
        let code = if sends_iss {
            callback.code_with_iss("https://idp.test")
        } else {
            callback.code(Some("https://idp.test"))
        };
        code.map(str::to_owned).map_err(|error| error.kind())
    }

    #[test]
    fn an_answer_of_another_issuer_is_not_believed_not_even_its_error() {
        let untrusted = Err(LoginErrorKind::Untrusted);
        for sends_iss in [true, false] {
            let foreign = ("iss", "https://evil.test");
            assert_eq!(code(&[("code", "c"), foreign], sends_iss), untrusted);
            assert_eq!(
                code(&[("error", "access_denied"), foreign], sends_iss),
                untrusted
            );
            assert_eq!(
                code(&[("iss", "https://idp.test/"), ("code", "c")], sends_iss),
                untrusted
            );
            let own = [("iss", "https://idp.test"), ("code", "c")];
            assert_eq!(code(&own, sends_iss).as_deref(), Ok("c"));
        }
        assert_eq!(code(&[("code", "c")], true), untrusted);
        assert_eq!(code(&[("code", "c")], false).as_deref(), Ok("c"));
    }

    #[test]
    fn an_answer_without_a_code_says_why() {
        assert_eq!(
            code(&[("error", "access_denied")], false),
            Err(LoginErrorKind::Denied)
        );
        assert_eq!(
            code(&[("error", "server_error")], false),
            Err(LoginErrorKind::Unavailable)
        );
        assert_eq!(
            code(&[("error", "invalid_scope")], false),
            Err(LoginErrorKind::Configuration)
        );
        assert_eq!(code(&[("code", "")], false), Err(LoginErrorKind::Untrusted));
        assert_eq!(code(&[], false), Err(LoginErrorKind::Untrusted));
    }
}
