//! What GitHub says of a token and of its user, for it issues no ID tokens.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{ACCEPT, AUTHORIZATION, USER_AGENT};
use http::request::Builder;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::admission::Turned;
use super::claims::Claims;
use super::failure::Failure;
use super::userinfo::bearer;
use super::web::Web;
use crate::Secret;

const VERSION: &str = "2022-11-28";
/// GitHub answers nobody who does not say who asks.
const AGENT: &str = "purlin";
/// The longest name of an organization.
const LONGEST: usize = 39;

/// The API, and the application that asks.
#[derive(Clone, Copy, Debug)]
pub(super) struct GitHub<'a> {
    pub(super) api: &'a str,
    pub(super) client_id: &'a str,
    pub(super) client_secret: &'a Secret,
    pub(super) organizations: &'a [String],
    pub(super) web: &'a Web,
}

/// A token as GitHub knows it.
#[derive(Deserialize)]
struct Known {
    app: Application,
    user: Option<Account>,
    #[serde(default)]
    scopes: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Application {
    client_id: String,
}

#[derive(Deserialize)]
struct Account {
    id: u64,
}

#[derive(Deserialize)]
struct Address {
    email: String,
    #[serde(default)]
    primary: bool,
    #[serde(default)]
    verified: bool,
}

#[derive(Deserialize)]
struct Membership {
    state: String,
}

impl GitHub<'_> {
    /// The claims of the user of a token that was issued to this application, in the words of
    /// OpenID Connect.
    ///
    /// # Errors
    /// When it is not, when the user is in no organization that is let in, or GitHub does not say.
    pub(super) async fn claims(&self, token: &Secret) -> Result<Claims, Failure> {
        let known = self.check(token).await?;
        let mut user = super::web::claims(&self.get(token, "user").await?)?;
        let id = user.get("id").and_then(Value::as_u64);
        if id.is_none() || id != known.user.map(|user| user.id) {
            return Err(Failure::untrusted("GitHub answers about another user"));
        }
        self.admit(token).await?;
        let mut claims = Claims::new();
        claims.insert("sub".to_owned(), id.map(|id| id.to_string()).into());
        for (theirs, ours) in [
            ("login", "preferred_username"),
            ("name", "name"),
            ("avatar_url", "picture"),
        ] {
            if let Some(value @ Value::String(_)) = user.remove(theirs) {
                claims.insert(ours.to_owned(), value);
            }
        }
        claims.insert("client_id".to_owned(), self.client_id.into());
        claims.insert(
            "scope".to_owned(),
            known.scopes.unwrap_or_default().join(" ").into(),
        );
        if let Some(email) = self.email(token).await? {
            claims.insert("email".to_owned(), email.into());
            claims.insert("email_verified".to_owned(), true.into());
        }
        Ok(claims)
    }

    /// Whether the token is one of this application. Only its owner is told.
    async fn check(&self, token: &Secret) -> Result<Known, Failure> {
        let place = format!("{}/applications/{}/token", self.api, self.client_id);
        let both = format!("{}:{}", self.client_id, self.client_secret.reveal());
        let basic = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(both)));
        let mut basic =
            basic.map_err(|_| Failure::misconfigured("the client cannot stand in a header"))?;
        basic.set_sensitive(true);
        let body = json!({"access_token": token.reveal()}).to_string();
        let request = self
            .request(Method::POST, &place)
            .header(AUTHORIZATION, basic);
        let response = self.web.send_built(request.body(body.into_bytes())).await?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND | StatusCode::UNPROCESSABLE_ENTITY => {
                return Err(Failure::denied(
                    "GitHub knows no such token of this application",
                ));
            }
            StatusCode::UNAUTHORIZED => {
                let why = "GitHub does not take the client id and secret";
                return Err(Failure::misconfigured(why));
            }
            _ => {
                return Err(Failure::unavailable(
                    "GitHub does not say whose the token is",
                ));
            }
        }
        let known: Known = read(&response)?;
        match known.app.client_id == self.client_id {
            true => Ok(known),
            false => Err(Failure::denied("the token is one of another application")),
        }
    }

    /// The primary address, if it is verified and may be seen.
    async fn email(&self, token: &Secret) -> Result<Option<String>, Failure> {
        let response = self.get(token, "user/emails").await;
        let addresses: Vec<Address> = match response {
            Ok(response) => read(&response)?,
            // Without the scope `user:email` nobody is told.
            Err(failure) if !failure.is_unavailable() => return Ok(None),
            Err(failure) => return Err(failure),
        };
        let mut addresses = addresses.into_iter();
        let primary = addresses.find(|address| address.primary && address.verified);
        Ok(primary.map(|address| address.email))
    }

    async fn admit(&self, token: &Secret) -> Result<(), Failure> {
        if self.organizations.is_empty() {
            return Ok(());
        }
        for name in self.organizations {
            if !is_name(name) {
                continue;
            }
            match self
                .get(token, &format!("user/memberships/orgs/{name}"))
                .await
            {
                Ok(response) => {
                    let membership: Membership = read(&response)?;
                    if membership.state == "active" {
                        return Ok(());
                    }
                }
                Err(failure) if failure.is_unavailable() => return Err(failure),
                Err(_) => {}
            }
        }
        Err(Turned::Organization.into())
    }

    async fn get(&self, token: &Secret, path: &str) -> Result<Response<Vec<u8>>, Failure> {
        let place = format!("{}/{path}", self.api);
        let request = self
            .request(Method::GET, &place)
            .header(AUTHORIZATION, bearer(token)?);
        let response = self.web.send_built(request.body(Vec::new())).await?;
        match response.status() {
            StatusCode::OK => Ok(response),
            StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND => {
                Err(Failure::denied("GitHub no longer takes the user's token"))
            }
            // It is also how GitHub says that somebody asks too often.
            StatusCode::FORBIDDEN if !is_limited(&response) => Err(Failure::denied(
                "the user's token may not see that at GitHub",
            )),
            _ => Err(Failure::unavailable("GitHub does not say who the user is")),
        }
    }

    fn request(&self, method: Method, place: &str) -> Builder {
        Request::builder()
            .method(method)
            .uri(place)
            .header(ACCEPT, "application/vnd.github+json")
            .header("x-github-api-version", VERSION)
            .header(USER_AGENT, AGENT)
    }
}

fn is_limited(response: &Response<Vec<u8>>) -> bool {
    let left = response.headers().get("x-ratelimit-remaining");
    left.is_some_and(|left| left == "0") || response.headers().contains_key("retry-after")
}

fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    !text.is_empty() && text.len() <= LONGEST && text.bytes().all(plain)
}

fn read<T: serde::de::DeserializeOwned>(response: &Response<Vec<u8>>) -> Result<T, Failure> {
    let why = "GitHub's answer is not understood";
    serde_json::from_slice(response.body()).map_err(|_| Failure::unavailable(why))
}
