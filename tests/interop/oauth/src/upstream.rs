//! A login of ours at the provider: there and back, and again with what was issued.

use axum::http::Request;
use purlin_auth::identity::{Callback, Identity, IdentityProvider, LoginRequest};
use purlin_auth::provider::{Login, Provider};
use purlin_client::http::Web;

use crate::Failure;

const CALLBACK: &str = "http://localhost:3000/callback";
const STATE: &str = "of-this-login";

/// Logs a user in, and asks again who it is.
pub(crate) async fn log_in(issuer: &str) -> Result<(), Failure> {
    let login = Provider::oidc(issuer).client("interop", "secret").login()?;
    let identity = there_and_back(&login).await?;
    let tokens = identity.upstream.as_ref().ok_or("there are no tokens")?;
    let again = login.refresh(tokens).await?;
    match (
        again.subject == identity.subject,
        identity.issuer.as_deref(),
    ) {
        (true, Some(known)) if known == issuer => Ok(()),
        _ => Err(format!("{identity:?}, and then {again:?}").into()),
    }
}

/// A code that somebody else's login brought is of no use in this one.
pub(crate) async fn refuse(issuer: &str) -> Result<(), Failure> {
    let login = Provider::oidc(issuer).client("interop", "secret").login()?;
    let (ours, theirs) = (begin(&login).await?, begin(&login).await?);
    let brought = follow(theirs.redirect_to().ok_or("no redirect")?).await?;
    let kept = ours.secrets().ok_or("no secrets")?;
    match login
        .complete(Callback::new(&brought, CALLBACK, kept))
        .await
    {
        Ok(identity) => Err(format!("{identity:?} was logged in").into()),
        Err(_) => Ok(()),
    }
}

async fn there_and_back(login: &Login) -> Result<Identity, Failure> {
    let step = begin(login).await?;
    let brought = follow(step.redirect_to().ok_or("no redirect")?).await?;
    let kept = step.secrets().ok_or("no secrets")?;
    Ok(login
        .complete(Callback::new(&brought, CALLBACK, kept))
        .await?)
}

async fn begin(login: &Login) -> Result<purlin_auth::identity::LoginStep, Failure> {
    Ok(login.begin(LoginRequest::new(STATE, CALLBACK)).await?)
}

/// What the provider sends the browser back with.
async fn follow(url: &str) -> Result<Vec<(String, String)>, Failure> {
    let response = Web::default()
        .send(Request::get(url).body(Vec::new())?)
        .await?;
    let location = response
        .headers()
        .get("location")
        .ok_or("no redirect back")?;
    let (place, query) = location.to_str()?.split_once('?').ok_or("no query")?;
    let brought: Vec<_> = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let state = brought.iter().find(|(name, _)| name == "state");
    match place == CALLBACK && state.is_some_and(|(_, state)| state == STATE) {
        true => Ok(brought),
        false => Err(format!("sent back to {place}").into()),
    }
}
