//! What Google says of an access token, which says nothing by itself.

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{Request, StatusCode};

use super::claims::{ClaimPath, Claims};
use super::document::Document;
use super::failure::Failure;
use super::preset::short_scopes;
use super::userinfo::{self, bearer};
use super::web::Web;
use crate::Secret;

/// The place where tokens are looked into, and the application they have to be for.
#[derive(Clone, Copy, Debug)]
pub(super) struct TokenInfo<'a> {
    pub(super) place: &'a str,
    pub(super) client_id: &'a str,
    /// Whether more is needed of the user than the token's owner.
    pub(super) asks_more: bool,
    pub(super) web: &'a Web,
}

impl TokenInfo<'_> {
    /// The claims of the user of a token that was issued to this application.
    ///
    /// # Errors
    /// When it is not, or Google does not say.
    pub(super) async fn claims(
        &self,
        document: &Document,
        token: &Secret,
    ) -> Result<Claims, Failure> {
        let mut claims = self.look(token).await?;
        let audience = ClaimPath::of(["aud"]).text(&claims)?;
        if audience != Some(self.client_id) {
            return Err(Failure::denied("the token is one of another application"));
        }
        let lifetime = claims.get("expires_in").and_then(seconds);
        if lifetime.is_none_or(|lifetime| lifetime == 0) {
            return Err(Failure::denied("the token has ended"));
        }
        if self.asks_more {
            let place = document.userinfo_endpoint.as_deref();
            let place = place.ok_or(Failure::misconfigured("the provider has no userinfo"))?;
            userinfo::join(&mut claims, userinfo::ask(self.web, place, token).await?)?;
        }
        let mut scopes = ClaimPath::of(["scope"]).words(&claims)?;
        short_scopes(&mut scopes);
        claims.insert("scope".to_owned(), scopes.join(" ").into());
        Ok(claims)
    }

    async fn look(&self, token: &Secret) -> Result<Claims, Failure> {
        let request = Request::post(self.place)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(AUTHORIZATION, bearer(token)?)
            .body(Vec::new());
        let response = self.web.send_built(request).await?;
        match response.status() {
            StatusCode::OK => super::web::claims(&response),
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED => {
                Err(Failure::denied("Google knows no such token"))
            }
            _ => Err(Failure::unavailable(
                "Google does not say whose the token is",
            )),
        }
    }
}

/// Google writes its numbers as texts.
fn seconds(value: &serde_json::Value) -> Option<u64> {
    let text = value.as_str().and_then(|text| text.parse().ok());
    value.as_u64().or(text)
}
