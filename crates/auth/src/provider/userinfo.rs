//! More of a user than an ID token says (OpenID Connect Core 1.0, section 5.3).

use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderValue, Request, StatusCode};

use super::claims::{ClaimPath, Claims};
use super::failure::Failure;
use super::web::Web;
use crate::Secret;

/// Asks the provider what it says of the user of an access token.
///
/// # Errors
/// [`Denied`](crate::identity::LoginErrorKind::Denied) when the token is not good any more.
pub(super) async fn ask(web: &Web, place: &str, token: &Secret) -> Result<Claims, Failure> {
    let request = Request::get(place)
        .header(ACCEPT, "application/json")
        .header(AUTHORIZATION, bearer(token)?)
        .body(Vec::new());
    let response = web.send_built(request).await?;
    match response.status() {
        StatusCode::OK => super::web::claims(&response),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(Failure::denied(
            "the provider no longer takes the user's token",
        )),
        _ => Err(Failure::unavailable(
            "the provider does not say who the user is",
        )),
    }
}

/// Adds what the provider says to what it has signed; what is signed goes first. Both have to be
/// about one user (section 5.3.2).
///
/// # Errors
/// When they are about two.
pub(super) fn join(signed: &mut Claims, said: Claims) -> Result<(), Failure> {
    let subject = ClaimPath::of(["sub"]);
    let (ours, theirs) = (subject.text(signed)?, subject.text(&said)?);
    if ours.is_none() || ours != theirs {
        return Err(Failure::untrusted(
            "the provider answers about another user",
        ));
    }
    for (name, value) in said {
        signed.entry(name).or_insert(value);
    }
    Ok(())
}

/// # Errors
/// When the token may not stand in a header.
pub(super) fn bearer(token: &Secret) -> Result<HeaderValue, Failure> {
    let value = HeaderValue::try_from(format!("Bearer {}", token.reveal()));
    let mut value =
        value.map_err(|_| Failure::untrusted("a token that may not stand in a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_said_is_about_the_user_of_the_id_token_and_covers_nothing_of_it() {
        let claims = |value: serde_json::Value| value.as_object().cloned().unwrap();
        let mut signed = claims(json!({"sub": "u", "email_verified": false}));
        let said = claims(json!({"sub": "u", "email_verified": true, "groups": ["g"]}));
        join(&mut signed, said).unwrap();
        assert_eq!(signed["email_verified"], false);
        assert_eq!(signed["groups"], json!(["g"]));
        for said in [json!({"sub": "v"}), json!({})] {
            assert!(join(&mut signed, claims(said)).is_err());
        }
    }
}
