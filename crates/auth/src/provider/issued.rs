//! A provider's own tokens, verified for a server of ours.

use std::fmt;
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use purlin_core::Principal;
use serde_json::Value;

use super::claims::{ClaimPath, Claims, Facts};
use super::failure::Failure;
use super::google::TokenInfo;
use super::id_token::tenant;
use super::known::Discovery;
use super::preset::full_scopes;
use super::questions::Questions;
use super::web::Web;
use super::{Audience, Provider, Tokens};
use crate::Secret;
use crate::verify::{Presented, Scheme, Verification, Verifier, VerifyError};

/// How access tokens of GitHub start: those of an OAuth App and those of a GitHub App.
const GITHUB: [&str; 2] = ["gho_", "ghu_"];
/// How those of Google do.
const GOOGLE: &str = "ya29.";
/// The longest token that anybody is asked about.
const LONGEST: usize = 8_192;

/// Verifies the tokens that a provider has issued itself: made by
/// [`Provider::verifier`].
///
/// Signed tokens are verified here, with the provider's keys. Those of Google and GitHub say
/// nothing by themselves, so on every request the provider is asked; nothing of the answer is kept.
/// At most 64 questions are under way at a time, and at most 60 a minute are asked about tokens from
/// one address that were not good within the last hour; beyond that the answer is 503.
pub struct IssuedTokens {
    provider: Provider,
    discovery: Discovery,
    web: Web,
    questions: Questions,
}

impl fmt::Debug for IssuedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedTokens")
            .field("provider", &self.provider)
            .finish_non_exhaustive()
    }
}

impl IssuedTokens {
    pub(super) fn new(provider: Provider) -> Self {
        let web = provider.web();
        Self {
            discovery: provider.discovery(&web),
            provider,
            web,
            questions: Questions::new(),
        }
    }

    async fn judge(&self, token: &str, client: Option<IpAddr>) -> Result<Principal, VerifyError> {
        if token.len() > LONGEST {
            return Err(VerifyError::Invalid("the token is too long"));
        }
        let claims = match &self.provider.tokens {
            Tokens::Signed => self.signed(token).await?,
            Tokens::Google { tokeninfo } => self.of_google(tokeninfo, token, client).await?,
            Tokens::GitHub { .. } => self.of_github(token, client).await?,
        };
        Ok(self.principal(&claims)?)
    }

    async fn signed(&self, token: &str) -> Result<Claims, VerifyError> {
        // Only so that another verifier may be asked: nothing of it is believed.
        let said = peek(token).ok_or(VerifyError::NotMine)?;
        if !self.admits(&said) {
            return Err(VerifyError::NotMine);
        }
        let known = self.discovery.known().await?;
        let claims = known.read(token).await?;
        self.judge_claims(&claims).map_err(VerifyError::Invalid)?;
        Ok(claims)
    }

    fn admits(&self, claims: &Claims) -> bool {
        let issuer = claims.get("iss").and_then(Value::as_str);
        issuer.is_some_and(|issuer| self.provider.issuer.admits(issuer, tenant(claims)))
    }

    /// Judges what a token says for which server and from whom it is.
    fn judge_claims(&self, claims: &Claims) -> Result<(), &'static str> {
        if !self.admits(claims) {
            return Err("the token is of another issuer");
        }
        self.judge_audience(claims)?;
        if claims.contains_key("cnf") {
            return Err("the token is bound to a key, which this server does not ask for");
        }
        let usage = claims.get("token_use").map(Value::as_str);
        let demanded = self.provider.audience_rule == Audience::OrClient;
        match usage {
            Some(Some("access")) => {}
            None if !demanded => {}
            _ => return Err("the token is no access token"),
        }
        // Where the audience is the application itself, an ID token has the same one. Those name
        // no client.
        let named = ClaimPath::of(["azp"]).text(claims).ok().flatten().is_some()
            || ClaimPath::of(["appid"])
                .text(claims)
                .ok()
                .flatten()
                .is_some();
        if self.provider.app_id_uri && !named {
            return Err("the token is no access token");
        }
        Ok(())
    }

    fn judge_audience(&self, claims: &Claims) -> Result<(), &'static str> {
        const MEANT_FOR_OTHERS: &str = "the token is for another server";
        let ours = |text: &str| self.provider.audiences.iter().any(|known| known == text);
        let said = ClaimPath::of(["aud"]).texts(claims).map_err(|it| it.0)?;
        if said.iter().any(|audience| ours(audience)) {
            return Ok(());
        }
        if !said.is_empty() || self.provider.audience_rule == Audience::Claimed {
            return Err(MEANT_FOR_OTHERS);
        }
        let client = ClaimPath::of(["client_id"])
            .text(claims)
            .map_err(|it| it.0)?;
        match client.is_some_and(ours) {
            true => Ok(()),
            false => Err(MEANT_FOR_OTHERS),
        }
    }

    async fn of_google(
        &self,
        place: &str,
        token: &str,
        client: Option<IpAddr>,
    ) -> Result<Claims, VerifyError> {
        if !token.starts_with(GOOGLE) {
            return Err(VerifyError::NotMine);
        }
        let info = TokenInfo {
            place,
            client_id: self.provider.client_id.as_deref().unwrap_or_default(),
            asks_more: !self.provider.admission.domains.is_empty(),
            web: &self.web,
        };
        let known = self.discovery.known().await?;
        let asking = self.questions.ask(token, client)?;
        let claims = info.claims(&known.document, &Secret::from(token)).await?;
        drop(asking);
        self.questions.was_good(token);
        Ok(claims)
    }

    async fn of_github(&self, token: &str, client: Option<IpAddr>) -> Result<Claims, VerifyError> {
        if !GITHUB.iter().any(|start| token.starts_with(start)) {
            return Err(VerifyError::NotMine);
        }
        let why = "the client of GitHub is missing";
        let github = self.provider.github_api(&self.web);
        let github = github.ok_or(Failure::misconfigured(why))?;
        let asking = self.questions.ask(token, client)?;
        let claims = github.claims(&Secret::from(token)).await?;
        drop(asking);
        self.questions.was_good(token);
        Ok(claims)
    }

    fn principal(&self, claims: &Claims) -> Result<Principal, Failure> {
        let facts = self.provider.map.read(claims)?;
        self.provider.admission.judge(&facts)?;
        let Facts {
            subject,
            tenant,
            client,
            roles,
            groups,
            email,
            mut scopes,
            ..
        } = facts;
        if self.provider.app_id_uri
            && let Some(application) = &self.provider.client_id
        {
            full_scopes(application, &mut scopes);
        }
        let issuer = claims.get("iss").and_then(Value::as_str);
        let issuer = issuer.unwrap_or(&self.provider.issuer.document);
        let mut principal = Principal::new(subject)
            .with_issuer(issuer)
            .with_roles(roles)
            .with_scopes(scopes);
        // An address counts where the provider has verified it.
        for (name, value) in claims.iter().filter(|(name, _)| *name != "email") {
            principal = principal.with_claim(name, value.clone());
        }
        if let Some(email) = email {
            principal = principal.with_claim("email", email);
        }
        if !groups.is_empty() {
            principal = principal.with_claim("groups", groups);
        }
        if let Some(tenant) = tenant {
            principal = principal.with_tenant(tenant);
        }
        Ok(match client {
            Some(client) => principal.with_client(client),
            None => principal,
        })
    }
}

impl Verifier for IssuedTokens {
    fn verify<'a>(&'a self, presented: Presented<'a>) -> Verification<'a> {
        match presented.scheme() {
            Scheme::Bearer => {
                Verification::Later(Box::pin(self.judge(presented.token(), presented.client())))
            }
            _ => Verification::Ready(Err(VerifyError::NotMine)),
        }
    }

    fn authorization_servers(&self) -> Vec<String> {
        vec![self.provider.issuer.document.clone()]
    }
}

/// What a token says before anybody has verified it.
fn peek(token: &str) -> Option<Claims> {
    let mut parts = token.split('.');
    let (Some(_), Some(payload), Some(_), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}
