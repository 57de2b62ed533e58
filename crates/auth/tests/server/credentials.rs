//! Where credentials may not stand, and how long they may be.

use http::Method;
use serde_json::json;

use crate::{READER, Town, bearer, challenge};

#[tokio::test]
async fn a_token_in_a_cookie_is_no_token() {
    let town = Town::new().await;
    for name in ["access_token", "token", "authorization", "__Host-token"] {
        for value in [READER.to_owned(), format!("Bearer%20{READER}")] {
            let cookie = format!("{name}={value}");
            let answer = town.call("who", &[("cookie", &cookie)]).await;
            assert_eq!(answer.status(), 401, "{cookie}");
            let said = challenge(answer.headers());
            assert!(!said.contains("error="), "nothing was shown: {said}");
        }
    }
    // Beside a token that opens, it is nothing either.
    let (good, bad) = (bearer(READER), bearer("canary-unknown"));
    let cookie = format!("access_token={READER}");
    for (shown, status) in [(good, 200), (bad, 401)] {
        let headers = [("authorization", &*shown), ("cookie", &*cookie)];
        assert_eq!(town.call("who", &headers).await.status(), status);
    }
}

#[tokio::test]
async fn a_token_in_a_form_is_no_token() {
    let town = Town::new().await;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = json!({ "access_token": READER });
    let answer = town.send(Method::POST, "/mcp", &form, &body).await;
    assert_eq!(answer.status(), 401);
}

#[tokio::test]
async fn a_token_of_more_than_8192_bytes_is_refused_before_it_is_judged() {
    let town = Town::new().await;
    for (length, status, error) in [
        (8_192, 401, "invalid_token"),
        (8_193, 400, "invalid_request"),
    ] {
        let token = bearer(&"a".repeat(length));
        let answer = town.call("who", &[("authorization", &token)]).await;
        assert_eq!(answer.status(), status, "{length}");
        let said = challenge(answer.headers());
        assert!(said.contains(error), "{length}: {said}");
    }
}
