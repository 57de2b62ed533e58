//! The page that asks the user.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use purlin_auth::audit::{AuthEventKind, AuthOutcome};
#[cfg(feature = "dangerous")]
use purlin_auth::authorization_server::AuthorizationServerBuilder;
use purlin_auth::verify::Clock;

use crate::scene::{CALLBACK, IDP, Page, Scene};

fn assert_asks(page: &Page) {
    assert_eq!(page.status, 200, "{page:?}");
    assert!(
        page.body.contains("name=\"decision\" value=\"allow\""),
        "{page:?}"
    );
}

fn assert_goes_to_the_provider(page: &Page) {
    assert!(
        page.location()
            .starts_with(&format!("{IDP}/authorize?state=")),
        "{page:?}"
    );
}

#[tokio::test]
async fn a_consent_page_comes_before_every_redirect_to_the_identity_provider() {
    let scene = Scene::production().await;
    let mut browser = scene.browser.clone();
    for client in ["One", "Two"] {
        let id = scene.register(client, CALLBACK).await;
        // The same again, for a user who is logged in at the provider by now.
        for _ in 0..2 {
            assert_asks(&browser.get(&scene.request(&id).url()).await);
            scene.log_in(&mut browser, &id).await;
        }
    }
}

#[tokio::test]
async fn the_consent_page_shows_client_name_redirect_host_and_scopes() {
    let scene = Scene::production().await;
    let client = scene.register("Paint Shop", CALLBACK).await;
    let request = scene
        .request(&client)
        .with("scope", "orders:read orders:write");
    let page = scene.browser.another().get(&request.url()).await;
    assert_asks(&page);
    for text in [
        "<bdi>Paint Shop</bdi>",
        "<bdi>app.test</bdi>",
        "See your orders",
        "Place &amp; cancel orders",
        "<code class=\"small\">orders:write</code>",
        "<bdi>Example Login</bdi>",
        "<html lang=\"en\">",
        "<label for=\"remember\">",
        "width=device-width",
    ] {
        assert!(page.body.contains(text), "`{text}` is not in {}", page.body);
    }
    assert!(!page.body.contains("<script"));
    assert!(!page.body.contains("runs on your own computer"));
}

#[tokio::test]
async fn clients_of_this_computer_alone_get_a_warning() {
    let scene = Scene::production().await;
    let uri = "http://127.0.0.1/callback";
    let client = scene.register("Desk", uri).await;
    // Its port is chosen anew with each start.
    let url = scene
        .request(&client)
        .with("redirect_uri", "http://127.0.0.1:50123/callback")
        .url();
    let page = scene.browser.another().get(&url).await;
    assert_asks(&page);
    assert!(
        page.body.contains("runs on your own computer"),
        "{}",
        page.body
    );
    assert!(
        page.body.contains("<bdi>127.0.0.1:50123</bdi>"),
        "{}",
        page.body
    );
}

/// A client cannot keep the warning away with a second place that nobody is sent to.
#[tokio::test]
async fn whoever_is_sent_to_this_computer_is_warned_whatever_else_the_client_registered() {
    let scene = Scene::production().await;
    let uris = ["http://127.0.0.1/callback", CALLBACK];
    let document = serde_json::json!({
        "client_name": "Desk", "redirect_uris": uris, "token_endpoint_auth_method": "none",
    });
    let answer = scene.register_as(&document).await;
    let client = answer["client_id"].as_str().unwrap();
    for (uri, warns) in [(uris[0], true), (uris[1], false)] {
        let url = scene.request(client).with("redirect_uri", uri).url();
        let page = scene.browser.another().get(&url).await;
        assert_asks(&page);
        let warned = page.body.contains("runs on your own computer");
        assert_eq!(warned, warns, "{uri}");
    }
}

#[tokio::test]
async fn the_names_of_clients_cannot_leave_their_place() {
    let scene = Scene::production().await;
    let client = scene.register("<b>\"'&amp;</title>", CALLBACK).await;
    let page = scene
        .browser
        .another()
        .get(&scene.request(&client).url())
        .await;
    assert!(
        page.body
            .contains("&lt;b&gt;&quot;&#39;&amp;amp;&lt;/title&gt;"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("<b>"));
}

#[tokio::test]
async fn pages_cannot_be_framed_kept_or_sniffed() {
    let scene = Scene::production().await;
    let client = scene.register("App", CALLBACK).await;
    let page = scene
        .browser
        .another()
        .get(&scene.request(&client).url())
        .await;
    let policy = page.header("content-security-policy").unwrap();
    for part in [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(page.header("x-frame-options"), Some("DENY"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
}

#[tokio::test]
async fn the_form_needs_its_token_and_its_cookie() {
    let scene = Scene::production().await;
    let client = scene.register("App", CALLBACK).await;
    let mut browser = scene.browser.clone();
    let page = browser.get(&scene.request(&client).url()).await;
    let cookie = &browser.cookies[0];
    assert!(
        cookie.name.starts_with("__Host-") && cookie.secure && cookie.lax,
        "{cookie:?}"
    );
    let allow = page.form(&[("decision", "allow")]);
    let action = page.action();
    let without_token = allow.replacen("csrf=", "other=", 1);
    let answers = [
        // Without the cookie.
        browser.another().post(&action, &allow, &scene.issuer).await,
        // Without the token.
        browser.post(&action, &without_token, &scene.issuer).await,
        // From the page of somebody else: the cookie stays at home, and the origin is told.
        browser.post(&action, &allow, "https://evil.test").await,
    ];
    for answer in &answers {
        assert_eq!(answer.status, 403, "{answer:?}");
        assert_eq!(answer.header("location"), None);
        assert_eq!(answer.all("set-cookie").count(), 0);
    }
    assert_goes_to_the_provider(&browser.post(&action, &allow, &scene.issuer).await);
}

#[tokio::test]
async fn the_token_of_one_form_opens_no_other() {
    let scene = Scene::production().await;
    let client = scene.register("App", CALLBACK).await;
    let (mut mine, mut theirs) = (scene.browser.clone(), scene.browser.another());
    let my_page = mine.get(&scene.request(&client).url()).await;
    let their_page = theirs.get(&scene.request(&client).url()).await;
    // My token with the ticket that somebody else was given.
    let of = |page: &Page, name: &str| {
        let hidden = page.hidden();
        hidden
            .into_iter()
            .find(|(known, _)| known == name)
            .unwrap()
            .1
    };
    let ticket = of(&their_page, "ticket");
    let form = my_page
        .form(&[("decision", "allow")])
        .replace(&of(&my_page, "ticket"), &ticket);
    let answer = mine.post(&my_page.action(), &form, &scene.issuer).await;
    assert_eq!(answer.status, 400, "{answer:?}");
}

#[tokio::test]
async fn two_tabs_do_not_make_each_others_forms_void() {
    let scene = Scene::production().await;
    let client = scene.register("App", CALLBACK).await;
    let mut browser = scene.browser.clone();
    let first = browser.get(&scene.request(&client).url()).await;
    let second = browser.get(&scene.request(&client).url()).await;
    for page in [second, first] {
        assert_goes_to_the_provider(&browser.submit(&page, &[("decision", "allow")]).await);
    }
}

#[tokio::test]
async fn a_denial_goes_back_to_the_client() {
    let scene = Scene::production().await;
    let client = scene.register("App", CALLBACK).await;
    let mut browser = scene.browser.clone();
    let page = browser.get(&scene.request(&client).url()).await;
    let denied = browser
        .submit(&page, &[("decision", "deny"), ("remember", "yes")])
        .await;
    assert_eq!(denied.parameter("error").as_deref(), Some("access_denied"));
    assert_eq!(
        scene.events(AuthEventKind::Denial)[0].client(),
        Some(&*client)
    );
    // Nothing of it is remembered.
    assert_asks(&browser.get(&scene.request(&client).url()).await);
}

#[tokio::test]
async fn remembered_consent_is_keyed_by_client_and_redirect_uri() {
    let scene = Scene::production().await;
    let client = scene.register("App", CALLBACK).await;
    let other = scene.register("App", CALLBACK).await;
    let mut browser = scene.browser.clone();
    let page = browser.get(&scene.request(&client).url()).await;
    browser
        .submit(&page, &[("decision", "allow"), ("remember", "yes")])
        .await;

    let again = browser.get(&scene.request(&client).url()).await;
    assert_goes_to_the_provider(&again);
    // It is the browser that may come back.
    let back = browser.get(&scene.answer(&again, "alice")).await;
    assert!(back.parameter("code").is_some());
    let events = scene.events(AuthEventKind::Consent);
    assert_eq!(events.last().unwrap().reason(), Some("remembered"));

    assert_asks(&browser.get(&scene.request(&other).url()).await);
    let more = scene
        .request(&client)
        .with("scope", "orders:read orders:write");
    assert_asks(&browser.get(&more.url()).await);
    assert_asks(
        &browser
            .get(&scene.request(&client).with("prompt", "consent").url())
            .await,
    );
    assert_asks(&browser.another().get(&scene.request(&client).url()).await);
}

/// A clock that a test sets, as far ahead as it likes.
#[derive(Clone, Debug, Default)]
struct Ahead(Arc<AtomicU64>);

impl Clock for Ahead {
    fn now(&self) -> SystemTime {
        let start = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        start + Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

#[tokio::test]
async fn remembered_consent_ends_after_30_days() {
    const DAYS: u64 = 24 * 60 * 60;
    let ahead = Ahead::default();
    let clock = ahead.clone();
    let scene = Scene::production_with(|builder| builder.clock(clock)).await;
    let client = scene.register("App", CALLBACK).await;
    let mut browser = scene.browser.clone();
    let page = browser.get(&scene.request(&client).url()).await;
    let allowed = browser
        .submit(&page, &[("decision", "allow"), ("remember", "yes")])
        .await;
    let cookie = allowed.all("set-cookie").find(|it| it.contains("consents"));
    assert!(
        cookie.is_some_and(|it| it.contains("Max-Age=2592000")),
        "{allowed:?}"
    );

    ahead.0.store(30 * DAYS - 1, Ordering::SeqCst);
    assert_goes_to_the_provider(&browser.get(&scene.request(&client).url()).await);
    // A browser that keeps the cookie for longer gains nothing by it.
    ahead.0.store(30 * DAYS + 1, Ordering::SeqCst);
    assert_asks(&browser.get(&scene.request(&client).url()).await);
}

#[tokio::test]
async fn remembered_consent_does_not_hold_for_another_redirect_uri_of_the_client() {
    let scene = Scene::production().await;
    let uri = |port| format!("http://127.0.0.1:{port}/callback");
    let client = scene.register("Desk", &uri(1111)).await;
    let mut browser = scene.browser.clone();
    let request = |port| {
        scene
            .request(&client)
            .with("redirect_uri", &uri(port))
            .url()
    };
    let page = browser.get(&request(1111)).await;
    browser
        .submit(&page, &[("decision", "allow"), ("remember", "yes")])
        .await;
    assert_goes_to_the_provider(&browser.get(&request(1111)).await);
    assert_asks(&browser.get(&request(2222)).await);
}

#[cfg(feature = "dangerous")]
#[tokio::test]
async fn consent_is_off_only_behind_a_switch_that_is_called_dangerous() {
    let scene = Scene::production_with(AuthorizationServerBuilder::dangerous_without_consent).await;
    let client = scene.register("App", CALLBACK).await;
    let page = scene
        .browser
        .another()
        .get(&scene.request(&client).url())
        .await;
    assert_goes_to_the_provider(&page);
}

#[tokio::test]
async fn consent_is_recorded_with_client_and_address() {
    let scene = Scene::production().await;
    let client = scene.register("App", CALLBACK).await;
    let mut browser = scene.browser.clone();
    scene.log_in(&mut browser, &client).await;
    let [consent] = &scene.events(AuthEventKind::Consent)[..] else {
        panic!("one consent");
    };
    assert_eq!(consent.outcome(), AuthOutcome::Granted);
    assert_eq!(consent.client(), Some(&*client));
    assert_eq!(consent.address(), Some([127, 0, 0, 1].into()));
    let [login] = &scene.events(AuthEventKind::Login)[..] else {
        panic!("one login");
    };
    assert_eq!(login.subject(), Some("alice"));
}
