//! Secrets that were right a while ago, and where they came from.

use std::{fmt, net::IpAddr, time::Duration};

use purlin_core::store::StoreResult;

use crate::{
    Secret,
    authorization_server::storage::{Mac, Records, Storage},
    network::network,
};

/// How long a secret is known from an address.
const KNOWN: Duration = Duration::from_secs(24 * 60 * 60);

/// Remembers which secrets were right, and from which address. Of each there is a code under a key
/// of ours alone: not even whoever reads the store can try secrets on it.
pub(super) struct Proofs {
    records: Records<()>,
    mac: Mac,
}

/// One secret of one client from one address.
pub(super) struct Proof(String);

impl Proofs {
    pub(super) fn new(storage: &Storage) -> Self {
        Self {
            records: storage.records("client proofs"),
            mac: storage.keys().mac("client proofs"),
        }
    }

    pub(super) fn of(&self, peer: Option<IpAddr>, id: &str, secret: &Secret) -> Proof {
        let address = peer.map(|peer| network(peer).to_string());
        let address = address.unwrap_or_default();
        let secret = secret.reveal();
        let text = format!("{address} {} {id} {secret}", id.len());
        let text = zeroize::Zeroizing::new(text);
        let tag = self.mac.sign(text.as_bytes());
        Proof(tag.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    pub(super) async fn is_known(&self, proof: &Proof) -> StoreResult<bool> {
        Ok(self.records.get(&proof.0).await?.is_some())
    }

    /// Whoever is right is let in, remembered or not.
    pub(super) async fn remember(&self, proof: &Proof) {
        if let Err(error) = self.records.put(&proof.0, &(), KNOWN).await {
            tracing::warn!(target: "purlin::auth", %error, "a client is not remembered");
        }
    }
}

impl fmt::Debug for Proofs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proofs([redacted])")
    }
}
