//! Whose data it is: the keys under which a store keeps what belongs to a
//! caller.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use orion::hazardous::hash::blake2::blake2b::Hasher;

use super::{Origin, Principal};

/// A tenant whose name is longer is found by its hash alone.
const MAX_TENANT: usize = 128;

impl Origin {
    /// The key under which a store keeps something of this caller: tenant, hash
    /// of the identity, name. No name of one caller is ever a key of another,
    /// and callers whom nobody has authenticated share one place.
    ///
    /// ```
    /// use purlin_core::{Origin, Principal, TransportKind};
    ///
    /// let of = |principal| Origin::new(TransportKind::Http).with_principal(principal);
    /// let alice = of(Principal::new("alice").with_tenant("acme"));
    /// let other = of(Principal::new("alice").with_tenant("apex"));
    /// assert_eq!(alice.store_key("cart"), alice.clone().store_key("cart"));
    /// assert_ne!(alice.store_key("cart"), other.store_key("cart"));
    /// ```
    pub fn store_key(&self, name: &str) -> String {
        match self.principal() {
            Some(principal) => key_of(principal, name),
            None => format!("-{name}"),
        }
    }
}

/// The tenant has its length before it and the hash has always the same, so
/// nothing in either can be read as part of what follows.
fn key_of(principal: &Principal, name: &str) -> String {
    let tenant = principal.tenant().unwrap_or_default();
    let tenant = if tenant.len() > MAX_TENANT {
        ""
    } else {
        tenant
    };
    let identity = digest(principal.identity().as_bytes());
    format!("{}:{tenant}{identity}{name}", tenant.len())
}

/// A hash as text: 43 characters, whatever is hashed.
pub(crate) fn digest(data: &[u8]) -> String {
    let digest = Hasher::Blake2b256
        .digest(data)
        .expect("no text is longer than what the hash takes");
    URL_SAFE_NO_PAD.encode(digest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::TransportKind;

    fn callers() -> impl Strategy<Value = (Option<(String, String)>, String)> {
        let text = "[ab:0-9]{0,4}";
        (proptest::option::of((text, text)), text)
    }

    fn key(principal: Option<&(String, String)>, name: &str) -> String {
        let origin = Origin::new(TransportKind::Http);
        let origin = match principal {
            Some((tenant, subject)) => {
                origin.with_principal(Principal::new(subject).with_tenant(tenant))
            }
            None => origin,
        };
        origin.store_key(name)
    }

    proptest! {
        #[test]
        fn no_key_of_one_caller_is_one_of_another(one in callers(), other in callers()) {
            let same = one == other;
            prop_assert_eq!(key(one.0.as_ref(), &one.1) == key(other.0.as_ref(), &other.1), same);
        }
    }

    #[test]
    fn tenants_of_any_length_make_keys_that_stores_take() {
        let caller = ("t".repeat(100_000), "s".repeat(100_000));
        assert!(key(Some(&caller), &"n".repeat(128)).len() < 512);
    }
}
