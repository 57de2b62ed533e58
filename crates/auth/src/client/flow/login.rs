//! A user who logs in and consents: the authorization code grant with PKCE (OAuth 2.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use form_urlencoded::Serializer;
use ring::digest::{SHA256, digest};

use super::{Granted, Request, callback, required};
use crate::client::discovery::ServerMetadata;
use crate::client::error::{AuthError, AuthErrorKind, excerpt};
use crate::client::registration::{self, Registration};
use crate::client::scopes::{OFFLINE_ACCESS, Scopes};
use crate::client::store::Key;
use crate::client::token::{Authentication, Tokens};
use crate::client::url::Url;
use crate::client::user_agent::{AuthorizationRequest, UserAgent};
use crate::client::{Registered, Result, Secret};
use crate::random;

/// How users log in.
#[derive(Debug)]
pub(in crate::client) struct Login {
    /// What the user is asked to trust.
    pub(in crate::client) name: String,
    pub(in crate::client) registered: Option<Registered>,
    /// The URL of the document that describes this client, which is its name, too.
    pub(in crate::client) document: Option<String>,
    pub(in crate::client) agent: Box<dyn UserAgent>,
}

/// Who we are at the authorization server.
enum Identity<'a> {
    Registered(&'a Registered),
    Document(&'a str),
    OnTheSpot(Registration),
}

impl Identity<'_> {
    fn id(&self) -> &str {
        match self {
            Self::Registered(client) => client.id(),
            Self::Document(url) => url,
            Self::OnTheSpot(registration) => registration.id(),
        }
    }

    fn authentication<'a>(&'a self, server: &'a ServerMetadata) -> Authentication<'a> {
        match self {
            Self::Registered(client) => client.authentication(server),
            Self::Document(_) => Authentication::Public,
            Self::OnTheSpot(registration) => registration.authentication(),
        }
    }
}

impl Login {
    pub(super) fn issuer(&self) -> Option<&str> {
        self.registered.as_ref()?.issuer.as_deref()
    }

    pub(super) async fn obtain(&self, request: Request<'_>) -> Result<Granted> {
        let server = &request.place.server;
        demand_pkce(server)?;
        if let Some(page) = &server.authorization_endpoint {
            request.web.admits(page).await?;
        }
        let key = Key::Client {
            issuer: &server.issuer,
        };
        let earlier: Option<Registration> = request.records.load(&key).await?;
        let earlier_uri = earlier.as_ref().map(|client| client.redirect_uri.as_str());
        let round = self.agent.open(earlier_uri).await?;
        let redirect_uri = round.redirect_uri().to_owned();
        let identity = self.identify(request, earlier, &redirect_uri).await?;
        let attempt = Attempt {
            request,
            identity: &identity,
            redirect_uri: &redirect_uri,
            verifier: random::text(),
            state: random::text(),
        };
        let answer = round.visit(attempt.authorization()?).await?;
        let code = callback::code(&answer, &attempt.state, server)?;
        let tokens = forget_if_unknown(request, attempt.redeem(&code).await).await?;
        Ok(Granted {
            client: identity.id().to_owned(),
            tokens,
        })
    }

    pub(super) async fn refresh(
        &self,
        request: Request<'_>,
        client: &str,
        tokens: &Tokens,
    ) -> Result<Option<Tokens>> {
        let Some(refresh) = &tokens.refresh else {
            return Ok(None);
        };
        let Some(identity) = self.known(request, client).await? else {
            return Ok(None);
        };
        let authentication = identity.authentication(&request.place.server);
        let grant = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh.reveal()),
        ];
        // Without scopes: the ones that were granted stay (RFC 6749, section 6).
        let form = request.form("", &grant);
        let endpoint = request.endpoint(client, authentication)?;
        let renewed = endpoint.tokens(&form, tokens.asked.clone()).await;
        match forget_if_unknown(request, renewed).await {
            Ok(mut renewed) => {
                renewed.refresh = renewed.refresh.or_else(|| Some(refresh.clone()));
                Ok(Some(renewed))
            }
            Err(error) if error.kind() == AuthErrorKind::Denied => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Who we are, in the order of the specification: registered beforehand, described by a URL,
    /// registered on the spot.
    async fn identify(
        &self,
        request: Request<'_>,
        earlier: Option<Registration>,
        redirect_uri: &str,
    ) -> Result<Identity<'_>> {
        let server = &request.place.server;
        if let Some(client) = &self.registered {
            return Ok(Identity::Registered(client));
        }
        if server.client_id_metadata_document_supported
            && let Some(url) = self.document.as_deref()
        {
            check_document(url)?;
            return Ok(Identity::Document(url));
        }
        if let Some(client) = earlier.filter(|client| client.is_good_for(redirect_uri)) {
            return Ok(Identity::OnTheSpot(client));
        }
        let scopes = wanted(request);
        let registered =
            registration::register(request.web, server, &self.name, redirect_uri, &scopes).await?;
        let key = Key::Client {
            issuer: &server.issuer,
        };
        request.records.save(&key, &registered).await?;
        Ok(Identity::OnTheSpot(registered))
    }

    /// The identity that tokens were issued to, if it is still ours.
    async fn known(&self, request: Request<'_>, client: &str) -> Result<Option<Identity<'_>>> {
        let key = Key::Client {
            issuer: request.place.issuer(),
        };
        let stored = request.records.load(&key).await?.map(Identity::OnTheSpot);
        let ours = self.registered.as_ref().map(Identity::Registered);
        let document = self.document.as_deref().map(Identity::Document);
        let mut known = [ours, document, stored].into_iter().flatten();
        Ok(known.find(|identity| identity.id() == client))
    }
}

/// One user's way there and back.
struct Attempt<'a> {
    request: Request<'a>,
    identity: &'a Identity<'a>,
    redirect_uri: &'a str,
    /// What only who sent the user there knows (RFC 7636).
    verifier: String,
    /// What ties the answer to this attempt.
    state: String,
}

impl Attempt<'_> {
    /// The page that the user is sent to.
    fn authorization(&self) -> Result<AuthorizationRequest> {
        let place = self.request.place;
        let endpoint = required(place, &place.server.authorization_endpoint, "authorization")?;
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, self.verifier.as_bytes()));
        let mut query = vec![
            ("response_type", "code"),
            ("client_id", self.identity.id()),
            ("redirect_uri", self.redirect_uri),
            ("state", &self.state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let scopes = wanted(self.request);
        if scopes.contains(OFFLINE_ACCESS) {
            // Without it, OpenID providers issue no refresh token.
            query.push(("prompt", "consent"));
        }
        let scopes = scopes.to_string();
        Ok(AuthorizationRequest {
            url: with_query(endpoint, &self.request.form(&scopes, &query)),
            state: self.state.clone(),
        })
    }

    /// Exchanges the code for tokens.
    async fn redeem(&self, code: &Secret) -> Result<Tokens> {
        let grant = [
            ("grant_type", "authorization_code"),
            ("code", code.reveal()),
            ("redirect_uri", self.redirect_uri),
            ("code_verifier", &self.verifier),
        ];
        let form = self.request.form("", &grant);
        let authentication = self.identity.authentication(&self.request.place.server);
        let endpoint = self.request.endpoint(self.identity.id(), authentication)?;
        endpoint.tokens(&form, self.request.scopes.clone()).await
    }
}

/// The scopes to ask for: those needed, and where the server offers it, a refresh token.
fn wanted(request: Request<'_>) -> Scopes {
    let offers = &request.place.server.scopes_supported;
    let offers_refresh = offers.iter().any(|scope| scope == OFFLINE_ACCESS);
    if offers_refresh && !request.scopes.is_empty() {
        return request.scopes.with(OFFLINE_ACCESS);
    }
    request.scopes.clone()
}

/// # Errors
/// When the server does not say that it takes PKCE with S256: then it may well ignore it.
fn demand_pkce(server: &ServerMetadata) -> Result<()> {
    if server
        .code_challenge_methods_supported
        .iter()
        .any(|method| method == "S256")
    {
        return Ok(());
    }
    let issuer = excerpt(&server.issuer);
    let message = format!("the authorization server {issuer} does not offer PKCE with S256");
    Err(AuthError::new(AuthErrorKind::Unsupported, message))
}

/// A registration that the server does not know any more is of no use the next time.
async fn forget_if_unknown<T>(request: Request<'_>, outcome: Result<T>) -> Result<T> {
    if let Err(error) = &outcome
        && error.code() == Some("invalid_client")
    {
        let issuer = request.place.issuer();
        request.records.remove(&Key::Client { issuer }).await?;
    }
    outcome
}

/// Adds parameters to an endpoint, which may have some of its own.
fn with_query(endpoint: &str, parameters: &[(&str, &str)]) -> String {
    let mut query = Serializer::new(String::new());
    query.extend_pairs(parameters);
    let separator = if endpoint.contains('?') { '&' } else { '?' };
    format!("{endpoint}{separator}{}", query.finish())
}

/// Whether this may be the URL of a client's document.
///
/// # Errors
/// When it is no `https` URL with a path.
fn check_document(url: &str) -> Result<()> {
    let parts = Url::parse(url)?;
    if parts.is_https() && parts.path.len() > 1 && !parts.has_fragment() {
        return Ok(());
    }
    let message = format!("`{}` is no `https` URL with a path", excerpt(url));
    Err(AuthError::new(AuthErrorKind::Configuration, message))
}
