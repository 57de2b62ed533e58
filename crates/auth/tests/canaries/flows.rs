//! Whole logins, with everything that goes wrong on the way, between canaries.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use purlin_auth::audit::{AuthEvent, AuthEvents as _, TracingEvents};
use purlin_auth::identity::{
    Callback, Identity, IdentityProvider, LoginError, LoginRequest, LoginStep, UpstreamTokens,
};
use purlin_core::BoxFuture;
use serde_json::json;

use crate::log::Log;
use crate::scene::{Browser, CALLBACK, Page, Scene, VERIFIER, exchange_form};

/// Secrets that were seen on the way: those that were made to be found, and those that the server
/// made up.
#[derive(Default)]
struct Secrets(BTreeSet<String>);

impl Secrets {
    fn add(&mut self, secret: impl Into<String>) {
        let secret = secret.into();
        assert!(secret.len() > 7, "`{secret}` would be found by chance");
        self.0.insert(secret);
    }

    /// What a page holds that only this browser may know.
    fn page(&mut self, page: &Page) {
        for (_, value) in page.hidden() {
            self.add(value);
        }
    }

    /// What a redirect says to whom it sends the browser.
    fn redirect(&mut self, page: &Page) {
        for name in ["code", "state"] {
            self.0.extend(page.parameter(name));
        }
    }

    fn browser(&mut self, browser: &Browser) {
        for cookie in &browser.cookies {
            self.add(&*cookie.value);
        }
    }

    fn tokens(&mut self, page: &Page) {
        let answer = page.json();
        for name in ["access_token", "refresh_token", "client_secret"] {
            self.0.extend(answer[name].as_str().map(str::to_owned));
        }
    }

    /// Holds that a text tells none of them.
    fn are_not_in(&self, place: &str, text: &str) {
        for secret in &self.0 {
            let told = text.lines().find(|line| line.contains(secret));
            assert_eq!(told, None, "{place} tells `{secret}`");
        }
    }
}

const WRONG: [&str; 6] = [
    "canary-code-of-nobody",
    "canary-verifier-that-has-fourty-three-characters-and-more",
    "canary-refresh-token",
    "canary-client-secret",
    "canary-password",
    "canary-bearer",
];

/// A login with everything that a client does afterwards.
async fn log_in(scene: &Scene, secrets: &mut Secrets) {
    let registered = scene
        .register_as(&json!({
            "client_name": "App", "redirect_uris": [CALLBACK],
            "token_endpoint_auth_method": "client_secret_post",
            "grant_types": ["authorization_code", "refresh_token"],
        }))
        .await;
    let client = registered["client_id"].as_str().unwrap().to_owned();
    let secret = registered["client_secret"].as_str().unwrap().to_owned();
    secrets.add(&*secret);
    let mut browser = scene.browser.clone();
    let asked = browser.get(&scene.request(&client).url()).await;
    secrets.page(&asked);
    let allowed = browser
        .submit(&asked, &[("decision", "allow"), ("remember", "yes")])
        .await;
    secrets.redirect(&allowed);
    secrets.browser(&browser);
    let back = browser
        .get(&scene.answer(&allowed, "canary-upstream"))
        .await;
    secrets.add("canary-upstream-code");
    secrets.redirect(&back);
    let code = back.parameter("code").unwrap();

    let with_secret = |mut form: Vec<(&'static str, String)>| {
        form.push(("client_secret", secret.clone()));
        form
    };
    let own = |form: Vec<(&'static str, &str)>| {
        form.into_iter()
            .map(|(name, value)| (name, value.to_owned()))
            .collect::<Vec<_>>()
    };
    let post = async |path: &str, form: Vec<(&'static str, String)>| {
        let form: Vec<_> = form.iter().map(|(name, value)| (*name, &**value)).collect();
        scene.post(path, &form).await
    };
    let form = own(vec![
        ("grant_type", "authorization_code"),
        ("client_id", &client),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("resource", "https://mcp.test/mcp"),
    ]);
    secrets.add(VERIFIER);
    let issued = post("/token", with_secret(form.clone())).await;
    assert_eq!(issued.status, 200, "{issued:?}");
    secrets.tokens(&issued);
    let answer = issued.json();
    let access = answer["access_token"].as_str().unwrap().to_owned();
    let refresh = answer["refresh_token"].as_str().unwrap().to_owned();
    assert!(scene.lets_in(&access).await);
    let refreshing = own(vec![
        ("grant_type", "refresh_token"),
        ("client_id", &client),
        ("refresh_token", &refresh),
    ]);
    let refreshed = post("/token", with_secret(refreshing.clone())).await;
    assert_eq!(refreshed.status, 200, "{refreshed:?}");
    secrets.tokens(&refreshed);
    // A second use of the code, a wrong secret, and the end of it.
    for form in [with_secret(form), refreshing] {
        let refused = post("/token", form).await;
        assert!(
            refused.status == 400 || refused.status == 401,
            "{refused:?}"
        );
        secrets.are_not_in("a refusal", &refused.body);
    }
    let revoking = own(vec![("client_id", &client), ("token", &access)]);
    assert_eq!(post("/revoke", with_secret(revoking)).await.status, 200);
    assert!(!scene.lets_in(&access).await);
}

/// Everything that is refused, and says so.
async fn fail(scene: &Scene, secrets: &mut Secrets) {
    let [code, verifier, refresh, secret, password, bearer] = WRONG;
    WRONG.iter().for_each(|wrong| secrets.add(*wrong));
    let client = scene.register("App", CALLBACK).await;
    let mut form = exchange_form(&client, code);
    form.retain(|(name, _)| *name != "code_verifier");
    form.extend([("code_verifier", verifier), ("client_secret", secret)]);
    let basic = "Basic Y2FuYXJ5LWlkOmNhbmFyeS1zZWNyZXQ=";
    secrets.add(&basic[6..]);
    let refreshing = [
        ("grant_type", "refresh_token"),
        ("client_id", &*client),
        ("refresh_token", refresh),
    ];
    let assertion = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
        ("assertion", bearer),
        ("client_assertion", bearer),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
    ];
    let mut answers = vec![
        scene.post("/token", &form).await,
        scene.post("/token", &refreshing).await,
        scene.post("/token", &assertion).await,
        scene
            .post("/token", &[("grant_type", bearer), ("client_id", &*client)])
            .await,
        scene
            .post_with("/token", &refreshing, &[("authorization", basic)])
            .await,
        scene
            .post("/revoke", &[("token", bearer), ("client_id", secret)])
            .await,
    ];
    assert!(!scene.lets_in(bearer).await);
    let mut browser = scene.browser.clone();
    for url in [
        format!("/callback?code={code}&state={bearer}&iss=https://idp.test"),
        format!("/callback?error=access_denied&error_description={password}&state={bearer}"),
        format!("/authorize?client_id={secret}&state={bearer}&code_challenge={verifier}"),
        format!("/authorize?client_id={client}&redirect_uri=https://{bearer}/&state={bearer}"),
        format!("/login?ticket={bearer}"),
        format!("/nowhere?token={bearer}"),
        format!("/mcp?access_token={bearer}"),
    ] {
        answers.push(browser.get(&scene.url(&url)).await);
    }
    let form = format!(
        "decision=allow&ticket={bearer}&csrf={bearer}&password={password}&username={secret}"
    );
    for path in ["/consent", "/login"] {
        answers.push(browser.post(&scene.url(path), &form, &scene.issuer).await);
    }
    for answer in answers {
        secrets.are_not_in("an answer", &answer.body);
        let challenge = answer.header("www-authenticate").unwrap_or_default();
        secrets.are_not_in("a challenge", challenge);
    }
}

#[tokio::test]
async fn no_login_leaves_a_canary_anywhere() {
    let log = Log::of_the_process();
    let mut secrets = Secrets::default();
    secrets.add(crate::scene::CANARY);
    // The keys of the scene, as text.
    secrets.add("BwcHBwcHBwcHBwcH");
    // What is told is logged here too.
    let events = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&events);
    let scene = Scene::production_with(|builder| {
        builder.events(move |event: &AuthEvent| {
            TracingEvents.record(event);
            told.lock().unwrap().push(event.clone());
        })
    });
    let scene = scene.await;
    log_in(&scene, &mut secrets).await;
    fail(&scene, &mut secrets).await;
    let events = events.lock().unwrap().clone();
    assert!(events.len() > 5, "{events:?}");
    secrets.are_not_in("an event", &format!("{events:?}"));
    // And while nothing can be stored.
    scene.store.take_down();
    fail_to_store(&scene, &mut secrets).await;
    let text = log.text();
    for said in ["reuse_detected", "a caller is not let in", "registration"] {
        assert!(text.contains(said), "{said} was not logged: {text}");
    }
    secrets.are_not_in("the log", &text);
}

async fn fail_to_store(scene: &Scene, secrets: &mut Secrets) {
    let [code, _, refresh, ..] = WRONG;
    let refreshing = [
        ("grant_type", "refresh_token"),
        ("client_id", "x"),
        ("refresh_token", refresh),
    ];
    for form in [&exchange_form("x", code)[..], &refreshing] {
        let answer = scene.post("/token", form).await;
        secrets.are_not_in("an answer", &answer.body);
    }
}

#[tokio::test]
async fn no_password_leaves_a_canary_anywhere() {
    let log = Log::of_the_process();
    let mut secrets = Secrets::default();
    let scene = Scene::development().await;
    let client = scene.register("App", CALLBACK).await;
    let mut browser = scene.browser.clone();
    let asked = browser.get(&scene.request(&client).url()).await;
    let allowed = browser.submit(&asked, &[("decision", "allow")]).await;
    let page = browser.get(allowed.location()).await;
    secrets.page(&page);
    secrets.browser(&browser);
    let type_in = |password: &'static str| vec![("username", "alice"), ("password", password)];
    secrets.add("canary-guess");
    let wrong = browser.submit(&page, &type_in("canary-guess")).await;
    assert_eq!(wrong.status, 403);
    // The page holds a new form; what was typed is not in it.
    assert!(!wrong.body.contains("canary-guess"));
    secrets.page(&wrong);
    secrets.add("wonderland");
    let back = browser.submit(&wrong, &type_in("wonderland")).await;
    secrets.redirect(&back);
    secrets.are_not_in("the log", &log.text());
}

/// Panics with what it was given at hand.
#[derive(Debug)]
struct Panics;

impl IdentityProvider for Panics {
    fn name(&self) -> &str {
        "Panics"
    }

    fn begin<'a>(
        &'a self,
        login: LoginRequest<'a>,
    ) -> BoxFuture<'a, Result<LoginStep, LoginError>> {
        let to = format!("https://idp.test/?state={}", login.state);
        Box::pin(async { Ok(LoginStep::redirect(to).with_secrets("canary-of-the-login")) })
    }

    fn complete<'a>(
        &'a self,
        callback: Callback<'a>,
    ) -> BoxFuture<'a, Result<Identity, LoginError>> {
        Box::pin(async move { panic!("cannot go on with {callback:?} {:?}", callback.secrets) })
    }

    fn refresh<'a>(&'a self, _: &'a UpstreamTokens) -> BoxFuture<'a, Result<Identity, LoginError>> {
        Box::pin(async { Ok(Identity::new("nobody")) })
    }
}

#[tokio::test]
async fn no_panic_leaves_a_canary_anywhere() {
    let log = Log::of_the_process();
    let mut secrets = Secrets::default();
    let scene = Scene::with_provider(Panics).await;
    let client = scene.register("App", CALLBACK).await;
    let mut browser = scene.browser.clone();
    let asked = browser.get(&scene.request(&client).url()).await;
    let allowed = browser.submit(&asked, &[("decision", "allow")]).await;
    secrets.redirect(&allowed);
    secrets.browser(&browser);
    for secret in ["canary-of-the-login", "canary-panics-code"] {
        secrets.add(secret);
    }
    let answer = browser.get(&scene.answer(&allowed, "canary-panics")).await;
    assert!(answer.status >= 500, "{answer:?}");
    secrets.are_not_in("the answer", &answer.body);
    let text = log.text();
    assert!(text.contains("cannot go on with"), "{text}");
    secrets.are_not_in("the log, and what the panic printed,", &text);
}
