//! Nothing that is secret is ever printed: not in `Debug`, not in errors, not in logs.

use std::io;
use std::sync::{Arc, Mutex};

use purlin_auth::client::{
    ClientCredentials, Enterprise, JwtSource, OAuth, Registered, Secret, Workload,
};
use purlin_client::http::HttpEndpoint;
use tracing_subscriber::fmt::MakeWriter;

use crate::town::Town;

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

#[tokio::test]
async fn a_login_a_refresh_and_their_failure_leave_no_secret_in_the_log() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(log.clone())
        .finish();
    // For all threads: beside the subscriber of one thread, a callsite that another thread reaches
    // first stays silent.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let town = Town::start().await;
    let client = Registered::new("c").secret("canary-secret");
    let client = town
        .connect(town.login().client(client).build())
        .await
        .unwrap();
    town.revoke();
    client.call::<String>("t", ()).await.unwrap();
    town.revoke();
    town.world().takes_refresh = false;
    town.world().denies = true;
    let error = client.call::<String>("t", ()).await.unwrap_err();
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(!log.is_empty());
    for text in [log, format!("{error} {error:?} {client:?}")] {
        assert!(!text.contains("canary"), "{text}");
    }
}

#[test]
fn settings_print_without_their_secrets() {
    let registered = || Registered::new("c").secret("canary");
    let builders = [
        OAuth::login().client(registered()),
        OAuth::machine(ClientCredentials::new(registered())),
        OAuth::machine(Workload::new("c", "canary")),
        OAuth::machine(Enterprise::new(registered(), "canary", registered())),
    ];
    for builder in builders {
        assert!(!format!("{builder:?}").contains("canary"));
        let endpoint = HttpEndpoint::new("http://127.0.0.1:1").unwrap();
        let endpoint = endpoint.authorize(builder.build());
        assert!(!format!("{endpoint:?}").contains("canary"));
    }
    assert_eq!(format!("{:?}", Secret::from("canary")), "[redacted]");
    assert_eq!(
        format!("{:?}", JwtSource::from("canary")),
        "JwtSource([redacted])"
    );
}
