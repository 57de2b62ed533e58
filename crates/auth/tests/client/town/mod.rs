//! An MCP server and its authorization servers, on this machine, with levers to pull.

mod issuer;
mod mcp;
#[cfg(feature = "tls")]
mod tls;
mod well_known;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::{get, post};
use purlin_auth::client::user_agent::Unattended;
use purlin_auth::client::{OAuth, OAuthBuilder};
use purlin_client::http::HttpEndpoint;
use purlin_client::{Client, ClientError};
use serde_json::{Value, json};
use tokio::net::TcpListener;

#[cfg(feature = "tls")]
pub(crate) use tls::Authority;

pub(crate) const CALLBACK: &str = "http://localhost:3000/callback";

pub(crate) type Parameters = BTreeMap<String, String>;

/// The levers, and what was seen.
pub(crate) struct World {
    /// The authorization server that the MCP server names now.
    pub(crate) issuer: String,
    /// What its metadata says besides the endpoints.
    pub(crate) metadata: Value,
    /// What else the metadata of the resource says.
    pub(crate) resource: Value,
    /// Whether there is no metadata at all, as in revision 2025-03-26.
    pub(crate) is_old: bool,
    /// The places of metadata where there is none.
    pub(crate) hidden: BTreeSet<String>,
    /// The places where metadata was looked for.
    pub(crate) visited: Vec<String>,
    /// What challenges say besides.
    pub(crate) challenge: String,
    /// What users bring back besides the code.
    pub(crate) brings_back: String,
    /// The access tokens that are let in.
    pub(crate) valid: Vec<String>,
    /// The scope that `tools/call` wants, if it wants one.
    pub(crate) wants_scope: Option<String>,
    /// Whether `tools/call` always wants one more.
    pub(crate) wants_more: bool,
    /// How long tokens live, in seconds.
    pub(crate) lifetime: u64,
    /// The type of token that is issued, and let in: `Bearer` or `DPoP`.
    pub(crate) scheme: &'static str,
    /// Whether proofs need a nonce, which each server has of its own.
    pub(crate) wants_nonces: bool,
    /// The proofs that came with requests to the MCP server.
    pub(crate) proofs: Vec<String>,
    /// Whether answers bring refresh tokens, and whether those are taken.
    pub(crate) rotates: bool,
    pub(crate) takes_refresh: bool,
    /// Whether the user says no.
    pub(crate) denies: bool,
    /// Whether clients that register are given a secret.
    pub(crate) gives_secrets: bool,
    /// The answer to every request for tokens: a status and a header or a body.
    pub(crate) tokens_are: Option<Refusal>,
    /// How many tokens were issued.
    pub(crate) issued: usize,
    pub(crate) registrations: Vec<(String, Value)>,
    pub(crate) authorizations: Vec<(String, Parameters)>,
    pub(crate) token_requests: Vec<(String, Parameters)>,
    /// The headers of requests for tokens.
    pub(crate) token_headers: Vec<HeaderMap>,
    /// The authorization of each request to the MCP server.
    pub(crate) calls: Vec<Option<String>>,
}

/// What is answered instead of tokens.
#[derive(Clone)]
pub(crate) enum Refusal {
    /// An error with this code, in words that repeat the request.
    Echo(&'static str),
    /// A redirect that keeps method and body.
    Redirect(String),
}

#[derive(Clone)]
pub(crate) struct Town {
    base: String,
    world: Arc<Mutex<World>>,
}

impl Town {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let town = Self::at(format!("http://{}", listener.local_addr().unwrap()));
        let router = town.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        town
    }

    fn at(base: String) -> Self {
        Self {
            world: Arc::new(Mutex::new(World::new(&base))),
            base,
        }
    }

    fn router(&self) -> Router {
        Router::new()
            .route("/mcp", post(mcp::answer))
            .route("/{issuer}/register", post(issuer::register))
            .route("/{issuer}/authorize", get(issuer::authorize))
            .route("/{issuer}/token", post(issuer::token))
            .route("/register", post(issuer::register))
            .route("/authorize", get(issuer::authorize))
            .route("/token", post(issuer::token))
            .fallback(well_known::document)
            .with_state(self.clone())
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    pub(crate) fn issuer(&self, name: &str) -> String {
        format!("{}/{name}", self.base)
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/mcp", self.base)
    }

    /// A login that meets no user.
    pub(crate) fn login(&self) -> OAuthBuilder {
        OAuth::login().user_agent(Unattended::new(CALLBACK))
    }

    pub(crate) async fn connect(&self, oauth: OAuth) -> Result<Client, ClientError> {
        let endpoint = HttpEndpoint::new(&self.url()).unwrap();
        Client::connect(endpoint.authorize(oauth)).await
    }

    /// Nothing that was issued so far is let in any more.
    pub(crate) fn revoke(&self) {
        self.world().valid.clear();
    }

    /// Tokens are bound to keys, here and at the authorization servers.
    pub(crate) fn want_proofs(&self) {
        self.world().scheme = "DPoP";
        self.world().metadata["dpop_signing_alg_values_supported"] = json!(["ES256"]);
    }
}

impl World {
    fn new(base: &str) -> Self {
        Self {
            issuer: format!("{base}/as"),
            metadata: json!({"code_challenge_methods_supported": ["S256"]}),
            resource: json!({}),
            is_old: false,
            hidden: BTreeSet::new(),
            visited: Vec::new(),
            challenge: String::new(),
            brings_back: String::new(),
            valid: Vec::new(),
            wants_scope: None,
            wants_more: false,
            lifetime: 3600,
            scheme: "Bearer",
            wants_nonces: false,
            proofs: Vec::new(),
            rotates: true,
            takes_refresh: true,
            denies: false,
            gives_secrets: false,
            tokens_are: None,
            issued: 0,
            registrations: Vec::new(),
            authorizations: Vec::new(),
            token_requests: Vec::new(),
            token_headers: Vec::new(),
            calls: Vec::new(),
        }
    }

    /// The grants that tokens were asked for with.
    pub(crate) fn grants(&self) -> Vec<&str> {
        let grants = self.token_requests.iter();
        grants
            .map(|(_, form)| form["grant_type"].as_str())
            .collect()
    }

    /// Whether a proof has the nonce of this server, where nonces are wanted.
    fn accepts(&self, proof: Option<&str>, nonce: &str) -> bool {
        !self.wants_nonces
            || proof.is_some_and(|proof| crate::statement::claims(proof)["nonce"] == nonce)
    }
}
