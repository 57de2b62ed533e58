//! The authorization servers.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Form, Json};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::{Parameters, Refusal, Town, World};

const NONCE: &str = "nonce-of-the-issuer";

/// The issuer of a path; none for the fixed endpoints at the root.
fn issuer_of(name: Option<Path<String>>) -> String {
    name.map(|Path(name)| name).unwrap_or_default()
}

pub(super) async fn register(
    State(town): State<Town>,
    name: Option<Path<String>>,
    Json(client): Json<Value>,
) -> (StatusCode, Json<Value>) {
    let mut world = town.world();
    let mut answer = json!({"client_id": format!("client-{}", world.registrations.len() + 1)});
    if world.gives_secrets {
        answer["client_secret"] = "canary-registered".into();
        answer["token_endpoint_auth_method"] = client["token_endpoint_auth_method"].clone();
    }
    world.registrations.push((issuer_of(name), client));
    (StatusCode::CREATED, Json(answer))
}

pub(super) async fn authorize(
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
        "{}?{outcome}&state={}{}",
        query["redirect_uri"], query["state"], world.brings_back
    );
    world.authorizations.push((issuer_of(name), query));
    Redirect::to(&back)
}

pub(super) async fn token(
    State(town): State<Town>,
    name: Option<Path<String>>,
    headers: HeaderMap,
    Form(form): Form<Parameters>,
) -> Response {
    let mut world = town.world();
    let issuer = issuer_of(name);
    let proof = headers.get("dpop").map(|value| value.to_str().unwrap());
    // What an identity provider issues is bound to no key.
    let is_accepted = issuer == "idp" || world.accepts(proof, NONCE);
    world.token_requests.push((issuer, form.clone()));
    world.token_headers.push(headers.clone());
    if !is_accepted {
        let nonce = [("dpop-nonce", NONCE)];
        return (nonce, refuse("use_dpop_nonce", "")).into_response();
    }
    if let Some(response) = refused(&world, &form) {
        return response;
    }
    let refreshes = form["grant_type"] == "refresh_token";
    issue(&mut world, refreshes)
}

/// What the request is answered with instead of tokens, if it is not granted.
fn refused(world: &World, form: &Parameters) -> Option<Response> {
    match &world.tokens_are {
        Some(Refusal::Echo(code)) => return Some(refuse(code, &format!("not with {form:?}"))),
        Some(Refusal::Redirect(to)) => return Some(Redirect::temporary(to).into_response()),
        None => {}
    }
    let is_granted = match form["grant_type"].as_str() {
        "refresh_token" => world.takes_refresh,
        "authorization_code" => verifies(world, form),
        _ => true,
    };
    (!is_granted).then(|| refuse("invalid_grant", ""))
}

/// Whether the code comes from who was sent to the page (RFC 7636, section 4.6).
fn verifies(world: &World, form: &Parameters) -> bool {
    let (_, asked) = world.authorizations.last().unwrap();
    let verifier = &form["code_verifier"];
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
    verifier.len() >= 43 && form["code"] == "canary-code" && challenge == asked["code_challenge"]
}

fn refuse(code: &str, description: &str) -> Response {
    let refusal = json!({"error": code, "error_description": description});
    (StatusCode::BAD_REQUEST, Json(refusal)).into_response()
}

fn issue(world: &mut World, refreshes: bool) -> Response {
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
    ([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response()
}
