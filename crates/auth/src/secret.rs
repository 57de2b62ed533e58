//! Texts that nobody may see.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

/// A token, a password, a key: prints as `[redacted]`, and is wiped from memory when dropped.
///
/// ```
/// let secret = purlin_auth::Secret::from("hunter2");
/// assert_eq!(format!("{secret:?}"), "[redacted]");
/// ```
// Serialised only on its way into a store, which seals it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text itself; for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs::File;
    use std::os::unix::fs::FileExt as _;

    use super::*;

    /// What the memory of this process holds at an address.
    fn memory(address: usize, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        let memory = File::open("/proc/self/mem").expect("Linux has it");
        let read = memory.read_exact_at(&mut bytes, address as u64);
        read.expect("the heap stays mapped");
        bytes
    }

    #[test]
    fn a_secret_is_wiped_from_memory_when_it_is_dropped() {
        let secret = Secret::from("canary".repeat(50));
        let (address, length) = (secret.reveal().as_ptr() as usize, secret.reveal().len());
        let holds_canary = || {
            let bytes = memory(address, length);
            bytes.windows(6).any(|window| window == b"canary")
        };
        assert!(holds_canary());
        drop(secret);
        assert!(!holds_canary());
    }
}
