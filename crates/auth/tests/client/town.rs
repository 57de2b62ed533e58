//! An MCP server and its authorization servers, on this machine, with levers to pull.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use purlin_auth::client::user_agent::Unattended;
use purlin_auth::client::{OAuth, OAuthBuilder};
use purlin_client::http::HttpEndpoint;
use purlin_client::{Client, ClientError};
use serde_json::{Value, json};
use tokio::net::TcpListener;

const CALLBACK: &str = "http://localhost:3000/callback";

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
    /// The access tokens that are let in.
    pub(crate) valid: Vec<String>,
    /// The scope that `tools/call` wants, if it wants one.
    pub(crate) wants_scope: Option<String>,
    /// How long tokens live, in seconds.
    pub(crate) lifetime: u64,
    /// The type of token that is issued, and let in: `Bearer` or `DPoP`.
    pub(crate) scheme: &'static str,
    /// The proofs that came with requests to the MCP server.
    pub(crate) proofs: Vec<String>,
    /// Whether answers bring refresh tokens, and whether those are taken.
    pub(crate) rotates: bool,
    pub(crate) takes_refresh: bool,
    /// Whether the user says no.
    pub(crate) denies: bool,
    /// How many tokens were issued.
    pub(crate) issued: usize,
    pub(crate) registrations: Vec<(String, Value)>,
    pub(crate) authorizations: Vec<(String, Parameters)>,
    pub(crate) token_requests: Vec<(String, Parameters)>,
    /// The authorization of each request to the MCP server.
    pub(crate) calls: Vec<Option<String>>,
}

#[derive(Clone)]
pub(crate) struct Town {
    base: String,
    world: Arc<Mutex<World>>,
}

impl Town {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let town = Self {
            world: Arc::new(Mutex::new(World::new(&base))),
            base,
        };
        let router = Router::new()
            .route("/mcp", post(mcp))
            .route("/.well-known/oauth-protected-resource/mcp", get(resource))
            .route(
                "/.well-known/oauth-authorization-server/{issuer}",
                get(metadata),
            )
            .route("/{issuer}/register", post(register))
            .route("/{issuer}/authorize", get(authorize))
            .route("/{issuer}/token", post(token))
            .route("/register", post(register))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .with_state(town.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        town
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    pub(crate) fn issuer(&self, name: &str) -> String {
        format!("{}/{name}", self.base)
    }

    /// A login that meets no user.
    pub(crate) fn login(&self) -> OAuthBuilder {
        OAuth::login().user_agent(Unattended::new(CALLBACK))
    }

    pub(crate) async fn connect(&self, oauth: OAuth) -> Result<Client, ClientError> {
        let endpoint = HttpEndpoint::new(&format!("{}/mcp", self.base)).unwrap();
        Client::connect(endpoint.authorize(oauth)).await
    }

    /// Nothing that was issued so far is let in any more.
    pub(crate) fn revoke(&self) {
        self.world().valid.clear();
    }
}

impl World {
    fn new(base: &str) -> Self {
        Self {
            issuer: format!("{base}/as"),
            metadata: json!({"code_challenge_methods_supported": ["S256"]}),
            resource: json!({}),
            is_old: false,
            valid: Vec::new(),
            wants_scope: None,
            lifetime: 3600,
            scheme: "Bearer",
            proofs: Vec::new(),
            rotates: true,
            takes_refresh: true,
            denies: false,
            issued: 0,
            registrations: Vec::new(),
            authorizations: Vec::new(),
            token_requests: Vec::new(),
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
}

async fn resource(State(town): State<Town>) -> Response {
    let world = town.world();
    if world.is_old {
        return StatusCode::NOT_FOUND.into_response();
    }
    let mut document = json!({
        "resource": format!("{}/mcp", town.base),
        "authorization_servers": [world.issuer],
    });
    merge(&mut document, &world.resource);
    Json(document).into_response()
}

async fn metadata(State(town): State<Town>, Path(name): Path<String>) -> Json<Value> {
    let issuer = town.issuer(&name);
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "registration_endpoint": format!("{issuer}/register"),
    });
    merge(&mut document, &town.world().metadata);
    Json(document)
}

fn merge(document: &mut Value, more: &Value) {
    for (name, value) in more.as_object().unwrap() {
        document[name] = value.clone();
    }
}

/// The issuer of a path; none for the fixed endpoints at the root.
fn issuer_of(name: Option<Path<String>>) -> String {
    name.map(|Path(name)| name).unwrap_or_default()
}

async fn register(
    State(town): State<Town>,
    name: Option<Path<String>>,
    Json(client): Json<Value>,
) -> (StatusCode, Json<Value>) {
    let mut world = town.world();
    let id = format!("client-{}", world.registrations.len() + 1);
    world.registrations.push((issuer_of(name), client));
    (StatusCode::CREATED, Json(json!({"client_id": id})))
}

async fn authorize(
    State(town): State<Town>,
    name: Option<Path<String>>,
    Query(query): Query<Parameters>,
) -> Redirect {
    let mut world = town.world();
    let outcome = match world.denies {
        true => "error=access_denied",
        false => "code=canary-code",
    };
    let back = format!(
        "{}?{outcome}&state={}",
        query["redirect_uri"], query["state"]
    );
    world.authorizations.push((issuer_of(name), query));
    Redirect::to(&back)
}

async fn token(
    State(town): State<Town>,
    name: Option<Path<String>>,
    Form(form): Form<Parameters>,
) -> Response {
    let mut world = town.world();
    let refreshes = form["grant_type"] == "refresh_token";
    world.token_requests.push((issuer_of(name), form));
    if refreshes && !world.takes_refresh {
        let refusal = Json(json!({"error": "invalid_grant"}));
        return (StatusCode::BAD_REQUEST, refusal).into_response();
    }
    world.issued += 1;
    let number = world.issued;
    let access = format!("canary-access-{number}");
    world.valid.push(access.clone());
    let mut answer = json!({
        "access_token": access,
        "token_type": world.scheme,
        "expires_in": world.lifetime,
    });
    if world.rotates || !refreshes {
        answer["refresh_token"] = format!("canary-refresh-{number}").into();
    }
    Json(answer).into_response()
}

async fn mcp(State(town): State<Town>, headers: HeaderMap, request: Request) -> Response {
    let body = axum::body::to_bytes(request.into_body(), 1 << 20)
        .await
        .unwrap();
    let message: Value = serde_json::from_slice(&body).unwrap();
    let sent = headers.get(header::AUTHORIZATION);
    let sent = sent.map(|value| value.to_str().unwrap().to_owned());
    let mut world = town.world();
    world.calls.push(sent.clone());
    let proof = headers.get("dpop").and_then(|value| value.to_str().ok());
    world.proofs.extend(proof.map(str::to_owned));
    let token = sent.as_deref();
    let token = token.and_then(|sent| sent.strip_prefix(world.scheme)?.strip_prefix(' '));
    let is_valid = token.is_some_and(|token| world.valid.iter().any(|valid| valid == token));
    if !is_valid {
        let challenge = format!("{} scope=\"basic\"", world.scheme);
        return refuse(StatusCode::UNAUTHORIZED, challenge);
    }
    let calls_tool = message["method"] == "tools/call";
    if let Some(scope) = world.wants_scope.as_ref().filter(|_| calls_tool) {
        let asked = world
            .authorizations
            .last()
            .map(|(_, query)| query["scope"].clone());
        if !asked
            .unwrap_or_default()
            .split(' ')
            .any(|asked| asked == scope)
        {
            let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
            return refuse(StatusCode::FORBIDDEN, challenge);
        }
    }
    let result = match calls_tool {
        true => json!({"content": [{"type": "text", "text": "hi"}]}),
        false => json!({"supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}}}),
    };
    Json(json!({"jsonrpc": "2.0", "id": message["id"], "result": result})).into_response()
}

fn refuse(status: StatusCode, challenge: String) -> Response {
    (status, [(header::WWW_AUTHENTICATE, challenge)]).into_response()
}
