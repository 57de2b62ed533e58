//! The browser that allowed an application is the browser that comes back.

use std::time::Duration;

use purlin_auth::audit::AuthEventKind;

use crate::scene::{Browser, CALLBACK, IDP, Page, Scene};

/// A browser that has allowed an application and is on its way to the provider.
async fn allowed(scene: &Scene) -> (Browser, Page) {
    let client = scene.register("App", CALLBACK).await;
    let mut browser = scene.browser.clone();
    let asked = browser.get(&scene.request(&client).url()).await;
    let allowed = browser.submit(&asked, &[("decision", "allow")]).await;
    (browser, allowed)
}

fn assert_refused(page: &Page, status: u16) {
    assert_eq!(page.status, status, "{page:?}");
    assert_eq!(page.header("location"), None, "{page:?}");
}

/// CVE-2026-27124: an attacker allows an application of theirs, and sends the victim the link to
/// the identity provider, where the victim is logged in.
#[tokio::test]
async fn the_browser_that_approved_must_be_the_browser_at_the_callback() {
    let scene = Scene::production().await;
    let (mut attacker, link) = allowed(&scene).await;
    let mut victim = attacker.another();
    let callback = scene.answer(&link, "victim");
    assert_refused(&victim.get(&callback).await, 403);
    // Neither when the victim's browser has been here before.
    let client = scene.register("Other", CALLBACK).await;
    let asked = victim.get(&scene.request(&client).url()).await;
    victim.submit(&asked, &[("decision", "allow")]).await;
    assert_refused(&victim.get(&callback).await, 403);
    assert!(scene.events(AuthEventKind::Login).is_empty());
    // The one who began may go on: nobody else has used the login up.
    let own = attacker.get(&scene.answer(&link, "attacker")).await;
    assert!(own.parameter("code").is_some());
}

#[tokio::test]
async fn the_cookie_is_set_only_on_approval() {
    let scene = Scene::production().await;
    let client = scene.register("App", CALLBACK).await;
    let mut browser = scene.browser.clone();
    let is_login = |page: &Page| {
        page.all("set-cookie")
            .any(|cookie| cookie.contains("login-"))
    };
    let asked = browser.get(&scene.request(&client).url()).await;
    assert!(!is_login(&asked));
    let denied = browser.submit(&asked, &[("decision", "deny")]).await;
    assert!(!is_login(&denied));
    let allowed = browser.submit(&asked, &[("decision", "allow")]).await;
    assert!(is_login(&allowed));
    let cookie = allowed.header("set-cookie").unwrap();
    for part in [
        "__Host-",
        "Max-Age=600",
        "Path=/",
        "Secure",
        "HttpOnly",
        "SameSite=Lax",
    ] {
        assert!(cookie.contains(part), "{cookie}");
    }
}

#[tokio::test]
async fn the_cookie_is_bound_to_its_transaction() {
    let scene = Scene::production().await;
    let (mut browser, first) = allowed(&scene).await;
    let (other, _) = allowed(&scene).await;
    let name = |browser: &Browser| {
        browser
            .cookies
            .iter()
            .position(|it| it.name.contains("login-"))
    };
    let (mine, theirs) = (name(&browser).unwrap(), name(&other).unwrap());
    // The cookie of another login under the name of this one.
    let own = browser.cookies[mine].value.clone();
    browser.cookies[mine].value = other.cookies[theirs].value.clone();
    assert_refused(&browser.get(&scene.answer(&first, "alice")).await, 403);
    // A cookie that nobody signed.
    browser.cookies[mine].value = format!("{}.{}", "a".repeat(43), "b".repeat(43));
    assert_refused(&browser.get(&scene.answer(&first, "alice")).await, 403);
    browser.cookies[mine].value = own;
    let back = browser.get(&scene.answer(&first, "alice")).await;
    assert!(back.parameter("code").is_some());
}

#[tokio::test]
async fn a_transaction_is_used_once() {
    let scene = Scene::production().await;
    let (mut browser, link) = allowed(&scene).await;
    let callback = scene.answer(&link, "alice");
    // A browser that keeps every cookie.
    let mut twin = browser.clone();
    assert!(browser.get(&callback).await.parameter("code").is_some());
    assert_refused(&twin.get(&callback).await, 400);
    // The first one has given its cookie back.
    assert_refused(&browser.get(&callback).await, 403);
}

#[tokio::test]
async fn a_transaction_lives_ten_minutes_sealed_in_the_store() {
    let scene = Scene::production().await;
    let (_, link) = allowed(&scene).await;
    let [written] = &scene.store.written("transaction")[..] else {
        panic!("one record");
    };
    assert_eq!(written.ttl, Some(Duration::from_secs(600)));
    let text = String::from_utf8_lossy(&written.value);
    for secret in [
        &*link.parameter("state").unwrap(),
        "s t&te",
        CALLBACK,
        "upstream-canary",
    ] {
        assert!(!text.contains(secret), "`{secret}` lies open in the store");
    }
}

#[tokio::test]
async fn opening_the_page_leaves_nothing_in_the_store() {
    let scene = Scene::production().await;
    let client = scene.register("App", CALLBACK).await;
    for _ in 0..3 {
        scene
            .browser
            .another()
            .get(&scene.request(&client).url())
            .await;
    }
    assert_eq!(scene.store.written("transaction").len(), 0);
}

#[tokio::test]
async fn the_state_to_the_provider_has_256_random_bits_and_is_not_the_clients() {
    let scene = Scene::production().await;
    let mut states = std::collections::BTreeSet::new();
    for _ in 0..4 {
        let (_, link) = allowed(&scene).await;
        let state = link.parameter("state").unwrap();
        assert_eq!(state.len(), 43);
        states.insert(state);
    }
    assert_eq!(states.len(), 4);
}

#[tokio::test]
async fn an_answer_of_another_issuer_ends_the_login_without_a_code() {
    let scene = Scene::production().await;
    for iss in ["&iss=https://evil.test", ""] {
        let (mut browser, link) = allowed(&scene).await;
        let answer = scene
            .answer(&link, "alice")
            .replace(&format!("&iss={IDP}"), iss);
        let page = browser.get(&answer).await;
        assert_eq!(page.parameter("error").as_deref(), Some("server_error"));
        assert_eq!(page.parameter("code"), None);
        let login = scene.events(AuthEventKind::Login).pop().unwrap();
        assert_eq!(login.reason(), Some("untrusted"));
    }
}

#[tokio::test]
async fn an_answer_that_says_something_twice_is_refused() {
    let scene = Scene::production().await;
    let (mut browser, link) = allowed(&scene).await;
    let callback = scene.answer(&link, "alice");
    for more in [
        "&code=mallory-code",
        "&state=x",
        "&iss=https://evil.test",
        "&x=1&x=2",
    ] {
        assert_refused(&browser.get(&format!("{callback}{more}")).await, 400);
    }
    assert!(browser.get(&callback).await.parameter("code").is_some());
}

#[tokio::test]
async fn a_refusal_of_the_provider_is_told_to_the_client() {
    let scene = Scene::production().await;
    let (mut browser, link) = allowed(&scene).await;
    let state = link.parameter("state").unwrap();
    let url = format!(
        "{}?error=access_denied&state={state}&iss={IDP}",
        scene.url("/callback")
    );
    let page = browser.get(&url).await;
    assert_eq!(page.parameter("error").as_deref(), Some("access_denied"));
    assert_eq!(
        scene.events(AuthEventKind::Login)[0].reason(),
        Some("denied")
    );
}

#[tokio::test]
async fn nobody_is_asked_for_a_password_that_the_provider_asks_for_itself() {
    let scene = Scene::production().await;
    let (mut browser, link) = allowed(&scene).await;
    let state = link.parameter("state").unwrap();
    let url = format!("{}?state={state}", scene.url("/login"));
    assert_refused(&browser.get(&url).await, 400);
}
