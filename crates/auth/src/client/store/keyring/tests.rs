use std::sync::mpsc;

use keyring_core::api::CredentialStoreApi as _;
use keyring_core::mock;

use super::*;

/// A store of the keyring crate that keeps everything in memory, and fails on request.
struct Mock(Arc<mock::Store>);

impl Mock {
    fn new() -> Self {
        Self(mock::Store::new().unwrap())
    }

    fn store(&self) -> KeyringStore {
        let mock = Arc::clone(&self.0);
        KeyringStore::opened_by("app".to_owned(), move || Ok(mock.clone()))
    }

    fn fail(&self, name: &str, error: KeyringError) {
        let entry = self.0.build("app", name, None).unwrap();
        let credential: &mock::Cred = entry.as_any().downcast_ref().unwrap();
        credential.set_error(error);
    }
}

#[tokio::test]
async fn what_is_kept_is_there_in_the_next_run() {
    let mock = Mock::new();
    let store = mock.store();
    assert_eq!(store.load("a").await.unwrap(), None);
    store.save("a", &"one".into()).await.unwrap();
    store.save("b", &"two".into()).await.unwrap();
    store.save("a", &"three".into()).await.unwrap();
    for _ in 0..2 {
        store.remove("b").await.unwrap();
    }
    let next = mock.store();
    assert_eq!(next.load("a").await.unwrap(), Some("three".into()));
    assert_eq!(next.load("b").await.unwrap(), None);
}

#[tokio::test]
async fn names_of_any_length_are_told_apart() {
    let mock = Mock::new();
    let store = mock.store();
    let names = ["x".repeat(5000), format!("{}y", "x".repeat(4999))];
    for name in &names {
        store
            .save(name, &Secret::from(name.as_str()))
            .await
            .unwrap();
    }
    for name in &names {
        let kept = store.load(name).await.unwrap();
        assert_eq!(kept, Some(Secret::from(name.as_str())));
    }
    let accounts = names.map(|name| account(&name));
    assert!(accounts.iter().all(|account| account.len() < ACCOUNT));
}

#[tokio::test]
async fn a_machine_without_a_keyring_is_told_what_to_use_instead() {
    let store = KeyringStore::opened_by("app".to_owned(), || Err(KeyringError::NoDefaultStore));
    let error = store.load("a").await.unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::Store);
    assert!(error.to_string().contains("`store::FileStore`"), "{error}");
}

#[tokio::test]
async fn each_failure_says_what_to_do_and_shows_no_entry() {
    let mock = Mock::new();
    let store = mock.store();
    let cause = || "busy".into();
    for (failure, expected) in [
        (KeyringError::NoStorageAccess(cause()), "unlock it"),
        (KeyringError::PlatformFailure(cause()), "try again"),
        (
            KeyringError::TooLong("secret".to_owned(), 2560),
            "`store::FileStore`",
        ),
        (KeyringError::BadEncoding(b"canary".to_vec()), "damaged"),
        (
            KeyringError::BadDataFormat(b"canary".to_vec(), cause()),
            "damaged",
        ),
    ] {
        mock.fail("a", failure);
        let error = store.save("a", &"canary".into()).await.unwrap_err();
        assert_eq!(error.kind(), AuthErrorKind::Store);
        let text = format!("{error} {error:?}");
        assert!(
            text.contains(expected) && !text.contains("canary"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_keyring_that_never_answers_is_given_up_and_takes_one_thread() {
    let (free, stuck) = mpsc::channel::<()>();
    let stuck = Mutex::new(stuck);
    let mut store = KeyringStore::opened_by("app".to_owned(), move || {
        // Until the test is over.
        let _ = stuck.lock().unwrap().recv();
        Err(KeyringError::NoDefaultStore)
    });
    Arc::get_mut(&mut store.0).unwrap().patience = Duration::ZERO;
    for _ in 0..3 {
        let error = store.load("a").await.unwrap_err();
        assert!(error.to_string().contains("unlock it"), "{error}");
    }
    assert_eq!(store.0.turn.available_permits(), 0);
    drop(free);
}

#[test]
fn a_store_prints_no_entry() {
    assert_eq!(
        format!("{:?}", Mock::new().store()),
        "KeyringStore(\"app\")"
    );
}
