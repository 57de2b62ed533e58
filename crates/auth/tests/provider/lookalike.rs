//! Providers on this machine: real sockets, recorded documents, and the quirks of each.
//!
//! Requests to `https://host/path` go to this machine as `/host/path`, so that documents and issuers
//! stay what they are.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, StatusCode};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use purlin_auth::Secret;
use purlin_auth::fetch::{Fetch, FetchError, Fetcher};
use purlin_auth::identity::{
    Callback, Identity, IdentityProvider, LoginError, LoginRequest, UpstreamTokens,
};
use purlin_auth::provider::{IssuedTokens, Login, Provider};
use purlin_auth::verify::{Presented, Scheme, Verifier, VerifyError};
use purlin_core::{BoxFuture, Principal};
use ring::digest::{SHA256, digest};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

/// Where a login comes back to.
pub(crate) const CALLBACK: &str = "https://mcp.example.com/auth/callback";
/// The server that tokens are for.
pub(crate) const RESOURCE: &str = "https://mcp.example.com/mcp";
const STATE: &str = "0123456789012345678901234567890123456789012";
const RSA: &str = include_str!("../client/keys/rsa.pem");

/// What a provider answers, changed by tests.
#[derive(Clone, Default)]
pub(crate) struct World {
    /// Bodies by `host/path`, each with its status.
    pub(crate) pages: HashMap<String, (u16, Value)>,
    /// What the next ID token says, besides what the engine sent along.
    pub(crate) id_token: Option<Map<String, Value>>,
    /// What else a token endpoint answers.
    pub(crate) issued: Map<String, Value>,
    /// Overrides the whole answer of the token endpoint.
    pub(crate) token_answer: Option<(u16, Value)>,
    /// Requests, in their order: `host/path`, headers, body.
    pub(crate) seen: Vec<(String, HeaderMap, String)>,
    /// The parameters that the browser was sent with.
    pub(crate) asked: HashMap<String, String>,
}

/// A provider, and the way to it.
#[derive(Clone)]
pub(crate) struct Lookalike {
    address: SocketAddr,
    pub(crate) world: Arc<Mutex<World>>,
    fetcher: Arc<Fetcher>,
}

impl std::fmt::Debug for Lookalike {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lookalike")
    }
}

impl Fetch for Lookalike {
    fn fetch(
        &self,
        request: http::Request<Vec<u8>>,
        limit: usize,
    ) -> BoxFuture<'_, Result<http::Response<Vec<u8>>, FetchError>> {
        let (mut head, body) = request.into_parts();
        let host = head.uri.authority().unwrap().as_str();
        assert_eq!(head.uri.scheme_str(), Some("https"), "{}", head.uri);
        let here = format!("http://{}/{host}{}", self.address, head.uri.path());
        head.uri = here.parse().unwrap();
        self.fetcher
            .fetch(http::Request::from_parts(head, body), limit)
    }
}

impl Lookalike {
    /// One that answers with a recorded document where it lies.
    pub(crate) async fn start(document: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let world = Arc::new(Mutex::new(World::default()));
        let this = Self {
            address,
            world,
            fetcher: Arc::new(Fetcher::new().plain_loopback()),
        };
        if !document.is_empty() {
            let document: Value = serde_json::from_str(document).unwrap();
            let issuer = document["issuer"].as_str().unwrap().trim_end_matches('/');
            let place = issuer.replace("{tenantid}", "common");
            this.page(
                &format!("{place}/.well-known/openid-configuration"),
                200,
                document.clone(),
            );
            let keys = document["jwks_uri"].as_str().unwrap();
            this.page(keys, 200, json!({"keys": [public_key()]}));
        }
        let router = Router::new().fallback(answer).with_state(this.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        this
    }

    /// Says what lies at a URL.
    pub(crate) fn page(&self, url: &str, status: u16, body: Value) {
        self.change(|world| _ = world.pages.insert(bare(url), (status, body)));
    }

    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        change(&mut self.world.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the next user of a login is, in claims.
    pub(crate) fn user(&self, claims: Value) {
        self.change(|world| world.id_token = claims.as_object().cloned());
    }

    /// The requests that came to a URL: headers and body.
    pub(crate) fn seen(&self, url: &str) -> Vec<(HeaderMap, String)> {
        let url = bare(url);
        self.change(|world| {
            let seen = world.seen.iter().filter(|(place, ..)| *place == url);
            seen.map(|(_, headers, body)| (headers.clone(), body.clone()))
                .collect()
        })
    }

    /// The login of a provider at this look-alike.
    pub(crate) fn login(&self, provider: Provider) -> Login {
        provider.fetch(Arc::new(self.clone())).login().unwrap()
    }

    /// The verifier of a provider's tokens at this look-alike.
    pub(crate) fn verifier(&self, provider: Provider) -> IssuedTokens {
        provider
            .fetch(Arc::new(self.clone()))
            .verifier(RESOURCE)
            .unwrap()
    }

    /// Logs the next user in: there and back, as a browser would go.
    pub(crate) async fn log_in(&self, login: &Login) -> Result<Identity, LoginError> {
        self.come_back(login, &[("code", "c-1")]).await
    }

    /// Goes there, and comes back with these parameters.
    pub(crate) async fn come_back(
        &self,
        login: &Login,
        parameters: &[(&str, &str)],
    ) -> Result<Identity, LoginError> {
        let step = login.begin(LoginRequest::new(STATE, CALLBACK)).await?;
        let to = step.redirect_to().unwrap();
        let asked = to.split_once('?').unwrap().1;
        let asked: HashMap<String, String> = form_urlencoded::parse(asked.as_bytes())
            .into_owned()
            .collect();
        assert_eq!(asked["state"], STATE);
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["code_challenge_method"], "S256");
        self.change(|world| world.asked = asked);
        let parameters: Vec<(String, String)> = parameters
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let kept: &Secret = step.secrets().unwrap();
        login
            .complete(Callback::new(&parameters, CALLBACK, kept))
            .await
    }
}

/// What a verifier makes of a bearer token.
pub(crate) async fn verify(verifier: &IssuedTokens, token: &str) -> Result<Principal, VerifyError> {
    let (head, ()) = http::Request::new(()).into_parts();
    let presented = Presented::new(RESOURCE, &head).with_token(Scheme::Bearer, token);
    verifier.verify(presented).decided().await
}

async fn answer(State(this): State<Lookalike>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let place = head.uri.path().trim_start_matches('/').to_owned();
    let body: Bytes = axum::body::to_bytes(body, 1 << 16).await.unwrap();
    let body = String::from_utf8(body.to_vec()).unwrap();
    let is_token = body.contains("grant_type=");
    this.change(|world| {
        world
            .seen
            .push((place.clone(), head.headers.clone(), body.clone()))
    });
    let (status, answer) = match is_token {
        true => this.token(&body),
        false => {
            let page = this.change(|world| world.pages.get(&place).cloned());
            page.unwrap_or((404, json!({"message": "Not Found"})))
        }
    };
    (StatusCode::from_u16(status).unwrap(), axum::Json(answer)).into_response()
}

impl Lookalike {
    /// The token endpoint: the code has to come with the verifier of the challenge.
    fn token(&self, body: &str) -> (u16, Value) {
        let form: HashMap<String, String> = form_urlencoded::parse(body.as_bytes())
            .into_owned()
            .collect();
        self.change(|world| {
            if let Some(answer) = world.token_answer.clone() {
                return answer;
            }
            let mut answer =
                json!({"access_token": "at-1", "token_type": "Bearer", "expires_in": 3600});
            let mut nonce = None;
            if form["grant_type"] == "authorization_code" {
                let hash = digest(&SHA256, form["code_verifier"].as_bytes());
                let fits = URL_SAFE_NO_PAD.encode(hash) == world.asked["code_challenge"];
                assert_eq!(form["redirect_uri"], CALLBACK);
                if form["code"] != "c-1" || !fits {
                    return (400, json!({"error": "invalid_grant"}));
                }
                nonce = world.asked.get("nonce").cloned();
            }
            if let Some(user) = &world.id_token {
                let mut claims = times();
                claims.extend(nonce.map(|nonce| ("nonce".to_owned(), nonce.into())));
                claims.extend(user.clone());
                answer["id_token"] = signed(&claims.into()).into();
            }
            for (name, value) in &world.issued {
                answer[name] = value.clone();
            }
            (200, answer)
        })
    }
}

fn bare(url: &str) -> String {
    url.trim_start_matches("https://").to_owned()
}

fn times() -> Map<String, Value> {
    let now = now();
    let times = json!({"iat": now, "exp": now + 3_600});
    times.as_object().cloned().unwrap()
}

pub(crate) fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

/// A token that the provider has signed, an hour long unless the claims say otherwise.
pub(crate) fn token(claims: Value) -> String {
    let mut all = times();
    all.extend(claims.as_object().cloned().unwrap());
    signed(&all.into())
}

fn signed(claims: &Value) -> String {
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some("k-1".to_owned());
    let key = EncodingKey::from_rsa_pem(RSA.as_bytes()).unwrap();
    jsonwebtoken::encode(&header, claims, &key).unwrap()
}

/// The public half of the key, as providers publish it.
fn public_key() -> Value {
    let key = EncodingKey::from_rsa_pem(RSA.as_bytes()).unwrap();
    let jwk = jsonwebtoken::jwk::Jwk::from_encoding_key(&key, Algorithm::RS256).unwrap();
    let mut jwk = serde_json::to_value(jwk).unwrap();
    jwk["kid"] = "k-1".into();
    jwk["use"] = "sig".into();
    jwk["alg"] = "RS256".into();
    jwk
}

/// Tokens of an earlier login.
pub(crate) fn upstream(identity: &Identity) -> UpstreamTokens {
    identity.upstream.clone().unwrap()
}
