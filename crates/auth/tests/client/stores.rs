//! What is kept, and under which names.

use std::sync::{Arc, Mutex};

use purlin_auth::client::store::{MemoryStore, TokenStore};
use purlin_auth::client::{Result, Secret};
use purlin_client::BoxFuture;

use crate::town::Town;

/// Remembers what was kept.
#[derive(Debug, Default)]
struct Watched {
    store: MemoryStore,
    kept: Mutex<Vec<(String, Secret)>>,
}

impl TokenStore for Watched {
    fn load<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Secret>>> {
        self.store.load(name)
    }

    fn save<'a>(&'a self, name: &'a str, secret: &'a Secret) -> BoxFuture<'a, Result<()>> {
        let kept = (name.to_owned(), secret.clone());
        self.kept.lock().unwrap().push(kept);
        self.store.save(name, secret)
    }

    fn remove<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<()>> {
        self.store.remove(name)
    }
}

#[tokio::test]
async fn every_secret_is_kept_under_the_issuer_it_came_from() {
    let town = Town::start().await;
    town.world().gives_secrets = true;
    let store = Arc::new(Watched::default());
    let oauth = town.login().shared_store(store.clone()).build();
    let client = town.connect(oauth).await.unwrap();
    town.revoke();
    town.world().issuer = town.issuer("other");
    client.call::<String>("t", ()).await.unwrap();
    let kept = store.kept.lock().unwrap();
    let secrets = kept
        .iter()
        .filter(|(_, secret)| secret.reveal().contains("canary"));
    let names: Vec<_> = secrets.map(|(name, _)| name.as_str()).collect();
    let (one, other) = (town.issuer("as"), town.issuer("other"));
    let expected = [&one, &one, &other, &other];
    assert_eq!(names.len(), expected.len(), "{names:?}");
    for (name, issuer) in names.iter().zip(expected) {
        assert!(name.contains(&format!("\"{issuer}\"")), "{name}");
        assert!(!name.contains("canary"));
    }
}

#[tokio::test]
async fn the_next_run_uses_what_the_last_one_stored() {
    let town = Town::start().await;
    let store: Arc<dyn TokenStore> = Arc::new(MemoryStore::default());
    for _ in 0..2 {
        let oauth = town.login().shared_store(Arc::clone(&store)).build();
        town.connect(oauth).await.unwrap();
    }
    assert_eq!(town.world().authorizations.len(), 1);
    assert_eq!(town.world().calls.len(), 3);
}
