//! How an authorization server is put together.

use std::{fmt, sync::Arc, time::Duration};

use purlin_core::store::{KeyValue, MemoryStore};

use super::{
    AuthorizationServer, Keys, Theme, TrustedIssuer,
    assertion::IdentityAssertions,
    clients::{Clients, ClientsConfig, StaticClient},
    cookie::Cookies,
    flow::{code::Codes, lockout::Lockout, transaction::Transactions},
    issuer::Issuer,
    metadata::{self, Offer},
    page::Pages,
    redirect::RedirectPattern,
    scopes::{self, Scope, Scopes},
    server::Inner,
    storage::{Limits, Storage},
    tokens::{Lifetimes, Tokens},
};
use crate::{
    audit::{AuthEvents, TracingEvents},
    fetch::{Fetch, Fetcher},
    identity::IdentityProvider,
    protect::Protection,
    verify::{Clock, StaticTokens, SystemClock},
};

/// The settings of an [`AuthorizationServer`].
#[must_use = "a builder does nothing until it builds"]
pub struct AuthorizationServerBuilder {
    issuer: String,
    provider: Arc<dyn IdentityProvider>,
    resource: Option<String>,
    keys: Option<Keys>,
    store: Option<Arc<dyn KeyValue>>,
    scopes: Scopes,
    theme: Theme,
    events: Arc<dyn AuthEvents>,
    clock: Arc<dyn Clock>,
    fetch: Arc<dyn Fetch>,
    clients: Vec<StaticClient>,
    patterns: Vec<RedirectPattern>,
    trusted: Vec<TrustedIssuer>,
    lifetimes: Lifetimes,
    registration: bool,
    skips_consent: bool,
}

impl AuthorizationServer {
    /// A server with this issuer, which is its URL as clients know it, byte for byte: `https`, or
    /// `http` at an address of this machine. `provider` logs users in.
    ///
    /// At the provider, register `{issuer}/callback` as the redirect URI.
    pub fn builder(
        issuer: impl Into<String>,
        provider: impl IdentityProvider,
    ) -> AuthorizationServerBuilder {
        AuthorizationServerBuilder {
            issuer: issuer.into(),
            provider: Arc::new(provider),
            resource: None,
            keys: None,
            store: None,
            scopes: Scopes::default(),
            theme: Theme::default(),
            events: Arc::new(TracingEvents),
            clock: Arc::new(SystemClock),
            fetch: Arc::new(Fetcher::new()),
            clients: Vec::new(),
            patterns: Vec::new(),
            trusted: Vec::new(),
            lifetimes: Lifetimes::default(),
            registration: true,
            skips_consent: false,
        }
    }
}

impl AuthorizationServerBuilder {
    /// The URL of the MCP server that tokens are for: its endpoint, as clients know it (default:
    /// the issuer with `/mcp`). Nobody gets a token for anything else.
    pub fn resource(mut self, url: impl Into<String>) -> Self {
        self.resource = Some(url.into());
        self
    }

    /// The keys that seal what is stored and sign what is issued. Processes that share a store
    /// share them. An issuer on this machine may do without: one random key then lasts as long
    /// as the process.
    pub fn keys(mut self, keys: Keys) -> Self {
        self.keys = Some(keys);
        self
    }

    /// Where clients, logins, codes and tokens are kept (default: in the memory of this process).
    /// Everything secret in it is sealed. It should be durable, or all users log in again when it
    /// is gone, and shared where several processes serve one issuer.
    pub fn store(mut self, store: Arc<dyn KeyValue>) -> Self {
        self.store = Some(store);
        self
    }

    /// Adds a scope that applications may ask for, and what it means to the user who is asked:
    /// `("orders:write", "Place and cancel orders")`.
    pub fn scope(mut self, name: impl Into<String>, meaning: impl Into<String>) -> Self {
        self.scopes.known.push(Scope {
            name: name.into(),
            meaning: Some(meaning.into()),
        });
        self
    }

    /// What an application gets that asks for nothing in particular (default: all scopes).
    pub fn default_scopes<T: Into<String>>(mut self, scopes: impl IntoIterator<Item = T>) -> Self {
        self.scopes.default = Some(scopes.into_iter().map(Into::into).collect());
        self
    }

    /// How long an access token is good for (default 1 h), and how long a refresh token that nobody
    /// uses (default 30 days).
    pub fn lifetimes(mut self, access: Duration, refresh: Duration) -> Self {
        self.lifetimes.access = access;
        self.lifetimes.refresh = refresh;
        self
    }

    /// How long a user stays logged in at most, however often tokens are refreshed (default 90
    /// days): after that no refresh token of this login is taken, and the application has to ask
    /// its user again (RFC 9700, section 4.14.2). Access tokens that were issued before run out by
    /// themselves.
    ///
    /// ```
    /// use std::time::Duration;
    /// use purlin_auth::authorization_server::{AuthorizationServer, DevelopmentLogin};
    ///
    /// let server = AuthorizationServer::builder("http://127.0.0.1:8000", DevelopmentLogin::new())
    ///     .longest_login(Duration::from_secs(7 * 24 * 60 * 60))
    ///     .build()?;
    /// # Ok::<(), purlin_auth::authorization_server::BuildError>(())
    /// ```
    pub fn longest_login(mut self, longest: Duration) -> Self {
        self.lifetimes.absolute = longest;
        self
    }

    /// What the pages look like.
    pub fn theme(mut self, theme: Theme) -> Self {
        self.theme = theme;
        self
    }

    /// Who is told of logins, consents and tokens (default: [`TracingEvents`]).
    pub fn events(mut self, events: impl AuthEvents) -> Self {
        self.events = Arc::new(events);
        self
    }

    /// The wall clock (default: that of the machine).
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Adds a client that need not register.
    pub fn client(mut self, client: StaticClient) -> Self {
        self.clients.push(client);
        self
    }

    /// Allows redirect URIs that match this pattern, and others of this sort; without one, whatever
    /// clients registered that [may be one](super::redirect::check). Clients that were
    /// [named](Self::client) are not held against it.
    pub fn allow_redirects(mut self, pattern: RedirectPattern) -> Self {
        self.patterns.push(pattern);
        self
    }

    /// Lets the users of this identity provider in by its word: a client that brings an identity
    /// assertion of it (ID-JAG) gets a token for five minutes, without a browser.
    pub fn trust(mut self, issuer: TrustedIssuer) -> Self {
        self.trusted.push(issuer);
        self
    }

    /// Who fetches the documents of clients whose ids are URLs (default: [`Fetcher::new`], which
    /// asks public addresses alone).
    pub fn fetch(mut self, fetch: impl Fetch) -> Self {
        self.fetch = Arc::new(fetch);
        self
    }

    /// Whether clients may register themselves (RFC 7591; default yes). Clients whose id is the
    /// URL of their metadata document need not.
    pub fn registration(mut self, enabled: bool) -> Self {
        self.registration = enabled;
        self
    }

    /// Sends users to the identity provider without asking whether they want the application in.
    ///
    /// Whoever can register a client, which is everybody, then gets a code for every user who
    /// follows a link and is logged in at the identity provider already. Only where clients
    /// cannot register and every one of them is your own.
    #[cfg(feature = "dangerous")]
    #[cfg_attr(docsrs, doc(cfg(feature = "dangerous")))]
    pub fn dangerous_without_consent(mut self) -> Self {
        self.skips_consent = true;
        self
    }

    /// The server.
    ///
    /// # Errors
    /// When a setting makes no sense; the message names every one that does not.
    pub fn build(self) -> Result<AuthorizationServer, BuildError> {
        let mut mistakes = self.mistakes();
        let issuer = Issuer::parse(&self.issuer);
        if let Err(mistake) = &issuer {
            mistakes.push(format!(
                "the issuer `{}` will not do: {mistake}",
                self.issuer
            ));
        }
        match issuer {
            Ok(issuer) if mistakes.is_empty() => Ok(self.assemble(issuer)),
            _ => Err(BuildError(mistakes)),
        }
    }

    fn assemble(self, issuer: Issuer) -> AuthorizationServer {
        let resource = self.resource_url();
        let keys = self.keys.unwrap_or_else(Keys::random);
        let store = self.store.unwrap_or_else(|| Arc::new(MemoryStore::new()));
        let storage = Storage::new(Arc::clone(&store), keys.clone());
        let limits = Limits::new(store);
        let (provider, events) = (self.provider, self.events);
        let document = metadata::document(Offer {
            issuer: &issuer,
            resource: &resource,
            scopes: &self.scopes,
            registration: self.registration,
            assertions: !self.trusted.is_empty(),
        });
        let tokens = Tokens::new(
            issuer.as_str(),
            &storage,
            Arc::clone(&provider),
            Arc::clone(&events),
            Arc::clone(&self.clock),
        );
        let tokens = tokens.with_lifetimes(self.lifetimes);
        let config = ClientsConfig {
            named: self.clients,
            patterns: self.patterns,
            documents: true,
            fetch: Arc::clone(&self.fetch),
            audiences: vec![issuer.as_str().to_owned(), issuer.url("/token")],
            events: Arc::clone(&events),
            clock: Arc::clone(&self.clock),
        };
        let clients = Clients::new(&storage, limits.clone(), config);
        let assertions = (!self.trusted.is_empty()).then(|| {
            let clock = Arc::clone(&self.clock);
            let (us, trusted) = (issuer.as_str(), self.trusted);
            IdentityAssertions::new(&storage, us, &resource, trusted, &self.fetch, clock)
        });
        AuthorizationServer(Arc::new(Inner {
            assertions,
            pages: Pages::new(self.theme, host(&resource)),
            cookies: Cookies::new(&issuer, &keys),
            ring: keys.ring("seal what browsers carry"),
            lockout: Lockout::new(&storage),
            transactions: Transactions::new(&storage),
            codes: Codes::new(&storage, self.lifetimes.longest()),
            metadata: document,
            clock: self.clock,
            registration: self.registration,
            scopes: self.scopes,
            skips_consent: self.skips_consent,
            issuer,
            resource,
            provider,
            events,
            limits,
            clients,
            tokens,
        }))
    }

    /// The resource, as it was given or as it follows from the issuer.
    fn resource_url(&self) -> String {
        let given = self.resource.clone();
        given.unwrap_or_else(|| format!("{}/mcp", self.issuer.trim_end_matches('/')))
    }

    fn mistakes(&self) -> Vec<String> {
        let mut mistakes = Vec::new();
        let resource = self.resource_url();
        if let Err(mistake) = Protection::new(&resource, StaticTokens::new()) {
            mistakes.push(format!("the resource `{resource}` will not do: {mistake}"));
        }
        for scope in self.scopes.names().filter(|scope| !scopes::is_scope(scope)) {
            mistakes.push(format!(
                "`{scope}` is not a scope: use visible ASCII without spaces, `\"` and `\\`"
            ));
        }
        for scope in self.scopes.default.iter().flatten() {
            if !self.scopes.names().any(|known| known == scope) {
                mistakes.push(format!(
                    "the default scope `{scope}` is unknown: add it with `scope` first"
                ));
            }
        }
        if let Ok(issuer) = Issuer::parse(&self.issuer) {
            mistakes.extend(self.mistakes_of_address(&issuer));
        }
        mistakes
    }

    /// What is good enough for this machine only.
    fn mistakes_of_address(&self, issuer: &Issuer) -> Vec<String> {
        let mut mistakes = Vec::new();
        if issuer.is_loopback() {
            return mistakes;
        }
        if self.keys.is_none() {
            mistakes.push(
                "there are no keys, which only an issuer on this machine may do without: make one \
                 with `openssl rand -base64 32` and give it to `keys`"
                    .to_owned(),
            );
        }
        if self.provider.loopback_only() {
            mistakes.push(format!(
                "{} is for an issuer on this machine alone: use another identity provider",
                self.provider.name()
            ));
        }
        mistakes
    }
}

impl fmt::Debug for AuthorizationServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationServerBuilder")
            .field("issuer", &self.issuer)
            .field("provider", &self.provider)
            .field("resource", &self.resource)
            .finish_non_exhaustive()
    }
}

/// Settings of an [`AuthorizationServer`] that make no sense: all of them, each with what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildError(Vec<String>);

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

impl std::error::Error for BuildError {}

/// What users know a server by that has no name: the host in its URL.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}
