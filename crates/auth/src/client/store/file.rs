//! Tokens in a sealed file.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use purlin_client::BoxFuture;

use super::TokenStore;
use super::key::{SealingKey, private};
use crate::client::error::{AuthError, AuthErrorKind};
use crate::client::{Result, Secret};
use crate::random;

/// Keeps secrets in one sealed file that only this user may read (mode 0600).
///
/// The file is replaced as a whole, so it is never half written. One that cannot be opened (it is
/// damaged, or was sealed with another key) counts as empty: then users log in again.
///
/// ```no_run
/// use purlin_auth::client::store::{FileStore, SealingKey};
///
/// let key = SealingKey::from_file("/home/me/.config/app/key")?;
/// let store = FileStore::new("/home/me/.local/state/app/tokens", key);
/// # Ok::<(), purlin_auth::client::AuthError>(())
/// ```
#[derive(Clone, Debug)]
pub struct FileStore(Arc<File>);

#[derive(Debug)]
struct File {
    path: PathBuf,
    key: SealingKey,
    /// Held from reading to replacing, so that no change is lost.
    turn: Mutex<()>,
}

type Secrets = BTreeMap<String, Secret>;

impl FileStore {
    /// The store in this file, which is made when something is kept. Its directory has to exist.
    pub fn new(path: impl Into<PathBuf>, key: SealingKey) -> Self {
        Self(Arc::new(File {
            path: path.into(),
            key,
            turn: Mutex::new(()),
        }))
    }

    /// Works on the file where waiting for a disk disturbs nobody.
    fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&File) -> Result<T> + Send + 'static,
    ) -> BoxFuture<'_, Result<T>> {
        let file = Arc::clone(&self.0);
        Box::pin(async move {
            let work = tokio::task::spawn_blocking(move || {
                let _turn = file.turn.lock().unwrap_or_else(PoisonError::into_inner);
                work(&file)
            });
            work.await.unwrap_or_else(|error| {
                Err(AuthError::new(AuthErrorKind::Store, "the token file").because(error))
            })
        })
    }
}

impl TokenStore for FileStore {
    fn load<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Secret>>> {
        let name = name.to_owned();
        self.work(move |file| Ok(file.read()?.remove(&name)))
    }

    fn save<'a>(&'a self, name: &'a str, secret: &'a Secret) -> BoxFuture<'a, Result<()>> {
        let (name, secret) = (name.to_owned(), secret.clone());
        self.work(move |file| file.change(|secrets| _ = secrets.insert(name, secret)))
    }

    fn remove<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<()>> {
        let name = name.to_owned();
        self.work(move |file| file.change(|secrets| _ = secrets.remove(&name)))
    }
}

impl File {
    fn read(&self) -> Result<Secrets> {
        let sealed = match fs::read(&self.path) {
            Ok(sealed) => sealed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Secrets::new()),
            Err(error) => return Err(self.failed("read").because(error)),
        };
        let plain = self.key.open(&sealed);
        let secrets = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
        if secrets.is_none() {
            tracing::warn!(path = %self.path.display(), "a token file that cannot be opened");
        }
        Ok(secrets.unwrap_or_default())
    }

    fn change(&self, change: impl FnOnce(&mut Secrets)) -> Result<()> {
        let mut secrets = self.read()?;
        change(&mut secrets);
        let plain =
            serde_json::to_vec(&secrets).map_err(|error| self.failed("written").because(error))?;
        let sealed = self.key.seal(plain)?;
        replace(&self.path, &sealed).map_err(|error| self.failed("written").because(error))
    }

    fn failed(&self, what: &str) -> AuthError {
        let message = format!("the token file {} cannot be {what}", self.path.display());
        AuthError::new(AuthErrorKind::Store, message)
    }
}

/// Writes a new file beside the old one and puts it in its place.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let suffix = URL_SAFE_NO_PAD.encode(random::bytes::<9>());
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{suffix}"));
    let fresh = path.with_file_name(name);
    let written = write(&fresh, content).and_then(|()| fs::rename(&fresh, path));
    if written.is_err() {
        let _ = fs::remove_file(&fresh);
    }
    written
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = private(OpenOptions::new().write(true).create_new(true)).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory that is removed with the test.
    struct Directory(PathBuf);

    impl Directory {
        fn new() -> Self {
            let name = URL_SAFE_NO_PAD.encode(random::bytes::<9>());
            let path = std::env::temp_dir().join(format!("purlin-auth-{name}"));
            fs::create_dir(&path).unwrap();
            Self(path)
        }

        fn store(&self, key: &[u8; 32]) -> FileStore {
            FileStore::new(self.0.join("tokens"), SealingKey::new(key).unwrap())
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[tokio::test]
    async fn what_is_kept_is_there_in_the_next_run() {
        let directory = Directory::new();
        let store = directory.store(&[7; 32]);
        assert_eq!(store.load("a").await.unwrap(), None);
        store.save("a", &"one".into()).await.unwrap();
        store.save("b", &"two".into()).await.unwrap();
        store.remove("b").await.unwrap();
        let next = directory.store(&[7; 32]);
        assert_eq!(next.load("a").await.unwrap(), Some("one".into()));
        assert_eq!(next.load("b").await.unwrap(), None);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn the_file_is_sealed_and_for_this_user_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = Directory::new();
        directory
            .store(&[7; 32])
            .save("name", &"canary".into())
            .await
            .unwrap();
        let files: Vec<_> = fs::read_dir(&directory.0)
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(files.len(), 1);
        let mode = files[0].metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let content = fs::read(files[0].path()).unwrap();
        for text in ["canary", "name"] {
            assert!(
                !content
                    .windows(text.len())
                    .any(|window| window == text.as_bytes())
            );
        }
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_opened_counts_as_empty() {
        let directory = Directory::new();
        directory
            .store(&[7; 32])
            .save("a", &"one".into())
            .await
            .unwrap();
        let other = directory.store(&[8; 32]);
        assert_eq!(other.load("a").await.unwrap(), None);
        other.save("a", &"two".into()).await.unwrap();
        assert_eq!(other.load("a").await.unwrap(), Some("two".into()));
    }

    #[test]
    fn a_key_file_is_made_once_and_is_private() {
        let directory = Directory::new();
        let path = directory.0.join("key");
        let sealed = SealingKey::from_file(&path)
            .unwrap()
            .seal(b"x".to_vec())
            .unwrap();
        let again = SealingKey::from_file(&path).unwrap();
        assert_eq!(again.open(&sealed).as_deref(), Some(&b"x"[..]));
        assert!(SealingKey::new(&[0; 31]).is_err());
    }
}
