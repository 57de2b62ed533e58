//! The keyring of each platform.

use std::sync::Arc;

use keyring_core::Result;
use keyring_core::api::CredentialStore;

#[cfg(target_os = "macos")]
pub(super) fn open() -> Result<Arc<CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
pub(super) fn open() -> Result<Arc<CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(all(
    unix,
    not(any(target_os = "macos", target_os = "ios", target_os = "android"))
))]
pub(super) fn open() -> Result<Arc<CredentialStore>> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(not(any(unix, windows)))]
pub(super) fn open() -> Result<Arc<CredentialStore>> {
    Err(keyring_core::Error::NoDefaultStore)
}

#[cfg(any(target_os = "ios", target_os = "android"))]
pub(super) fn open() -> Result<Arc<CredentialStore>> {
    Err(keyring_core::Error::NoDefaultStore)
}
