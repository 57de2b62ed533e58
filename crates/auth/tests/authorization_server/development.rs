//! The self-contained server: users in code, a page that asks for a password, this machine alone.

use purlin_auth::audit::AuthEventKind;
use purlin_auth::authorization_server::{
    AuthorizationServer, DevelopmentLogin, DevelopmentUser, Keys,
};

use crate::scene::{Browser, CALLBACK, FORM, Page, Scene, Sent, VERIFIER, token};

/// A browser before the page that asks for a password.
async fn asked(scene: &Scene) -> (Browser, Page, String) {
    let client = scene.register("App", CALLBACK).await;
    let mut browser = scene.browser.clone();
    let consent = browser.get(&scene.request(&client).url()).await;
    let allowed = browser.submit(&consent, &[("decision", "allow")]).await;
    let page = browser.get(allowed.location()).await;
    assert_eq!(page.status, 200, "{page:?}");
    (browser, page, client)
}

async fn type_in(browser: &mut Browser, page: &Page, user: &str, password: &str) -> Page {
    browser
        .submit(page, &[("username", user), ("password", password)])
        .await
}

#[tokio::test]
async fn a_login_with_a_password_ends_in_tokens() {
    let scene = Scene::development().await;
    let (mut browser, page, client) = asked(&scene).await;
    for part in [
        "<label for=\"username\">",
        "<label for=\"password\">",
        "autocomplete=\"current-password\"",
        "autocomplete=\"username\"",
    ] {
        assert!(page.body.contains(part), "{}", page.body);
    }
    let back = type_in(&mut browser, &page, "alice", "wonderland").await;
    assert_eq!(back.parameter("iss"), Some(scene.issuer.clone()));
    let code = back.parameter("code").unwrap();
    let resource = scene.url("/mcp");
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", &*client),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("resource", &resource),
    ];
    let answer = scene.post("/token", &form).await;
    assert!(scene.lets_in(&token(&answer)).await);
}

#[tokio::test]
async fn browsers_accept_the_cookies_of_plain_http_on_this_machine() {
    let scene = Scene::development().await;
    let (browser, _, _) = asked(&scene).await;
    assert_eq!(browser.cookies.len(), 2);
    assert!(
        browser
            .cookies
            .iter()
            .all(|cookie| cookie.name.starts_with("purlin-") && cookie.lax)
    );
}

#[tokio::test]
async fn a_wrong_password_is_told_without_saying_what_was_wrong() {
    let scene = Scene::development().await;
    let (mut browser, page, _) = asked(&scene).await;
    let wrong = type_in(&mut browser, &page, "alice", "rabbit").await;
    let nobody = type_in(&mut browser, &page, "nobody", "wonderland").await;
    for page in [&wrong, &nobody] {
        assert_eq!(page.status, 403);
        assert!(page.body.contains("role=\"alert\""), "{}", page.body);
        assert!(
            page.body.contains("aria-describedby=\"problem\""),
            "{}",
            page.body
        );
    }
    let alert = |page: &Page| page.body.split("role=\"alert\"").nth(1).unwrap()[..120].to_owned();
    assert_eq!(alert(&wrong), alert(&nobody));
    // What was typed as a name may be a password: nothing of it is recorded.
    let failed = scene.events(AuthEventKind::Login);
    assert_eq!(failed.len(), 2);
    assert!(failed.iter().all(|event| event.subject().is_none()));
    // And the login goes on.
    let back = type_in(&mut browser, &wrong, "alice", "wonderland").await;
    assert!(back.parameter("code").is_some());
}

#[tokio::test]
async fn five_failures_lock_the_name_for_this_address() {
    let scene = Scene::development().await;
    let (mut browser, page, _) = asked(&scene).await;
    for _ in 0..5 {
        assert_eq!(
            type_in(&mut browser, &page, "alice", "guess").await.status,
            403
        );
    }
    let locked = type_in(&mut browser, &page, "alice", "wonderland").await;
    assert_eq!(locked.status, 429);
    assert_eq!(locked.header("retry-after"), Some("900"));
    assert_eq!(scene.events(AuthEventKind::Lockout).len(), 1);
    // Nobody else is locked out.
    let other = type_in(&mut browser, &page, "bob", "builder").await;
    assert!(other.parameter("code").is_some());
}

#[tokio::test]
async fn guesses_at_once_are_no_more_than_a_few() {
    let scene = Scene::development().await;
    let (browser, page, _) = asked(&scene).await;
    let guess = async |password: &str| {
        let mut browser = browser.clone();
        type_in(&mut browser, &page, "alice", password).await.status
    };
    let (a, b, c, d, e, f, g, h) = tokio::join!(
        guess("1"),
        guess("2"),
        guess("3"),
        guess("4"),
        guess("5"),
        guess("6"),
        guess("7"),
        guess("8"),
    );
    let judged = [a, b, c, d, e, f, g, h]
        .iter()
        .filter(|status| **status == 403)
        .count();
    assert_eq!(judged, 5);
}

#[tokio::test]
async fn the_password_page_is_for_the_browser_that_allowed_the_application() {
    let scene = Scene::development().await;
    let (mut browser, page, _) = asked(&scene).await;
    let mut other = browser.another();
    assert_eq!(other.get(&page.url).await.status, 403);
    let form = page.form(&[("username", "alice"), ("password", "wonderland")]);
    assert_eq!(
        other
            .post(&page.action(), &form, &scene.issuer)
            .await
            .status,
        403
    );
    assert_eq!(
        browser
            .post(&page.action(), &form, "http://evil.test")
            .await
            .status,
        403
    );
    let back = browser.post(&page.action(), &form, &scene.issuer).await;
    assert!(back.parameter("code").is_some());
    assert_eq!(
        browser.get(&page.url).await.status,
        403,
        "the login is over"
    );
}

#[tokio::test]
async fn the_password_page_refuses_other_machines() {
    // A proxy on this machine says for whom it asks.
    let scene = Scene::development_behind("127.0.0.1").await;
    let (browser, page, _) = asked(&scene).await;
    let form = page.form(&[("username", "alice"), ("password", "wonderland")]);
    for caller in ["192.0.2.1", "2001:db8::1", "10.0.0.1", "169.254.1.1"] {
        let headers = [("x-forwarded-for", caller)];
        let shown = Sent {
            method: "GET",
            from: None,
            body: "",
            kind: "",
            headers: &headers,
        };
        let typed = Sent {
            method: "POST",
            from: Some(&scene.issuer),
            body: &form,
            kind: FORM,
            headers: &headers,
        };
        for (url, sent) in [(&page.url, shown), (&page.action(), typed)] {
            let answer = browser.clone().send(url, sent).await;
            assert_eq!(answer.status, 403, "{caller}: {answer:?}");
            assert!(
                answer
                    .body
                    .contains("for the machine that the server runs on alone"),
                "{answer:?}"
            );
        }
    }
    // The login is still there for whoever sits at this one.
    for caller in ["127.0.0.1", "::1"] {
        let sent = Sent {
            method: "GET",
            from: None,
            body: "",
            kind: "",
            headers: &[("x-forwarded-for", caller)],
        };
        assert_eq!(browser.clone().send(&page.url, sent).await.status, 200);
    }
    let back = browser
        .clone()
        .post(&page.action(), &form, &scene.issuer)
        .await;
    assert!(back.parameter("code").is_some());
}

#[test]
fn a_development_login_and_missing_keys_are_for_this_machine_alone() {
    let users = DevelopmentLogin::new().user(DevelopmentUser::new("alice", "wonderland"));
    let build = |issuer: &str, keys: bool| {
        let builder = AuthorizationServer::builder(issuer, users.clone());
        let builder = if keys {
            builder.keys(Keys::random())
        } else {
            builder
        };
        builder.build().map(drop).map_err(|error| error.to_string())
    };
    for issuer in [
        "http://127.0.0.1:8000",
        "http://localhost:8000",
        "http://[::1]:8000",
    ] {
        assert_eq!(build(issuer, false), Ok(()), "{issuer}");
    }
    let error = build("https://mcp.test", true).unwrap_err();
    assert!(error.contains("use another identity provider"), "{error}");
    let error = build("https://mcp.test", false).unwrap_err();
    assert!(error.contains("openssl rand"), "{error}");
    let error = build("http://mcp.test", true).unwrap_err();
    assert!(error.contains("use `https`"), "{error}");
}

#[test]
fn every_mistake_of_the_builder_is_named_at_once() {
    let error = AuthorizationServer::builder("nonsense", DevelopmentLogin::new())
        .resource("ftp://x")
        .scope("two words", "")
        .default_scopes(["unknown"])
        .build()
        .unwrap_err()
        .to_string();
    for part in ["`nonsense`", "`ftp://x`", "`two words`", "`unknown`"] {
        assert!(error.contains(part), "{part} is not in {error}");
    }
}

#[test]
fn secrets_do_not_show_in_debug() {
    let users = DevelopmentLogin::new().user(DevelopmentUser::new("alice", "wonderland-canary"));
    let printed = format!("{users:?}");
    assert!(!printed.contains("wonderland-canary"), "{printed}");
}
