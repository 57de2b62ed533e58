//! What attackers try, from end to end.

use std::sync::Arc;

use crate::scene::{Browser, CALLBACK, Page, Scene, exchange_form, token};

const EVIL: &str = "https://evil.test/callback";

/// The victim has a consent, a session at the provider, and follows a link with a client of the
/// attacker's own (MCP security best practices, confused deputy).
#[tokio::test]
async fn confused_deputy_a_client_of_the_attacker_gets_no_code_without_a_click() {
    let scene = Scene::production().await;
    let good = scene.register("App", CALLBACK).await;
    let evil = scene.register("App", EVIL).await;
    let mut victim = scene.browser.clone();
    let asked = victim.get(&scene.request(&good).url()).await;
    victim
        .submit(&asked, &[("decision", "allow"), ("remember", "yes")])
        .await;
    for link in [
        scene.request(&evil).with("redirect_uri", EVIL).url(),
        scene.request(&good).with("redirect_uri", EVIL).url(),
        scene.request(&evil).url(),
    ] {
        let page = victim.get(&link).await;
        assert_eq!(page.header("location"), None, "{page:?}");
    }
}

/// A code that an attacker got hold of, brought into a login of their own or of somebody else.
#[tokio::test]
async fn code_injection_a_stolen_code_is_of_no_use_without_its_verifier() {
    let scene = Scene::production().await;
    let client = scene.register("App", CALLBACK).await;
    let mut victim = scene.browser.clone();
    let stolen = scene
        .log_in(&mut victim, &client)
        .await
        .parameter("code")
        .unwrap();
    let mut form = exchange_form(&client, &stolen);
    form.retain(|(name, _)| *name != "code_verifier");
    form.push((
        "code_verifier",
        "the-verifier-of-the-attackers-own-login-43-chars",
    ));
    assert_eq!(scene.post("/token", &form).await.status, 400);
}

/// A client that talks to two servers is told in each answer whose it is.
#[tokio::test]
async fn mix_up_every_answer_names_its_issuer() {
    let scene = Scene::production().await;
    let client = scene.register("App", CALLBACK).await;
    let mut browser = scene.browser.clone();
    let answers = [
        scene.log_in(&mut browser, &client).await,
        browser
            .get(&scene.request(&client).with("scope", "x").url())
            .await,
    ];
    for answer in &answers {
        assert_eq!(answer.parameter("iss").as_deref(), Some("https://mcp.test"));
    }
}

#[tokio::test]
async fn replay_an_answered_form_a_callback_and_a_code_lead_nowhere_twice() {
    let scene = Scene::production().await;
    let client = scene.register("App", CALLBACK).await;
    let mut browser = scene.browser.clone();
    let asked = browser.get(&scene.request(&client).url()).await;
    let allowed = browser.submit(&asked, &[("decision", "allow")]).await;
    let callback = scene.answer(&allowed, "alice");
    let mut thief = browser.clone();
    let code = browser.get(&callback).await.parameter("code").unwrap();
    assert_eq!(thief.get(&callback).await.status, 400);
    assert_eq!(scene.exchange(&client, &code).await.status, 200);
    assert_eq!(scene.exchange(&client, &code).await.status, 400);
    // Somebody who saw the form, but is not that browser.
    let form = asked.form(&[("decision", "allow")]);
    let replayed = browser
        .another()
        .post(&asked.action(), &form, &scene.issuer)
        .await;
    assert_eq!(replayed.status, 403);
}

/// An attacker who can plant cookies gives the victim the browser's part of a login of their own.
#[tokio::test]
async fn session_fixation_planted_cookies_lead_to_no_code_of_the_victim() {
    let scene = Scene::production().await;
    let client = scene.register("App", CALLBACK).await;
    let mut attacker = scene.browser.clone();
    let asked = attacker.get(&scene.request(&client).url()).await;
    let link = attacker.submit(&asked, &[("decision", "allow")]).await;
    // A sibling domain, or somebody on the wire, cannot plant it: browsers refuse `__Host-`.
    assert!(
        attacker
            .cookies
            .iter()
            .all(|cookie| cookie.name.starts_with("__Host-"))
    );
    // In the worst case the victim's browser shows two of a name, and neither is believed.
    let mut victim: Browser = attacker.another();
    victim.cookies = attacker.cookies.clone();
    victim.cookies.extend(attacker.cookies.clone());
    let page = victim.get(&scene.answer(&link, "victim")).await;
    assert_eq!(page.status, 403, "{page:?}");
    // Logging in brings no session: whoever comes with all cookies of a login that is over has
    // nothing.
    let mut kept = attacker.clone();
    attacker.get(&scene.answer(&link, "attacker")).await;
    assert_eq!(kept.get(&scene.answer(&link, "victim")).await.status, 400);
}

#[tokio::test]
async fn csrf_no_other_page_can_answer_for_the_user() {
    let scene = Scene::production().await;
    let client = scene.register("App", EVIL).await;
    let mut victim = scene.browser.clone();
    let mut attacker = scene.browser.another();
    let url = scene.request(&client).with("redirect_uri", EVIL).url();
    victim.get(&url).await;
    // The attacker has a form of their own, with its token and its ticket.
    let theirs = attacker.get(&url).await;
    let form = theirs.form(&[("decision", "allow")]);
    for from in [
        "https://evil.test",
        "null",
        "https://mcp.test.evil.test",
        "https://mcp.test",
    ] {
        let page = victim.post(&theirs.action(), &form, from).await;
        assert_eq!(page.status, 403, "{from}: {page:?}");
    }
}

/// A token of one server is shown to another, which shares keys, store and issuer with it
/// (CVE-2025-69196).
#[tokio::test]
async fn cross_server_audience_a_token_for_one_server_opens_no_other() {
    let scene = Scene::production().await;
    let beside = async |resource: &str| {
        let store = Arc::clone(&scene.store);
        Scene::production_with(|builder| builder.store(store).resource(resource)).await
    };
    let replica = beside("https://mcp.test/mcp").await;
    let other = beside("https://mcp.test/other").await;
    let client = scene.register("App", CALLBACK).await;
    let mut browser = scene.browser.clone();
    let back = scene.log_in(&mut browser, &client).await;
    let code = back.parameter("code").unwrap();
    let access = token(&scene.exchange(&client, &code).await);
    assert!(replica.lets_in(&access).await, "the server is the reason");
    assert!(!other.lets_in(&access).await);
}

/// Whoever stole a refresh token uses it before or after the client does: one of them comes second.
#[tokio::test]
async fn refresh_reuse_ends_the_login_for_thief_and_client() {
    let scene = Scene::production().await;
    let client = scene.register("App", CALLBACK).await;
    let mut browser = scene.browser.clone();
    let back = scene.log_in(&mut browser, &client).await;
    let issued = scene
        .exchange(&client, &back.parameter("code").unwrap())
        .await;
    let refresh = async |page: &Page| {
        let refresh = page.json()["refresh_token"].as_str().unwrap().to_owned();
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", &*client),
            ("refresh_token", &*refresh),
        ];
        scene.post("/token", &form).await
    };
    let thief = refresh(&issued).await;
    let further = refresh(&thief).await;
    let access = token(&further);
    assert!(scene.lets_in(&access).await);
    assert_eq!(refresh(&issued).await.status, 400, "the client comes late");
    assert!(!scene.lets_in(&access).await);
    assert_eq!(refresh(&further).await.status, 400);
}
