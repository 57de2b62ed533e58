//! A protected server with its authorization server, an identity provider, and browsers.

mod browser;
mod page;
mod provider;
mod request;
mod store;

use std::sync::{Arc, Mutex};

use purlin_auth::audit::{AuthEvent, AuthEventKind};
use purlin_auth::authorization_server::{
    AuthorizationServer, AuthorizationServerBuilder, DevelopmentLogin, DevelopmentUser, Keys,
};
use purlin_core::Server;
use purlin_http::{HttpConfig, HttpServer};
use serde_json::{Value, json};

pub(crate) use browser::{Browser, FORM, Sent};
pub(crate) use page::Page;
#[allow(unused_imports, reason = "another suite looks for it")]
pub(crate) use provider::CANARY;
pub(crate) use provider::{IDP, Upstream};
pub(crate) use request::{Request, VERIFIER};
pub(crate) use store::Watched;

/// Where the application of the tests wants its answers.
pub(crate) const CALLBACK: &str = "https://app.test/callback";

/// Everything that runs.
pub(crate) struct Scene {
    pub(crate) issuer: String,
    pub(crate) store: Arc<Watched>,
    events: Arc<Mutex<Vec<AuthEvent>>>,
    pub(crate) browser: Browser,
}

impl Scene {
    /// In production: behind something that ends TLS, with a real identity provider.
    pub(crate) async fn production() -> Self {
        Self::production_with(|builder| builder).await
    }

    pub(crate) async fn production_with(
        change: impl FnOnce(AuthorizationServerBuilder) -> AuthorizationServerBuilder,
    ) -> Self {
        Self::start("https://mcp.test", Upstream, None, change).await
    }

    /// The same with another identity provider.
    #[allow(dead_code, reason = "not every suite has one")]
    pub(crate) async fn with_provider(
        provider: impl purlin_auth::identity::IdentityProvider,
    ) -> Self {
        Self::start("https://mcp.test", provider, None, |builder| builder).await
    }

    /// One that runs at this address, in another process.
    #[allow(dead_code, reason = "most run in this one")]
    pub(crate) fn elsewhere(issuer: &str, address: std::net::SocketAddr) -> Self {
        Self {
            issuer: issuer.to_owned(),
            store: Arc::default(),
            events: Arc::default(),
            browser: Browser::knowing(issuer, address),
        }
    }

    /// In development: on this machine, without TLS, with users in code.
    pub(crate) async fn development() -> Self {
        Self::on_this_machine(None).await
    }

    /// In development, behind a proxy at this address.
    pub(crate) async fn development_behind(proxy: &'static str) -> Self {
        Self::on_this_machine(Some(proxy)).await
    }

    async fn on_this_machine(proxy: Option<&'static str>) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let users = DevelopmentLogin::new()
            .user(DevelopmentUser::new("alice", "wonderland").roles(["admin"]))
            .user(DevelopmentUser::new("bob", "builder"));
        Self::start(&origin, users, proxy, |builder| builder).await
    }

    async fn start(
        issuer: &str,
        provider: impl purlin_auth::identity::IdentityProvider,
        proxy: Option<&'static str>,
        change: impl FnOnce(AuthorizationServerBuilder) -> AuthorizationServerBuilder,
    ) -> Self {
        let events = Arc::new(Mutex::new(Vec::new()));
        let recorder = Arc::clone(&events);
        let store = Arc::new(Watched::default());
        let builder = AuthorizationServer::builder(issuer, provider)
            .keys(Keys::new([[7; 32]]).unwrap())
            .store(store.clone())
            .scope("orders:read", "See your orders")
            .scope("orders:write", "Place & cancel orders")
            .events(move |event: &AuthEvent| recorder.lock().unwrap().push(event.clone()));
        let server = change(builder).build().unwrap();
        let authority = issuer.split_once("://").unwrap().1;
        let bind = if authority.starts_with("127.") {
            authority
        } else {
            "127.0.0.1:0"
        };
        let config = HttpConfig::new()
            .allowed_hosts([authority])
            .trusted_proxies(proxy)
            .authenticator(server.protection());
        let serving = HttpServer::builder(Server::builder("protected", "1.0.0"))
            .config(config)
            .bind(bind)
            .listen()
            .await
            .unwrap();
        let address = serving.local_addr();
        tokio::spawn(serving.serve());
        Self {
            issuer: issuer.to_owned(),
            store,
            events,
            browser: Browser::knowing(issuer, address),
        }
    }

    /// Registers a public client.
    pub(crate) async fn register(&self, name: &str, redirect_uri: &str) -> String {
        let document = json!({
            "client_name": name,
            "redirect_uris": [redirect_uri],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "none",
        });
        self.register_as(&document).await["client_id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub(crate) async fn register_as(&self, document: &Value) -> Value {
        let sent = Sent {
            method: "POST",
            from: None,
            body: &document.to_string(),
            kind: "application/json",
            headers: &[],
        };
        let page = self
            .browser
            .clone()
            .send(&self.url("/register"), sent)
            .await;
        assert_eq!(page.status, 201, "{page:?}");
        page.json()
    }

    pub(crate) fn url(&self, endpoint: &str) -> String {
        format!("{}{endpoint}", self.issuer)
    }

    /// An authorization request that is in order.
    pub(crate) fn request(&self, client: &str) -> Request {
        Request::new(&self.issuer, client, CALLBACK)
    }

    /// What a program asks of an endpoint.
    pub(crate) async fn post(&self, endpoint: &str, form: &[(&str, &str)]) -> Page {
        self.post_with(endpoint, form, &[]).await
    }

    pub(crate) async fn post_with(
        &self,
        endpoint: &str,
        form: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Page {
        let body = request::encode(form);
        let sent = Sent {
            method: "POST",
            from: None,
            body: &body,
            kind: FORM,
            headers,
        };
        self.browser.another().send(&self.url(endpoint), sent).await
    }

    /// Exchanges a code.
    pub(crate) async fn exchange(&self, client: &str, code: &str) -> Page {
        self.post("/token", &exchange_form(client, code)).await
    }

    /// Logs alice in through the provider, and gives the redirect with the code.
    pub(crate) async fn log_in(&self, browser: &mut Browser, client: &str) -> Page {
        let asked = browser.get(&self.request(client).url()).await;
        let allowed = browser.submit(&asked, &[("decision", "allow")]).await;
        browser.get(&self.answer(&allowed, "alice")).await
    }

    /// Where the provider sends a browser that it has logged in as somebody.
    pub(crate) fn answer(&self, redirect: &Page, user: &str) -> String {
        let state = redirect.parameter("state").unwrap();
        format!(
            "{}?code={user}-code&state={state}&iss={IDP}",
            self.url("/callback")
        )
    }

    /// Whether the server lets a token in.
    pub(crate) async fn lets_in(&self, token: &str) -> bool {
        let bearer = format!("Bearer {token}");
        let sent = Sent {
            method: "GET",
            from: None,
            body: "",
            kind: "",
            headers: &[("authorization", &bearer)],
        };
        let page = self.browser.another().send(&self.url("/mcp"), sent).await;
        match page.status {
            401 => false,
            405 => true,
            _ => panic!("{page:?}"),
        }
    }

    /// What was recorded of a kind.
    pub(crate) fn events(&self, kind: AuthEventKind) -> Vec<AuthEvent> {
        let events = self.events.lock().unwrap();
        events
            .iter()
            .filter(|event| event.kind() == kind)
            .cloned()
            .collect()
    }
}

/// The form that exchanges a code.
pub(crate) fn exchange_form<'a>(client: &'a str, code: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("client_id", client),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("resource", "https://mcp.test/mcp"),
    ]
}

/// The access token of an answer.
pub(crate) fn token(page: &Page) -> String {
    assert_eq!(page.status, 200, "{page:?}");
    page.json()["access_token"].as_str().unwrap().to_owned()
}
