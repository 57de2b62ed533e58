//! Tokens in the keyring of the user's machine.

mod platform;
#[cfg(test)]
mod tests;

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
        Self::opened_by(application.into(), platform::open)
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
