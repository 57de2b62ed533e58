//! The key that seals a file.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};

use crate::client::Result;
use crate::client::error::{AuthError, AuthErrorKind};
use crate::random;

/// What keys of this purpose are derived with.
const PURPOSE: &[u8] = b"purlin token store, version 1";
/// How much of a secret it takes, in bytes.
const SECRET: usize = 32;

/// Seals the file of a [`FileStore`](super::FileStore) with AES-256-GCM. Prints as `[redacted]`.
#[derive(Clone)]
pub struct SealingKey(LessSafeKey);

impl SealingKey {
    /// A key derived from at least 32 secret bytes.
    ///
    /// # Errors
    /// When there are fewer.
    pub fn new(secret: &[u8]) -> Result<Self> {
        if secret.len() < SECRET {
            let message = format!("a sealing key takes at least {SECRET} bytes");
            return Err(AuthError::new(AuthErrorKind::Configuration, message));
        }
        let derived = Salt::new(HKDF_SHA256, PURPOSE).extract(secret);
        let key = derived
            .expand(&[PURPOSE], &AES_256_GCM)
            .map(|derived| LessSafeKey::new(UnboundKey::from(derived)))
            .map_err(|error| unusable(error.to_string()))?;
        Ok(Self(key))
    }

    /// The key in a file that only this user may read; made if there is none.
    ///
    /// Who can read both files can read the tokens. The key apart protects them where the file
    /// alone gets around: in a backup, a synchronised folder, a support bundle.
    ///
    /// # Errors
    /// When the file cannot be read or made, or holds too little.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let secret = match create(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => fs::read(path),
            made => made,
        };
        let message = || format!("the key in {}", path.display());
        Self::new(&secret.map_err(|error| unusable(message()).because(error))?)
    }

    pub(super) fn seal(&self, mut plain: Vec<u8>) -> Result<Vec<u8>> {
        let nonce: [u8; NONCE_LEN] = random::bytes();
        let sealed = Nonce::assume_unique_for_key(nonce);
        self.0
            .seal_in_place_append_tag(sealed, Aad::from(PURPOSE), &mut plain)
            .map_err(|error| unusable(error.to_string()))?;
        Ok([&nonce[..], &plain].concat())
    }

    /// Opens what was sealed; `None` whatever is wrong with it.
    pub(super) fn open(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut body = body.to_vec();
        let plain = self.0.open_in_place(nonce, Aad::from(PURPOSE), &mut body);
        Some(plain.ok()?.to_vec())
    }
}

/// Writes a new secret into a file that was not there.
fn create(path: &Path) -> io::Result<Vec<u8>> {
    let secret: [u8; SECRET] = random::bytes();
    let mut file = private(OpenOptions::new().write(true).create_new(true)).open(path)?;
    file.write_all(&secret)?;
    file.sync_all()?;
    Ok(secret.to_vec())
}

/// Files that only this user may read.
#[cfg(unix)]
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600)
}

/// Files are private where the user's own directories are.
#[cfg(not(unix))]
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

fn unusable(message: impl Into<String>) -> AuthError {
    AuthError::new(AuthErrorKind::Store, message)
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey([redacted])")
    }
}
