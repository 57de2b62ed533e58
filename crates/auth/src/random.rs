//! Texts that cannot be guessed.

#[cfg(any(feature = "client", feature = "provider"))]
use base64::Engine as _;
#[cfg(any(feature = "client", feature = "provider"))]
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};

/// Random bytes of the operating system.
///
/// # Panics
/// When the operating system has no source of randomness, for then no secret can be made.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .expect("the operating system provides randomness");
    bytes
}

/// 256 random bits as a text of 43 characters that is safe in URLs.
#[cfg(any(feature = "client", feature = "provider"))]
pub(crate) fn text() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<32>())
}
