//! Setting a provider up.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{
    Admission, Audience, ClaimMap, ClaimPath, Document, InvalidProvider, IssuedTokens, Issuer,
    Login, Provider, Tokens,
};
use crate::Secret;
use crate::fetch::Fetch;
use crate::protect::Protection;

/// What every login asks of OpenID Connect.
const SCOPES: [&str; 3] = ["openid", "email", "profile"];

impl Provider {
    pub(super) fn new(name: &str, issuer: Issuer) -> Self {
        let place = issuer.document.trim_end_matches('/');
        Self {
            name: name.to_owned(),
            discovered_at: format!("{place}/.well-known/openid-configuration"),
            issuer,
            document: None,
            tokens: Tokens::Signed,
            client_id: None,
            client_secret: None,
            audiences: Vec::new(),
            audience_rule: Audience::Claimed,
            scopes: SCOPES.map(str::to_owned).to_vec(),
            parameters: Vec::new(),
            asks_for_audience: false,
            app_id_uri: false,
            custom_server_only: false,
            userinfo: true,
            map: ClaimMap::default(),
            admission: Admission::default(),
            organizations: Vec::new(),
            required_scopes: Vec::new(),
            problems: Vec::new(),
            fetch: None,
        }
    }

    pub(super) fn with_problem(mut self, problem: impl Into<String>) -> Self {
        self.problems.push(problem.into());
        self
    }

    pub(super) fn discovered_at(mut self, place: String) -> Self {
        self.discovered_at = place;
        self
    }

    /// Asks for a refresh token by the scope that OpenID Connect has for it.
    pub(super) fn offline(mut self) -> Self {
        self.scopes.push("offline_access".to_owned());
        self
    }

    /// Who this server is at the provider: the application that was registered there.
    pub fn client(mut self, id: impl Into<String>, secret: impl Into<Secret>) -> Self {
        self.client_id = Some(id.into());
        self.client_secret = Some(secret.into());
        self
    }

    /// As [`client`](Self::client), for an application that has no secret.
    pub fn public_client(mut self, id: impl Into<String>) -> Self {
        self.client_id = Some(id.into());
        self.client_secret = None;
        self
    }

    /// What users call it on the pages of a login.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// What access tokens have to be for, where that is not the URL of the server. Given several
    /// times, any of them will do.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// What a login asks for, in place of `openid email profile`.
    pub fn scopes<T: Into<String>>(mut self, scopes: impl IntoIterator<Item = T>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Adds to what a login asks for.
    pub fn also_scopes<T: Into<String>>(mut self, scopes: impl IntoIterator<Item = T>) -> Self {
        self.scopes.extend(scopes.into_iter().map(Into::into));
        self
    }

    /// The scopes that every caller needs; challenges name them.
    pub fn required_scopes<T: Into<String>>(mut self, scopes: impl IntoIterator<Item = T>) -> Self {
        self.required_scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Adds a parameter to where users are sent, such as `prompt`.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// Lets in accounts of these domains alone: of those that the provider says it has verified.
    pub fn allowed_domains<T: AsRef<str>>(mut self, domains: impl IntoIterator<Item = T>) -> Self {
        let small = |domain: T| domain.as_ref().to_ascii_lowercase();
        self.admission
            .domains
            .extend(domains.into_iter().map(small));
        self
    }

    /// Lets in callers of these tenants alone.
    pub fn tenants<T: Into<String>>(mut self, tenants: impl IntoIterator<Item = T>) -> Self {
        self.admission
            .tenants
            .extend(tenants.into_iter().map(Into::into));
        self
    }

    /// Lets in members of these organizations of GitHub alone.
    pub fn organizations<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.organizations.extend(names.into_iter().map(Into::into));
        self
    }

    /// Lets in those alone whose address the provider has verified.
    pub fn verified_email(mut self) -> Self {
        self.admission.verified_email = true;
        self
    }

    /// Adds a claim that has roles in it.
    pub fn roles_at(mut self, claim: impl Into<ClaimPath>) -> Self {
        self.map.roles.push(claim.into());
        self
    }

    /// Adds a claim that has groups in it.
    pub fn groups_at(mut self, claim: impl Into<ClaimPath>) -> Self {
        self.map.groups.push(claim.into());
        self
    }

    /// The claim that says whose data a caller may see. Without one there are no tenants.
    pub fn tenant_at(mut self, claim: impl Into<ClaimPath>) -> Self {
        self.map.tenant = Some(claim.into());
        self
    }

    /// Whether a login asks the provider for more of the user than the ID token says (default
    /// true, where there is such a place).
    pub fn userinfo(mut self, asked: bool) -> Self {
        self.userinfo = asked;
        self
    }

    /// What the provider says of itself, so that it need not be asked.
    pub fn document(mut self, document: Document) -> Self {
        self.document = Some(document);
        self
    }

    /// Asks the provider by this way, in place of the network.
    pub fn fetch(mut self, fetch: Arc<dyn Fetch>) -> Self {
        self.fetch = Some(fetch);
        self
    }

    /// The provider as what logs users in for an authorization server of ours.
    ///
    /// # Errors
    /// With everything that is wrong or missing.
    pub fn login(mut self) -> Result<Login, InvalidProvider> {
        self.check();
        self.need_client();
        if matches!(self.tokens, Tokens::GitHub { .. }) {
            self.need_secret();
        }
        if !self.organizations.is_empty() {
            self.scopes.push("read:org".to_owned());
        }
        Ok(Login::new(self.checked()?))
    }

    /// The provider as what verifies the tokens that it has issued itself, for a server at this
    /// URL.
    ///
    /// # Errors
    /// With everything that is wrong or missing.
    pub fn verifier(
        mut self,
        resource: impl Into<String>,
    ) -> Result<IssuedTokens, InvalidProvider> {
        self.check();
        match self.tokens {
            Tokens::Signed => self.default_audience(resource.into()),
            Tokens::Google { .. } => self.need_client(),
            Tokens::GitHub { .. } => {
                self.need_client();
                self.need_secret();
            }
        }
        if self.custom_server_only {
            self.problems.push(
                "`issuer` is the authorization server of the organization itself, whose access tokens \
                 nobody else may read: use a custom one, such as `https://example.okta.com/oauth2/default`"
                    .to_owned(),
            );
        }
        Ok(IssuedTokens::new(self.checked()?))
    }

    /// The protection of a server at this URL by the provider's own tokens: verifies them, and
    /// tells clients to get them there.
    ///
    /// # Errors
    /// With everything that is wrong or missing.
    pub fn protection(self, resource: &str) -> Result<Protection, InvalidProvider> {
        let (name, scopes) = (self.name.clone(), self.required_scopes.clone());
        let verifier = self.verifier(resource)?;
        let protection = Protection::new(resource, verifier)
            .map_err(|error| InvalidProvider::new(&name, vec![error.to_string()]))?;
        Ok(protection.required_scopes(scopes))
    }

    fn default_audience(&mut self, resource: String) {
        if !self.audiences.is_empty() {
            return;
        }
        let client = self.client_id.clone();
        match (self.app_id_uri, self.audience_rule, client) {
            (true, _, Some(client)) => {
                self.audiences = vec![format!("api://{client}"), client];
            }
            (false, Audience::OrClient, Some(client)) => self.audiences = vec![resource, client],
            (false, Audience::Claimed, _) => self.audiences = vec![resource],
            _ => self.problems.push(
                "`audience` is missing: the id of the application that tokens are issued for"
                    .to_owned(),
            ),
        }
    }

    fn need_client(&mut self) {
        if self.client_id.as_deref().is_none_or(str::is_empty) {
            self.problems.push(
                "`client_id` is missing: the id of the application that is registered there"
                    .to_owned(),
            );
        }
    }

    fn need_secret(&mut self) {
        let is_empty = |secret: &Secret| secret.reveal().is_empty();
        if self.client_secret.as_ref().is_none_or(is_empty) {
            self.problems.push(
                "`client_secret` is missing: this provider tells nothing about tokens without it"
                    .to_owned(),
            );
        }
    }

    fn check(&mut self) {
        let issuer = &self.issuer.document;
        if !is_web(issuer) {
            self.problems.push(
                "`issuer` has to be an `https` URL without a query (or `http` on this machine), \
                 byte for byte as the provider calls itself"
                    .to_owned(),
            );
        }
        if let Some(document) = &self.document
            && document.issuer != *issuer
        {
            let problem = "the document that was given is that of another issuer";
            self.problems.push(problem.to_owned());
        }
        if self
            .admission
            .domains
            .iter()
            .any(|domain| domain.contains('@'))
        {
            let problem = "`allowed_domains` are domains, such as `example.com`, and not addresses";
            self.problems.push(problem.to_owned());
        }
        let is_github = matches!(self.tokens, Tokens::GitHub { .. });
        if !self.organizations.is_empty() && !is_github {
            let problem = "`organizations` are those of GitHub: elsewhere there are `tenants`";
            self.problems.push(problem.to_owned());
        }
        if !self.admission.tenants.is_empty() && self.map.tenant.is_none() {
            let problem = "`tenants` needs a claim to find them in: say which with `tenant_at`";
            self.problems.push(problem.to_owned());
        }
    }

    fn checked(mut self) -> Result<Self, InvalidProvider> {
        if self.problems.is_empty() {
            let mut once = BTreeSet::new();
            self.scopes.retain(|scope| once.insert(scope.clone()));
            return Ok(self);
        }
        Err(InvalidProvider::new(&self.name, self.problems))
    }
}

/// Whether secrets may go there, as far as the text tells; where it leads to, is looked at when it
/// is asked.
fn is_web(url: &str) -> bool {
    let graphic = url.bytes().all(|byte| byte.is_ascii_graphic());
    let rest = match url.split_once("://") {
        Some(("https", rest)) => Some(rest),
        Some(("http", rest)) if is_loopback(rest) => Some(rest),
        _ => None,
    };
    graphic
        && rest.is_some_and(|rest| !rest.starts_with('/') && !rest.contains(['?', '#', '@', '\\']))
}

fn is_loopback(rest: &str) -> bool {
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    ["localhost", "127.0.0.1", "[::1]"].contains(&host)
}
