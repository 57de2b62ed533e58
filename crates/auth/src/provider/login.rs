//! A provider as what logs users in for an authorization server of ours.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use purlin_core::BoxFuture;
use serde_json::Value;

use super::claims::Claims;
use super::failure::Failure;
use super::github::GitHub;
use super::id_token::Expected;
use super::known::{Discovery, Known};
use super::upstream::{LoginSecrets, Upstream, now};
use super::web::Web;
use super::{Provider, Tokens, userinfo};
use crate::identity::{
    Callback, Identity, IdentityProvider, LoginError, LoginRequest, LoginStep, UpstreamTokens,
};
use crate::{Secret, random};

/// What a statement says of itself and not of the user.
const ABOUT_ITSELF: [&str; 14] = [
    "iss",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "azp",
    "nonce",
    "at_hash",
    "c_hash",
    "sid",
    "token_use",
    "scope",
    "client_id",
];

/// A provider as what logs users in for an
/// [authorization server](crate::authorization_server) of ours: made by
/// [`Provider::login`].
///
/// Every login has a state of the authorization server's, a nonce and a PKCE verifier of its own.
/// The answer has to name the provider where it says that it does (RFC 9207), the ID token has to
/// be signed by it, for this application and for this login.
///
/// A refresh asks the provider again: whoever was let go there is let go here.
pub struct Login {
    provider: Provider,
    client_id: String,
    discovery: Discovery,
    web: Web,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("provider", &self.provider)
            .finish_non_exhaustive()
    }
}

impl Login {
    pub(super) fn new(provider: Provider) -> Self {
        let web = provider.web();
        Self {
            discovery: provider.discovery(&web),
            client_id: provider.client_id.clone().unwrap_or_default(),
            provider,
            web,
        }
    }

    async fn start(&self, login: LoginRequest<'_>) -> Result<LoginStep, Failure> {
        let known = self.discovery.known().await?;
        let secrets = LoginSecrets {
            verifier: random::text(),
            nonce: random::text(),
        };
        let parameters = self.parameters();
        let upstream = self.upstream(&known, &parameters);
        let asks_for_id = !self.is_github();
        let to = upstream.authorize_url(login.state, login.redirect_uri, &secrets, asks_for_id)?;
        let kept = serde_json::to_string(&secrets);
        let kept = kept.map_err(|_| Failure::misconfigured("the login cannot be written down"))?;
        Ok(LoginStep::redirect(to).with_secrets(kept))
    }

    async fn finish(&self, callback: Callback<'_>) -> Result<Identity, LoginError> {
        let known = self.discovery.known().await?;
        let code = self.code(&callback, &known)?;
        let secrets: LoginSecrets = serde_json::from_str(callback.secrets.reveal())
            .map_err(|_| Failure::untrusted("the login is none of this provider's"))?;
        let parameters = self.parameters();
        let upstream = self.upstream(&known, &parameters);
        let tokens = upstream
            .exchange(code, callback.redirect_uri, &secrets)
            .await?;
        let claims = match self.github(&tokens.access_token) {
            Some((github, token)) => github.claims(token).await?,
            None => {
                self.identified(&known, &tokens, Some(&secrets.nonce))
                    .await?
            }
        };
        Ok(self.identity(claims, tokens)?)
    }

    /// The code, if the answer is the provider's. One that tenants share names the issuer of one
    /// tenant.
    fn code<'a>(&self, callback: &Callback<'a>, known: &Known) -> Result<&'a str, LoginError> {
        let issuer = &self.provider.issuer;
        if issuer.is_shared() {
            if callback.get("iss").is_some_and(|iss| !issuer.could_be(iss)) {
                let why = "the answer to a login names another issuer";
                return Err(Failure::untrusted(why).into());
            }
            return callback.code(None);
        }
        match known
            .document
            .authorization_response_iss_parameter_supported
        {
            true => callback.code_with_iss(&issuer.document),
            false => callback.code(Some(&issuer.document)),
        }
    }

    /// What the provider has signed of the user, and what it says besides.
    async fn identified(
        &self,
        known: &Known,
        tokens: &UpstreamTokens,
        nonce: Option<&str>,
    ) -> Result<Claims, Failure> {
        let id_token = tokens.id_token.as_ref();
        let why = "the provider sent no ID token: the scope `openid` has to be asked for";
        let id_token = id_token.ok_or(Failure::misconfigured(why))?;
        let mut claims = self.signed(known, id_token, nonce).await?;
        if let Some(place) = &known.document.userinfo_endpoint
            && self.provider.userinfo
        {
            let said = userinfo::ask(&self.web, place, &tokens.access_token).await?;
            userinfo::join(&mut claims, said)?;
        }
        Ok(claims)
    }

    async fn signed(
        &self,
        known: &Known,
        id_token: &Secret,
        nonce: Option<&str>,
    ) -> Result<Claims, Failure> {
        let claims = known.read(id_token.reveal()).await?;
        let expected = Expected {
            issuer: &self.provider.issuer,
            client: &self.client_id,
            nonce,
        };
        expected.judge(&claims)?;
        Ok(claims)
    }

    async fn again(&self, earlier: &UpstreamTokens) -> Result<Identity, Failure> {
        let known = self.discovery.known().await?;
        let tokens = match &earlier.refresh_token {
            Some(refresh) => {
                let parameters = self.parameters();
                self.upstream(&known, &parameters).refresh(refresh).await?
            }
            None => earlier.clone(),
        };
        if let Some((github, token)) = self.github(&tokens.access_token) {
            let claims = github.claims(token).await?;
            return self.identity(claims, tokens);
        }
        self.vouched(&known, earlier, tokens).await
    }

    /// The user of an earlier login, whom the provider still vouches for.
    async fn vouched(
        &self,
        known: &Known,
        earlier: &UpstreamTokens,
        mut tokens: UpstreamTokens,
    ) -> Result<Identity, Failure> {
        let why = "the earlier login has no ID token";
        let before = earlier.id_token.as_ref().ok_or(Failure::denied(why))?;
        let mut claims = unverified(before).ok_or(Failure::denied(why))?;
        let is_new = tokens.id_token.is_some() && earlier.refresh_token.is_some();
        if is_new {
            let renewed = self.identified(known, &tokens, None).await?;
            if renewed.get("sub") != claims.get("sub") || renewed.get("iss") != claims.get("iss") {
                return Err(Failure::untrusted(
                    "the provider answers about another user",
                ));
            }
            claims = renewed;
        } else if let Some(place) = &known.document.userinfo_endpoint {
            let mut said = userinfo::ask(&self.web, place, &tokens.access_token).await?;
            let sub = said.get("sub") == claims.get("sub");
            if !sub {
                return Err(Failure::untrusted(
                    "the provider answers about another user",
                ));
            }
            // What it says now goes before what it said then.
            std::mem::swap(&mut claims, &mut said);
            userinfo::join(&mut claims, said)?;
        } else if earlier.refresh_token.is_none() && is_over(&tokens) {
            return Err(Failure::denied("the login at the provider is over"));
        }
        tokens.id_token.get_or_insert_with(|| before.clone());
        self.identity(claims, tokens)
    }

    /// Who it is, if they are let in.
    fn identity(&self, claims: Claims, tokens: UpstreamTokens) -> Result<Identity, Failure> {
        let facts = self.provider.map.read(&claims)?;
        self.provider.admission.judge(&facts)?;
        let issuer = claims.get("iss").and_then(Value::as_str);
        let issuer = issuer.unwrap_or(&self.provider.issuer.document).to_owned();
        let mut identity = Identity::new(facts.subject)
            .with_issuer(issuer)
            .with_roles(facts.roles)
            .with_upstream(tokens);
        identity.name = facts.name;
        identity.email = facts.email;
        identity.tenant = facts.tenant;
        // An address counts where the provider has verified it, so the raw one stays here.
        let about_user = |name: &String| name != "email" && !ABOUT_ITSELF.contains(&name.as_str());
        identity.claims = claims
            .into_iter()
            .filter(|(name, _)| about_user(name))
            .collect();
        if !facts.groups.is_empty() {
            identity
                .claims
                .insert("groups".to_owned(), facts.groups.into());
        }
        Ok(identity)
    }

    fn upstream<'a>(
        &'a self,
        known: &'a Known,
        parameters: &'a [(String, String)],
    ) -> Upstream<'a> {
        Upstream {
            document: &known.document,
            client_id: &self.client_id,
            client_secret: self.provider.client_secret.as_ref(),
            scopes: &self.provider.scopes,
            parameters,
            web: &self.web,
        }
    }

    fn parameters(&self) -> Vec<(String, String)> {
        let mut parameters = self.provider.parameters.clone();
        if let Some(audience) = self.provider.audiences.first()
            && self.provider.asks_for_audience
        {
            parameters.push(("audience".to_owned(), audience.clone()));
        }
        parameters
    }

    fn is_github(&self) -> bool {
        matches!(self.provider.tokens, Tokens::GitHub { .. })
    }

    fn github<'a>(&'a self, token: &'a Secret) -> Option<(GitHub<'a>, &'a Secret)> {
        let github = self.provider.github_api(&self.web)?;
        Some((github, token))
    }
}

impl IdentityProvider for Login {
    fn name(&self) -> &str {
        &self.provider.name
    }

    fn begin<'a>(
        &'a self,
        login: LoginRequest<'a>,
    ) -> BoxFuture<'a, Result<LoginStep, LoginError>> {
        Box::pin(async move { Ok(self.start(login).await?) })
    }

    fn complete<'a>(
        &'a self,
        callback: Callback<'a>,
    ) -> BoxFuture<'a, Result<Identity, LoginError>> {
        Box::pin(self.finish(callback))
    }

    fn refresh<'a>(
        &'a self,
        upstream: &'a UpstreamTokens,
    ) -> BoxFuture<'a, Result<Identity, LoginError>> {
        Box::pin(async move { Ok(self.again(upstream).await?) })
    }
}

impl Provider {
    pub(super) fn web(&self) -> Web {
        self.fetch
            .as_ref()
            .map_or_else(Web::default, |fetch| Web(Arc::clone(fetch)))
    }

    pub(super) fn discovery(&self, web: &Web) -> Discovery {
        Discovery::new(
            self.discovered_at.clone(),
            self.issuer.document.clone(),
            self.document.clone(),
            web.clone(),
        )
    }

    /// The API of GitHub, if it is GitHub.
    pub(super) fn github_api<'a>(&'a self, web: &'a Web) -> Option<GitHub<'a>> {
        let Tokens::GitHub { api } = &self.tokens else {
            return None;
        };
        Some(GitHub {
            api,
            client_id: self.client_id.as_deref()?,
            client_secret: self.client_secret.as_ref()?,
            organizations: &self.organizations,
            web,
        })
    }
}

fn is_over(tokens: &UpstreamTokens) -> bool {
    tokens.expires_at.is_none_or(|end| end <= now())
}

/// The claims of an ID token that was verified when it came, and kept sealed since.
fn unverified(token: &Secret) -> Option<Claims> {
    let payload = token.reveal().split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}
