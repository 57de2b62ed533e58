//! What an authorization request has to be, and how a wrong one is answered.

use crate::scene::{Browser, CALLBACK, IDP, Page, Scene};

/// What a client is told of a request that is wrong.
async fn refused(scene: &Scene, url: &str) -> String {
    let page = scene.browser.another().get(url).await;
    assert!(
        page.location().starts_with(&format!("{CALLBACK}?")),
        "{page:?}"
    );
    assert_eq!(page.parameter("iss").as_deref(), Some("https://mcp.test"));
    assert_eq!(page.parameter("code"), None);
    page.parameter("error").unwrap()
}

/// Somebody sees a page and is sent nowhere.
fn assert_shown(page: &Page, status: u16) {
    assert_eq!(page.status, status, "{page:?}");
    assert_eq!(page.header("location"), None);
    assert!(page.body.contains("<h1>This did not work</h1>"), "{page:?}");
    assert!(
        page.header("content-security-policy")
            .unwrap()
            .contains("frame-ancestors 'none'")
    );
}

#[tokio::test]
async fn duplicate_parameters_are_refused() {
    let scene = Scene::production().await;
    let client = scene.register("App", CALLBACK).await;
    for name in [
        "scope",
        "state",
        "code_challenge",
        "resource",
        "response_type",
        "unknown",
    ] {
        let request = scene.request(&client).with(name, "x").and(name, "y");
        assert_eq!(
            refused(&scene, &request.url()).await,
            "invalid_request",
            "{name}"
        );
    }
    // A state that came twice is not echoed, for nobody knows which one it is.
    let url = scene.request(&client).and("state", "other").url();
    let page = scene.browser.another().get(&url).await;
    assert_eq!(page.parameter("state"), None);
}

#[tokio::test]
async fn request_and_request_uri_are_refused() {
    let scene = Scene::production().await;
    let client = scene.register("App", CALLBACK).await;
    let request = |name| scene.request(&client).and(name, "x").url();
    assert_eq!(
        refused(&scene, &request("request")).await,
        "request_not_supported"
    );
    assert_eq!(
        refused(&scene, &request("request_uri")).await,
        "request_uri_not_supported"
    );
}

#[tokio::test]
async fn other_response_types_and_modes_are_refused() {
    let scene = Scene::production().await;
    let client = scene.register("App", CALLBACK).await;
    for kind in [
        "token",
        "id_token",
        "code token",
        "code id_token",
        "none",
        "CODE",
    ] {
        let url = scene.request(&client).with("response_type", kind).url();
        assert_eq!(
            refused(&scene, &url).await,
            "unsupported_response_type",
            "{kind}"
        );
    }
    for mode in ["fragment", "form_post", "web_message"] {
        let url = scene.request(&client).with("response_mode", mode).url();
        assert_eq!(refused(&scene, &url).await, "invalid_request", "{mode}");
    }
    let url = scene.request(&client).without("response_type").url();
    assert_eq!(refused(&scene, &url).await, "invalid_request");
    let silent = scene.request(&client).with("prompt", "none").url();
    assert_eq!(refused(&scene, &silent).await, "interaction_required");
}

#[tokio::test]
async fn pkce_s256_is_required_from_clients() {
    let scene = Scene::production().await;
    let client = scene.register("App", CALLBACK).await;
    let request = || scene.request(&client);
    let good = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    for wrong in [
        request().without("code_challenge"),
        request().without("code_challenge_method"),
        request().with("code_challenge_method", "plain"),
        request().with("code_challenge_method", "s256"),
        request().with("code_challenge", &good[..42]),
        request().with("code_challenge", &format!("{good}A")),
        request().with("code_challenge", &good.replace('9', "=")),
        request().with("code_challenge", &good.replace('-', "+")),
    ] {
        assert_eq!(
            refused(&scene, &wrong.url()).await,
            "invalid_request",
            "{wrong:?}"
        );
    }
}

#[tokio::test]
async fn a_bad_client_is_an_error_page_and_never_a_redirect() {
    let scene = Scene::production().await;
    let client = scene.register("App", CALLBACK).await;
    let request = || scene.request(&client);
    for wrong in [
        request().with("client_id", "nobody"),
        request().without("client_id"),
        request().and("client_id", &client),
        request().with("client_id", "\u{0}\n"),
    ] {
        let page = scene.browser.another().get(&wrong.url()).await;
        assert_shown(&page, 400);
    }
}

#[tokio::test]
async fn a_bad_redirect_uri_is_an_error_page_and_never_a_redirect() {
    let scene = Scene::production().await;
    let client = scene.register("App", CALLBACK).await;
    for uri in [
        "https://evil.test/callback",
        "https://app.test/callback/",
        "https://app.test/callback?x",
        "https://app.test/callback#",
        "https://app.test:444/callback",
        "https://APP.test/callback",
        "https://app.test/callback/../other",
        "https://app.test@evil.test/callback",
        "//app.test/callback",
        "javascript:alert(1)",
        "",
    ] {
        let page = scene
            .browser
            .another()
            .get(&scene.request(&client).with("redirect_uri", uri).url())
            .await;
        assert_shown(&page, 400);
    }
    let twice = scene.request(&client).and("redirect_uri", CALLBACK).url();
    assert_shown(&scene.browser.another().get(&twice).await, 400);
    // Neither are other mistakes told to an address that is not certain.
    let both = scene
        .request(&client)
        .with("redirect_uri", "https://evil.test")
        .without("scope");
    assert_shown(
        &scene
            .browser
            .another()
            .get(&both.with("response_type", "x").url())
            .await,
        400,
    );
}

#[tokio::test]
async fn state_is_echoed_and_iss_is_in_every_redirect_exactly_once() {
    let scene = Scene::production().await;
    let client = scene.register("App", CALLBACK).await;
    let mut browser = scene.browser.clone();
    // `parameter` fails where there are two of a name.
    let check = |page: &Page| {
        assert_eq!(
            page.parameter("state").as_deref(),
            Some("s t&te"),
            "{page:?}"
        );
        assert_eq!(page.parameter("iss").as_deref(), Some("https://mcp.test"));
        (page.parameter("code").is_some(), page.parameter("error"))
    };
    let granted = scene.log_in(&mut browser, &client).await;
    assert_eq!(check(&granted), (true, None));
    let invalid = scene.request(&client).with("scope", "other").url();
    let invalid = browser.get(&invalid).await;
    assert_eq!(check(&invalid), (false, Some("invalid_scope".to_owned())));
    let asked = browser.get(&scene.request(&client).url()).await;
    let denied = browser.submit(&asked, &[("decision", "deny")]).await;
    assert_eq!(check(&denied), (false, Some("access_denied".to_owned())));
    let asked = browser.get(&scene.request(&client).url()).await;
    let allowed = browser.submit(&asked, &[("decision", "allow")]).await;
    let state = allowed.parameter("state").unwrap();
    let error = format!(
        "{}?error=server_error&state={state}&iss={IDP}",
        scene.url("/callback")
    );
    let failed = browser.get(&error).await;
    assert_eq!(
        check(&failed),
        (false, Some("temporarily_unavailable".to_owned()))
    );
}

#[tokio::test]
async fn a_redirect_uri_cannot_say_what_the_answer_says() {
    let scene = Scene::production().await;
    for name in ["iss", "code", "state", "error"] {
        let uri = format!("{CALLBACK}?{name}=planted");
        let client = scene.register("App", &uri).await;
        let url = scene.request(&client).with("redirect_uri", &uri).url();
        assert_shown(&scene.browser.another().get(&url).await, 400);
    }
}

#[tokio::test]
async fn resource_must_be_ours() {
    let scene = Scene::production().await;
    let client = scene.register("App", CALLBACK).await;
    for other in [
        "https://mcp.test",
        "https://mcp.test/mcp/other",
        "https://MCP.test/mcp",
        "http://mcp.test/mcp",
        "https://evil.test/mcp",
    ] {
        let url = scene.request(&client).with("resource", other).url();
        assert_eq!(refused(&scene, &url).await, "invalid_target", "{other}");
    }
    for ours in ["https://mcp.test/mcp", "https://mcp.test/mcp/"] {
        let page = scene
            .browser
            .another()
            .get(&scene.request(&client).with("resource", ours).url())
            .await;
        assert_eq!(page.status, 200, "{ours}");
    }
}

#[tokio::test]
async fn methods_and_bodies_that_do_not_fit_are_refused() {
    let scene = Scene::production().await;
    let mut browser: Browser = scene.browser.clone();
    assert_eq!(
        browser
            .post(&scene.url("/authorize"), "", &scene.issuer)
            .await
            .status,
        405
    );
    assert_eq!(
        browser.get(&scene.url("/token")).await.header("allow"),
        Some("POST")
    );
    let large = "x".repeat(65 * 1024);
    assert_eq!(scene.post("/token", &[("x", &large)]).await.status, 413);
}
