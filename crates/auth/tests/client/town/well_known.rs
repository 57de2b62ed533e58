//! Where metadata is.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::Town;

const RESOURCE: &str = "/.well-known/oauth-protected-resource";
const SERVER: [&str; 2] = [
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
];

pub(super) async fn document(State(town): State<Town>, uri: Uri) -> Response {
    let path = uri.path();
    town.world().visited.push(path.to_owned());
    if town.world().hidden.contains(path) {
        return StatusCode::NOT_FOUND.into_response();
    }
    if path.starts_with(RESOURCE) || path == "/elsewhere" {
        return resource(&town);
    }
    let name = SERVER.iter().find_map(|place| {
        path.strip_prefix(place)
            .or_else(|| path.strip_suffix(place))
    });
    match name.and_then(|name| name.strip_prefix('/')) {
        Some(name) => Json(server(&town, name)).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn resource(town: &Town) -> Response {
    let world = town.world();
    if world.is_old {
        return StatusCode::NOT_FOUND.into_response();
    }
    let mut document = json!({
        "resource": town.url(),
        "authorization_servers": [world.issuer],
    });
    merge(&mut document, &world.resource);
    Json(document).into_response()
}

fn server(town: &Town, name: &str) -> Value {
    let issuer = town.issuer(name);
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "registration_endpoint": format!("{issuer}/register"),
    });
    merge(&mut document, &town.world().metadata);
    document
}

fn merge(document: &mut Value, more: &Value) {
    for (name, value) in more.as_object().unwrap() {
        document[name] = value.clone();
    }
}
