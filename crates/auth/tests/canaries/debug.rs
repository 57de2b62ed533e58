//! `Debug` of every public type: either it is shown here with a canary inside, or it is said why it
//! can hold none. A type that is in neither list fails the test that looks for it in the sources.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use http::Request;
use purlin_auth::Secret;
use purlin_auth::audit::{AuthEvent, AuthEventKind, AuthOutcome};
use purlin_auth::authorization_server::{
    AuthorizationServer, DevelopmentLogin, DevelopmentUser, Keys, StaticClient, TrustedIssuer,
};
use purlin_auth::client::store::{FileStore, MemoryStore, SealingKey, TokenStore as _};
use purlin_auth::client::user_agent::{Loopback, Unattended};
use purlin_auth::client::{
    Algorithm, ClientCredentials, Enterprise, JwtSource, Machine, OAuth, Registered, SigningKey,
    Workload,
};
use purlin_auth::fetch::Fetcher;
use purlin_auth::identity::{
    Callback, Credentials, Identity, LoginRequest, LoginStep, UpstreamTokens,
};
use purlin_auth::protect::Protection;
use purlin_auth::provider::Provider;
use purlin_auth::verify::{
    AnyOf, ApiKeys, CertificateBinding, ClientAuthentication, ClientCertificates, Dpop,
    HmacAlgorithm, Introspection, Jwt, Keys as VerifyKeys, Presented, Scheme, StaticTokens,
    Verification, Verifier as _,
};
use purlin_core::Principal;
use serde_json::json;
use tower_layer::Layer as _;

const CANARY: &str = "canary-canary-canary-canary-canary-canary-canary-canary-canary-canary";
const KEY: &str = include_str!("../client/keys/p256.pem");
const RESOURCE: &str = "https://mcp.test/mcp";

/// Types that hold no secret, for what they are made of: kinds without content, fixed texts, and
/// what is public anyhow.
const BARE: &[&str] = &[
    // Names of things.
    "Algorithm",
    "ApplicationType",
    "AuthErrorKind",
    "AuthEventKind",
    "AuthOutcome",
    "HmacAlgorithm",
    "LoginErrorKind",
    "Scheme",
    "SignatureAlgorithm",
    "SystemClock",
    "TracingEvents",
    // Errors of fixed texts, or of settings that are public: names, URLs, patterns, networks.
    "BuildError",
    "FetchError",
    "InvalidKeys",
    "InvalidNetwork",
    "InvalidPattern",
    "InvalidProvider",
    "InvalidRedirectUri",
    "InvalidTheme",
    "JwtError",
    "KeyError",
    "ResourceError",
    "ShortKey",
    "TokenError",
    "VerifyError",
    // Errors whose texts other tests look through, with canaries in every answer.
    "AuthError",
    "LoginError",
    // What everybody may see.
    "ClaimPath",
    "Colour",
    "Document",
    "RedirectPattern",
    "Theme",
    "TrustedProxies",
    // Made of a URL with secrets in it by a login alone; `client::user_agent` shows it there.
    "AuthorizationRequest",
    // Entries are in the keyring of the machine; its own tests print it.
    "KeyringStore",
];

/// Every other type with canaries wherever one may be.
async fn shown() -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    let mut show =
        |name, value: &dyn std::fmt::Debug| all.push((name, format!("{value:?} {value:#?}")));
    show("Secret", &Secret::from(CANARY));
    show("Keys", &Keys::new([CANARY]).unwrap());

    // Who verifies.
    let hmac = || VerifyKeys::secret(HmacAlgorithm::Hs512, &Secret::from(CANARY)).unwrap();
    let dpop = Dpop::new().nonces();
    show("Dpop", &dpop);
    show("Keys", &hmac());
    let builder = Jwt::builder().issuer("https://as.test", hmac()).dpop(dpop);
    show("JwtBuilder", &builder);
    let jwt = builder.build().unwrap();
    show("Jwt", &jwt);
    let caller = || Principal::new("alice").with_claim("secret", json!(CANARY));
    let tokens = StaticTokens::new().token(CANARY, caller()).unwrap();
    show("StaticTokens", &tokens);
    let keys = ApiKeys::new().key(CANARY, caller()).unwrap();
    show("ApiKeys", &keys);
    for us in [
        ClientAuthentication::Basic {
            id: "us".into(),
            secret: CANARY.into(),
        },
        ClientAuthentication::Post {
            id: "us".into(),
            secret: CANARY.into(),
        },
        ClientAuthentication::Bearer(CANARY.into()),
    ] {
        show("ClientAuthentication", &us);
        show(
            "Introspection",
            &Introspection::new("https://as.test/introspect", us),
        );
    }
    let proxied = ClientCertificates::new("127.0.0.1".parse().unwrap(), "x-subject");
    show("ClientCertificates", &proxied);
    let binding = CertificateBinding::forwarded("127.0.0.1".parse().unwrap());
    show("CertificateBinding", &binding);
    let request = Request::get(format!("https://mcp.test/mcp?access_token={CANARY}"))
        .header("authorization", format!("Bearer {CANARY}"))
        .header("cookie", CANARY);
    let (head, ()) = request.body(()).unwrap().into_parts();
    let presented = Presented::new(RESOURCE, &head).with_token(Scheme::Bearer, CANARY);
    show("Presented", &presented);
    let verdict = tokens.verify(presented);
    assert!(matches!(verdict, Verification::Ready(Ok(_))));
    show("Verification", &verdict);
    let both = AnyOf::new().or(tokens.clone()).or(keys).or(jwt);
    show("AnyOf", &both);
    let protection = Protection::new(RESOURCE, both).unwrap();
    show("Protection", &protection);
    show("ProtectionLayer", &protection.layer());
    show("Protected", &protection.layer().layer("the service"));
    show("Fetcher", &Fetcher::new());
    let event = AuthEvent::new(AuthEventKind::Issue, AuthOutcome::Granted).with_client("app");
    show("AuthEvent", &event);

    // Who logs users in.
    let tokens = UpstreamTokens::new(CANARY);
    show("UpstreamTokens", &tokens);
    let mut identity = Identity::new("alice").with_upstream(tokens);
    identity.email = Some(CANARY.to_owned());
    identity.claims.insert("secret".to_owned(), CANARY.into());
    show("Identity", &identity);
    show(
        "LoginRequest",
        &LoginRequest::new(CANARY, "https://mcp.test/callback"),
    );
    let to = format!("https://idp.test/?state={CANARY}");
    show("LoginStep", &LoginStep::redirect(to).with_secrets(CANARY));
    let (parameters, secret) = (
        [("code".to_owned(), CANARY.to_owned())],
        Secret::from(CANARY),
    );
    show(
        "Callback",
        &Callback::new(&parameters, "https://mcp.test/callback", &secret),
    );
    show("Credentials", &Credentials::new("alice", &secret));
    let provider = || Provider::keycloak("https://idp.test/realms/a").client("app", CANARY);
    show("Provider", &provider());
    show("IssuedTokens", &provider().verifier(RESOURCE).unwrap());
    show("Login", &provider().login().unwrap());

    // Who issues tokens.
    let user = DevelopmentUser::new("alice", CANARY);
    show("DevelopmentUser", &user);
    let users = DevelopmentLogin::new().user(user);
    show("DevelopmentLogin", &users);
    let client = StaticClient::new("app", ["https://app.test/callback"]).unwrap();
    let client = client.with_secret(CANARY);
    show("StaticClient", &client);
    let trusted = TrustedIssuer::new("https://idp.test", hmac());
    show("TrustedIssuer", &trusted);
    let builder = AuthorizationServer::builder("http://127.0.0.1:8000", users)
        .keys(Keys::new([CANARY]).unwrap())
        .client(client);
    show("AuthorizationServerBuilder", &builder);
    let server = builder.build().unwrap();
    show("AuthorizationServer", &server);
    show("Upstream", &server.upstream());

    // Who asks for tokens.
    let key = || SigningKey::from_pem(Algorithm::Es256, KEY).unwrap();
    show("SigningKey", &key());
    let registered = || Registered::new("app").secret(CANARY).key(key());
    show("Registered", &registered());
    show("JwtSource", &JwtSource::from(CANARY));
    show("Workload", &Workload::new("app", CANARY));
    show("ClientCredentials", &ClientCredentials::new(registered()));
    show(
        "Enterprise",
        &Enterprise::new(registered(), CANARY, registered()),
    );
    show("Machine", &Machine::from(Workload::new("app", CANARY)));
    let builder = OAuth::login().client(registered());
    show("OAuthBuilder", &builder);
    show("OAuth", &builder.build());
    show(
        "OAuth",
        &OAuth::machine(ClientCredentials::new(registered())).build(),
    );
    show("Loopback", &Loopback::headless());
    show("Unattended", &Unattended::new("http://localhost/callback"));
    let sealing = SealingKey::new(CANARY.as_bytes()).unwrap();
    show("SealingKey", &sealing);
    show("FileStore", &FileStore::new("/tmp/tokens", sealing));
    let store = MemoryStore::default();
    store.save("name", &CANARY.into()).await.unwrap();
    show("MemoryStore", &Arc::new(store));
    all
}

#[tokio::test]
async fn no_public_type_prints_a_canary() {
    let key = KEY.lines().filter(|line| !line.starts_with('-'));
    let secrets: Vec<_> = key.chain(["canary"]).collect();
    for (name, printed) in shown().await {
        for secret in &secrets {
            assert!(!printed.contains(secret), "`{name}` prints {printed}");
        }
    }
}

#[tokio::test]
async fn every_public_type_is_shown_or_said_to_hold_no_secret() {
    let mut found = BTreeSet::new();
    public_types(Path::new("src"), &mut found);
    let shown = shown().await.into_iter().map(|(name, _)| name);
    let listed: BTreeSet<_> = shown
        .chain(BARE.iter().copied())
        .map(str::to_owned)
        .collect();
    let missing: Vec<_> = found.difference(&listed).collect();
    assert!(
        missing.is_empty(),
        "print these in `shown`, or list them in `BARE`: {missing:?}"
    );
    let gone: Vec<_> = listed.difference(&found).collect();
    assert!(gone.is_empty(), "these are no types any more: {gone:?}");
}

/// The names behind every `pub struct` and `pub enum` below a directory.
fn public_types(directory: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            public_types(&path, found);
            continue;
        }
        for line in fs::read_to_string(&path).unwrap().lines() {
            let line = line.trim_start();
            let declared = ["pub struct ", "pub enum ", "pub union "];
            let rest = declared
                .iter()
                .find_map(|declared| line.strip_prefix(declared));
            let name = rest.and_then(|rest| rest.split(|c: char| !c.is_alphanumeric()).next());
            found.extend(name.map(str::to_owned));
        }
    }
}
