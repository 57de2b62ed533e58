//! Nothing that is secret is ever printed: not in `Debug`, not in errors, not in logs.

use std::error::Error;
use std::io;
use std::sync::{Arc, Mutex};

use purlin_auth::client::store::{FileStore, MemoryStore, SealingKey, TokenStore};
use purlin_auth::client::user_agent::{Loopback, Unattended};
use purlin_auth::client::{
    Algorithm, ClientCredentials, Enterprise, JwtSource, OAuth, OAuthBuilder, Registered, Secret,
    SigningKey, Workload,
};
use purlin_client::ClientError;
use purlin_client::http::HttpEndpoint;
use tracing_subscriber::fmt::MakeWriter;

use crate::browser;
use crate::town::{Refusal, Town};

const KEY: &str = include_str!("keys/p256.pem");

/// What was logged, at every level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Log {
    /// For all threads: beside the subscriber of one thread, a callsite that another thread
    /// reaches first stays silent.
    fn start() -> Self {
        let log = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_writer(log.clone())
            .finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
        log
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

fn registered() -> Registered {
    Registered::new("c").secret("canary-secret")
}

fn key() -> SigningKey {
    SigningKey::from_pem(Algorithm::Es256, KEY).unwrap()
}

/// Every way to tokens.
fn flows(town: &Town) -> Vec<OAuthBuilder> {
    let login = || OAuth::login().user_agent(browser::loopback());
    let idp = || registered().issuer(town.issuer("idp"));
    vec![
        login(),
        login().client(registered()),
        login().client(Registered::new("c").key(key())),
        login().client_metadata_url("https://app.test/client.json"),
        OAuth::machine(ClientCredentials::new(registered())),
        OAuth::machine(ClientCredentials::new(Registered::new("c").key(key()))),
        OAuth::machine(Enterprise::new(idp(), "canary-id-token", registered())),
        OAuth::machine(Workload::new("c", "canary-jwt")),
    ]
}

/// Everything that an error says, causes included.
fn told(error: &ClientError) -> String {
    let mut text = format!("{error} {error:?}");
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(" {error} {error:?}"));
        cause = error.source();
    }
    text
}

/// Logs in, refreshes and fails, and gives everything that a program could print of it.
async fn live(town: &Town, flow: OAuthBuilder) -> String {
    let mut text = format!("{flow:?}");
    let oauth = flow.build();
    text.push_str(&format!("{oauth:?}"));
    let client = match town.connect(oauth).await {
        Ok(client) => client,
        Err(error) => return text + &told(&error),
    };
    town.revoke();
    let answer = client.call::<String>("t", ()).await;
    text.push_str(&format!("{answer:?} {client:?}"));
    town.revoke();
    town.world().tokens_are = Some(Refusal::Echo("invalid_request"));
    let error = client.call::<String>("t", ()).await.unwrap_err();
    text + &told(&error)
}

/// What nobody may read: what was made to be found, and what was made up on the way.
fn secrets(town: &Town) -> Vec<String> {
    let world = town.world();
    let mut secrets = vec!["canary".to_owned()];
    secrets.extend(
        KEY.lines()
            .filter(|line| !line.starts_with('-'))
            .map(str::to_owned),
    );
    for (_, asked) in &world.authorizations {
        secrets.push(asked["state"].clone());
    }
    for (_, form) in &world.token_requests {
        let made_up = ["code_verifier", "client_assertion"].map(|name| form.get(name));
        secrets.extend(made_up.into_iter().flatten().cloned());
    }
    secrets.extend(world.proofs.iter().cloned());
    secrets
}

fn assert_silent(text: &str, secrets: &[String]) {
    for secret in secrets {
        let told = text.lines().find(|line| line.contains(secret));
        assert_eq!(told, None);
    }
}

#[tokio::test]
async fn no_login_leaves_a_secret_in_the_log_or_in_an_error() {
    let log = Log::start();
    for at in 0..8 {
        for (proofs, echoes) in [(false, false), (true, false), (false, true)] {
            let town = Town::start().await;
            town.world().gives_secrets = true;
            town.world().metadata["client_id_metadata_document_supported"] = (at == 3).into();
            if proofs {
                town.want_proofs();
                town.world().wants_nonces = true;
            }
            town.world().tokens_are = echoes.then_some(Refusal::Echo("invalid_client"));
            let flow = flows(&town).swap_remove(at);
            let text = live(&town, flow).await;
            let secrets = secrets(&town);
            assert!(!town.world().token_requests.is_empty(), "{text}");
            // It was said, and taken out.
            assert!(text.contains("invalid_"), "{text}");
            assert_silent(&text, &secrets);
            assert_silent(&log.text(), &secrets);
        }
    }
    assert!(!log.text().is_empty());
}

#[test]
fn settings_print_without_their_secrets() {
    let canary = Registered::new("c").secret("canary").key(key());
    let memory = MemoryStore::default();
    let sealing = SealingKey::new(b"canary-canary-canary-canary-canary").unwrap();
    let printed = [
        format!("{canary:?}"),
        format!("{:?}", key()),
        format!("{sealing:?}"),
        format!("{:?}", FileStore::new("/tmp/tokens", sealing)),
        format!("{memory:?}"),
        format!("{:?}", ClientCredentials::new(canary)),
        format!("{:?}", Workload::new("c", "canary")),
        format!(
            "{:?}",
            Enterprise::new(registered(), "canary", registered())
        ),
        format!("{:?}", OAuth::machine(Workload::new("c", "canary"))),
        format!("{:?}", OAuth::login().client(registered())),
        format!("{:?}", Loopback::headless()),
        format!("{:?}", Unattended::new("http://localhost/callback")),
    ];
    let lines = KEY.lines().filter(|line| !line.starts_with('-'));
    let secrets: Vec<_> = lines.chain(["canary"]).map(str::to_owned).collect();
    assert_silent(&printed.join("\n"), &secrets);
    assert_eq!(format!("{:?}", Secret::from("canary")), "[redacted]");
    let source = format!("{:?}", JwtSource::from("canary"));
    assert_eq!(source, "JwtSource([redacted])");
    let endpoint = HttpEndpoint::new("http://127.0.0.1:1").unwrap();
    let endpoint = endpoint.authorize(OAuth::login().client(registered()).build());
    assert!(!format!("{endpoint:?}").contains("canary"));
}

#[tokio::test]
async fn a_store_prints_no_secret_that_it_holds() {
    let store = MemoryStore::default();
    store.save("name", &"canary".into()).await.unwrap();
    assert!(!format!("{store:?}").contains("canary"));
}
