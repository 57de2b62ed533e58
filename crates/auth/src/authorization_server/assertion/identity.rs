//! Identity providers that let their users in (ID-JAG;
//! draft-ietf-oauth-identity-assertion-authz-grant, section 4).

use std::{collections::HashMap, fmt, sync::Arc};

use serde_json::{Map, Value};

use super::{
    once::{Once, is_for, text},
    signers::{Kind, Signers},
};
use crate::{
    authorization_server::{
        clients::{Client, GrantType},
        parameters::Parameters,
        resource::is_ours,
        storage::Storage,
        tokens::{Family, Grant, TokenError, TokenErrorCode},
    },
    fetch::Fetch,
    identity::Identity,
    verify::{Clock, Keys, VerifyError},
};

const KIND: Kind = Kind {
    types: &["oauth-id-jag+jwt"],
    untyped: false,
};

/// An identity provider whose word about a user is enough: its clients are let in without a
/// browser, with what it says they may (an identity assertion authorization grant).
///
/// ```
/// use purlin_auth::{authorization_server::TrustedIssuer, verify::Keys};
///
/// let company = TrustedIssuer::new("https://login.example.com", Keys::discovered())
///     .tenant_claim("org");
/// # let _ = company;
/// ```
#[derive(Clone)]
pub struct TrustedIssuer {
    name: String,
    keys: Keys,
    tenant: Option<String>,
    roles: Option<String>,
}

impl TrustedIssuer {
    /// An issuer, as `iss` names it letter by letter, and where its public keys are. A shared secret
    /// is no such key: nothing signed with one is accepted.
    pub fn new(issuer: impl Into<String>, keys: Keys) -> Self {
        Self {
            name: issuer.into(),
            keys,
            tenant: None,
            roles: None,
        }
    }

    /// The claim that says whose data the user may see. An assertion without it is refused.
    #[must_use]
    pub fn tenant_claim(mut self, name: impl Into<String>) -> Self {
        self.tenant = Some(name.into());
        self
    }

    /// The claim that lists what the user is.
    #[must_use]
    pub fn roles_claim(mut self, name: impl Into<String>) -> Self {
        self.roles = Some(name.into());
        self
    }
}

impl fmt::Debug for TrustedIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TrustedIssuer").field(&self.name).finish()
    }
}

/// Judges identity assertions.
pub(crate) struct IdentityAssertions {
    /// Our identifier: what an assertion has to be for.
    audience: Vec<String>,
    /// What our tokens are for.
    resource: String,
    issuers: HashMap<String, (TrustedIssuer, Signers)>,
    once: Once,
    clock: Arc<dyn Clock>,
}

impl IdentityAssertions {
    pub(crate) fn new(
        storage: &Storage,
        issuer: &str,
        resource: &str,
        trusted: Vec<TrustedIssuer>,
        fetch: &Arc<dyn Fetch>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let with_keys = |trusted: TrustedIssuer| {
            let signers = Signers::new(&trusted.name, trusted.keys.clone(), fetch);
            (trusted.name.clone(), (trusted, signers))
        };
        Self {
            audience: vec![issuer.to_owned()],
            resource: resource.to_owned(),
            issuers: trusted.into_iter().map(with_keys).collect(),
            once: Once::new(storage, "identity assertions"),
            clock,
        }
    }

    /// What an assertion grants to the client that brings it, for
    /// [`issue_asserted`](crate::authorization_server::tokens::Tokens::issue_asserted). Of the
    /// scopes, those that are `offered`.
    ///
    /// # Errors
    /// `invalid_grant` for every rule that it breaks, `unauthorized_client` for a client that may
    /// not bring one, `invalid_scope`, `invalid_target`; those of the store, and 503 when the keys
    /// of the issuer cannot be had.
    pub(crate) async fn redeem(
        &self,
        client: &Client,
        form: &Parameters,
        offered: &(dyn Fn(&str) -> bool + Sync),
    ) -> Result<Grant, TokenError> {
        if !client.may_use(GrantType::JwtBearer) {
            let text = "the client has not registered this `grant_type`";
            return Err(TokenError::new(TokenErrorCode::UnauthorizedClient, text));
        }
        let assertion = form.get("assertion");
        let assertion =
            assertion.ok_or_else(|| TokenError::invalid_request("`assertion` is missing"))?;
        let (trusted, claims) = self.claims(assertion).await?;
        if !is_for(&claims, &self.audience) {
            return Err(refused("`aud` is not this authorization server alone"));
        }
        if text(&claims, "client_id") != Some(&client.id) {
            return Err(refused("`client_id` is not the client that brings it"));
        }
        if claims.contains_key("cnf") {
            return Err(refused(
                "it is bound to a key (`cnf`), which is not supported",
            ));
        }
        self.check_resource(&claims, form)?;
        let scopes = scopes(&claims, form)?;
        let identity = identity(trusted, &claims)?;
        let id = text(&claims, "jti").ok_or_else(|| refused("`jti` is missing"))?;
        if !self.once.claim(&trusted.name, id).await? {
            return Err(refused("it was used before (`jti`)"));
        }
        Ok(Grant {
            family: Family::new(),
            client: client.id.clone(),
            identity,
            scopes: scopes.into_iter().filter(|scope| offered(scope)).collect(),
            resource: self.resource.clone(),
            refreshable: false,
        })
    }

    /// What a trusted issuer says.
    async fn claims(
        &self,
        assertion: &str,
    ) -> Result<(&TrustedIssuer, Map<String, Value>), TokenError> {
        let said = crate::verify::jwt::Compact::parse(assertion).and_then(|form| form.claims());
        let said = said.map_err(refused)?;
        let known = text(&said, "iss").and_then(|issuer| self.issuers.get(issuer));
        let (trusted, signers) = known.ok_or_else(|| refused("its issuer is not trusted here"))?;
        let claims = signers.claims(assertion, KIND, self.clock.seconds()).await;
        let claims = claims.map_err(|error| match error {
            VerifyError::Unavailable { retry_after } => TokenError::unavailable(Some(retry_after)),
            VerifyError::Invalid(reason) => refused(reason),
            _ => refused("it cannot be verified"),
        })?;
        Ok((trusted, claims))
    }

    fn check_resource(
        &self,
        claims: &Map<String, Value>,
        form: &Parameters,
    ) -> Result<(), TokenError> {
        let ours = |resource: &Value| {
            let named = resource.as_str();
            named.is_some() && is_ours(named, &self.resource)
        };
        let named = match claims.get("resource") {
            None => true,
            Some(Value::Array(several)) => several.iter().any(ours),
            Some(one) => ours(one),
        };
        if named && is_ours(form.get("resource"), &self.resource) {
            return Ok(());
        }
        let text = "the assertion or the request is for another `resource`";
        Err(TokenError::new(TokenErrorCode::InvalidTarget, text))
    }
}

/// What the client asks for, of what the issuer says it may.
fn scopes(claims: &Map<String, Value>, form: &Parameters) -> Result<Vec<String>, TokenError> {
    let granted = match claims.get("scope") {
        None => "",
        Some(scope) => scope
            .as_str()
            .ok_or_else(|| refused("`scope` is not a text"))?,
    };
    let words = |text: &str| -> Vec<String> {
        let words = text.split(' ').filter(|word| !word.is_empty());
        words.map(str::to_owned).collect()
    };
    let granted = words(granted);
    let asked = form.get("scope").map_or_else(|| granted.clone(), words);
    if asked.iter().all(|scope| granted.contains(scope)) {
        return Ok(asked);
    }
    let text = "`scope` has more than the assertion grants";
    Err(TokenError::new(TokenErrorCode::InvalidScope, text))
}

/// Who it is about. Claims that nobody asked for stay behind.
fn identity(trusted: &TrustedIssuer, claims: &Map<String, Value>) -> Result<Identity, TokenError> {
    let subject = text(claims, "sub").ok_or_else(|| refused("`sub` is missing"))?;
    let mut identity = Identity::new(subject).with_issuer(&trusted.name);
    if let Some(email) = text(claims, "email")
        && claims.get("email_verified") == Some(&Value::Bool(true))
    {
        identity = identity.with_email(email);
    }
    if let Some(name) = &trusted.tenant {
        let tenant = text(claims, name);
        let tenant = tenant.ok_or_else(|| refused("the claim that names the tenant is missing"))?;
        identity = identity.with_tenant(tenant);
    }
    if let Some(roles) = trusted.roles.as_ref().and_then(|name| claims.get(name)) {
        let list = roles
            .as_array()
            .map(|roles| roles.iter().map(Value::as_str).collect());
        let roles: Option<Vec<&str>> = list.flatten();
        let roles =
            roles.ok_or_else(|| refused("the claim with the roles is not a list of texts"))?;
        identity = identity.with_roles(roles);
    }
    Ok(identity)
}

fn refused(reason: &'static str) -> TokenError {
    TokenError::invalid_grant(format!("the assertion is not accepted: {reason}"))
}

impl fmt::Debug for IdentityAssertions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityAssertions")
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}
