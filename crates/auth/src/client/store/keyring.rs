//! Tokens in the keyring of the user's machine.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use keyring_core::api::CredentialStore;
use keyring_core::{Entry, Error as KeyringError};
use purlin_client::BoxFuture;
use ring::digest::{SHA256, digest};
use tokio::sync::Semaphore;

use super::TokenStore;
use crate::client::error::{AuthError, AuthErrorKind, excerpt};
use crate::client::{Result, Secret};

/// How long a keyring may take: a locked one asks its user first.
const PATIENCE: Duration = Duration::from_secs(300);
/// The longest account name that every platform takes, in bytes.
const ACCOUNT: usize = 255;
/// What to do without a keyring.
const INSTEAD: &str = "keep the tokens in a sealed file (`store::FileStore`)";

/// Keeps secrets in the keyring of this machine: the Keychain of macOS, the Credential Manager of
/// Windows, elsewhere the Secret Service (GNOME Keyring, KWallet, KeePassXC).
///
/// A machine without one, such as a server or a container, fails the first login with an error of
/// kind [`Store`](AuthErrorKind::Store); [`FileStore`](super::FileStore) works there. A locked
/// keyring asks its user, who has five minutes. Windows takes at most 2,560 bytes in one entry.
///
/// ```
/// use purlin_auth::client::{OAuth, store::KeyringStore};
///
/// let oauth = OAuth::login().store(KeyringStore::new("weather-app")).build();
/// ```
#[cfg_attr(docsrs, doc(cfg(feature = "keyring")))]
#[derive(Clone)]
pub struct KeyringStore(Arc<Keyring>);

struct Keyring {
    application: String,
    open: Box<Open>,
    /// Opened when it is first needed; one that cannot be opened is tried again.
    opened: Mutex<Option<Arc<CredentialStore>>>,
    /// One at a time: a keyring that hangs takes one thread, not one for every request.
    turn: Arc<Semaphore>,
    patience: Duration,
}

type Open = dyn Fn() -> keyring_core::Result<Arc<CredentialStore>> + Send + Sync;

impl KeyringStore {
    /// The entries of an application, under the name that users see in their keyring.
    pub fn new(application: impl Into<String>) -> Self {
        Self::opened_by(application.into(), platform)
    }

    fn opened_by(
        application: String,
        open: impl Fn() -> keyring_core::Result<Arc<CredentialStore>> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Keyring {
            application,
            open: Box::new(open),
            opened: Mutex::new(None),
            turn: Arc::new(Semaphore::new(1)),
            patience: PATIENCE,
        }))
    }

    /// Works on an entry where waiting for a user disturbs nobody.
    fn work<T: Send + 'static>(
        &self,
        name: &str,
        work: impl FnOnce(&Entry) -> keyring_core::Result<T> + Send + 'static,
    ) -> BoxFuture<'_, Result<T>> {
        let (keyring, account) = (Arc::clone(&self.0), account(name));
        let patience = keyring.patience;
        let work = async move {
            let turn = Arc::clone(&keyring.turn).acquire_owned().await;
            let work = tokio::task::spawn_blocking(move || {
                // Given back when the work is over, whether somebody still waits for it or not.
                let _turn = turn;
                let entry = keyring.store()?.build(&keyring.application, &account, None);
                entry.and_then(|entry| work(&entry)).map_err(failure)
            });
            work.await.unwrap_or_else(|error| {
                Err(AuthError::new(AuthErrorKind::Store, "the keyring").because(error))
            })
        };
        Box::pin(async move {
            tokio::time::timeout(patience, work)
                .await
                .unwrap_or_else(|_| {
                    let message = format!("the keyring does not answer: unlock it, or {INSTEAD}");
                    Err(AuthError::new(AuthErrorKind::Store, message))
                })
        })
    }
}

impl Keyring {
    fn store(&self) -> Result<Arc<CredentialStore>> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = &*opened {
            return Ok(Arc::clone(store));
        }
        let store = (self.open)().map_err(|error| {
            let message = format!("this machine has no keyring that answers: {INSTEAD}");
            AuthError::new(AuthErrorKind::Store, message).because(excerpt(&error.to_string()))
        })?;
        Ok(Arc::clone(opened.insert(store)))
    }
}

impl TokenStore for KeyringStore {
    fn load<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Secret>>> {
        self.work(name, |entry| match entry.get_secret() {
            Ok(secret) => Ok(String::from_utf8(secret).ok().map(Secret::from)),
            Err(error) => is_absent(error).map(|()| None),
        })
    }

    fn save<'a>(&'a self, name: &'a str, secret: &'a Secret) -> BoxFuture<'a, Result<()>> {
        let secret = secret.clone();
        self.work(name, move |entry| {
            entry.set_secret(secret.reveal().as_bytes())
        })
    }

    fn remove<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<()>> {
        self.work(name, |entry| entry.delete_credential().or_else(is_absent))
    }
}

impl fmt::Debug for KeyringStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KeyringStore")
            .field(&self.0.application)
            .finish()
    }
}

/// The name of an entry: what it is about, or where that is too long, its digest.
fn account(name: &str) -> String {
    if name.len() <= ACCOUNT {
        return name.to_owned();
    }
    let digest = digest(&SHA256, name.as_bytes());
    format!("sha256:{}", URL_SAFE_NO_PAD.encode(digest))
}

fn is_absent(error: KeyringError) -> keyring_core::Result<()> {
    match error {
        KeyringError::NoEntry => Ok(()),
        error => Err(error),
    }
}

/// The error itself is not kept: some hold the bytes of the entry.
#[expect(clippy::needless_pass_by_value, reason = "it ends here")]
fn failure(error: KeyringError) -> AuthError {
    let message = match &error {
        KeyringError::NoStorageAccess(_) => {
            format!("the keyring is locked: unlock it, or {INSTEAD}")
        }
        KeyringError::TooLong(..) => format!("the keyring takes no entry of this size: {INSTEAD}"),
        KeyringError::BadEncoding(_) | KeyringError::BadDataFormat(..) => {
            return AuthError::new(AuthErrorKind::Store, "the keyring holds a damaged entry");
        }
        _ => format!("the keyring failed: try again, or {INSTEAD}"),
    };
    AuthError::new(AuthErrorKind::Store, message).because(excerpt(&error.to_string()))
}

#[cfg(target_os = "macos")]
fn platform() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn platform() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(all(
    unix,
    not(any(target_os = "macos", target_os = "ios", target_os = "android"))
))]
fn platform() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(not(any(unix, windows)))]
fn platform() -> keyring_core::Result<Arc<CredentialStore>> {
    Err(KeyringError::NoDefaultStore)
}

#[cfg(any(target_os = "ios", target_os = "android"))]
fn platform() -> keyring_core::Result<Arc<CredentialStore>> {
    Err(KeyringError::NoDefaultStore)
}

#[cfg(test)]
mod tests {
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
}
