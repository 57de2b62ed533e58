//! Authorization codes: 256 bits, for a minute, once.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use purlin_core::store::StoreResult;
use ring::digest;
use serde::{Deserialize, Serialize};

use super::super::{
    storage::{Records, Storage},
    tokens::{Family, Grant},
};
use crate::random;

/// How long a code is good for.
const LIFE: Duration = Duration::from_secs(60);
/// What a code is bound to, besides the client and the resource of its grant.
#[derive(Serialize, Deserialize)]
pub(in super::super) struct Bound {
    pub(in super::super) grant: Grant,
    /// Exactly as in the request.
    pub(in super::super) redirect_uri: String,
    pub(in super::super) challenge: String,
}

impl Bound {
    pub(in super::super) fn is_verified_by(&self, verifier: &str) -> bool {
        is_verifier_of(&self.challenge, verifier)
    }
}

/// Whether this is the verifier of a challenge (RFC 7636, section 4.6).
fn is_verifier_of(challenge: &str, verifier: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
    (43..=128).contains(&verifier.len())
        && verifier.bytes().all(unreserved)
        && URL_SAFE_NO_PAD.encode(hash) == challenge
}

#[derive(Serialize, Deserialize)]
enum Record {
    Fresh(Box<Bound>),
    /// The family of what was issued for it.
    Used(Family),
}

/// What comes of a code.
pub(in super::super) enum Redeemed {
    /// It was fresh, and is used now.
    Now(Box<Bound>),
    /// It was used before: the family of what was issued for it.
    Before(Family),
    Unknown,
}

/// The codes that were issued.
#[derive(Clone, Debug)]
pub(in super::super) struct Codes {
    records: Records<Record>,
    /// How long it is remembered that a code was used, so that its second use is noticed: as long
    /// as anything may be valid that was issued for it.
    memory: Duration,
}

impl Codes {
    pub(in super::super) fn new(storage: &Storage, memory: Duration) -> Self {
        Self {
            records: storage.records("code"),
            memory,
        }
    }

    pub(in super::super) async fn issue(&self, bound: Bound) -> StoreResult<String> {
        let code = random::text();
        let record = Record::Fresh(Box::new(bound));
        self.records.put(&code, &record, LIFE).await?;
        Ok(code)
    }

    /// Uses a code up, in one step: of all who come with it, one gets what it is bound to, and the
    /// others give themselves away.
    pub(in super::super) async fn redeem(&self, code: &str) -> StoreResult<Redeemed> {
        let Some(found) = self.records.get(code).await? else {
            return Ok(Redeemed::Unknown);
        };
        let family = match &found.value {
            Record::Used(family) => return Ok(Redeemed::Before(family.clone())),
            Record::Fresh(bound) => bound.grant.family.clone(),
        };
        let used = Record::Used(family.clone());
        if !self
            .records
            .replace(code, &found, Some(&used), self.memory)
            .await?
        {
            return Ok(Redeemed::Before(family));
        }
        Ok(match found.value {
            Record::Fresh(bound) => Redeemed::Now(bound),
            Record::Used(family) => Redeemed::Before(family),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use purlin_core::store::MemoryStore;

    use super::{
        super::super::{storage::Keys, tokens::Lifetimes},
        *,
    };
    use crate::identity::Identity;

    #[tokio::test(start_paused = true)]
    async fn a_second_use_is_noticed_as_long_as_what_was_issued_may_be_valid() {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        let storage = Storage::new(Arc::new(MemoryStore::new()), Keys::new([[7; 32]]).unwrap());
        let codes = Codes::new(&storage, Lifetimes::default().longest());
        let family = Family::new();
        let grant = Grant {
            family: family.clone(),
            client: "app".to_owned(),
            identity: Identity::new("alice"),
            scopes: Vec::new(),
            resource: "https://mcp.test/mcp".to_owned(),
            refreshable: true,
        };
        let bound = Bound {
            grant,
            redirect_uri: "https://app.test/cb".to_owned(),
            challenge: String::new(),
        };
        let code = codes.issue(bound).await.unwrap();
        let first = codes.redeem(&code).await.unwrap();
        assert!(matches!(first, Redeemed::Now(_)));
        for days in [1, 29, 60] {
            tokio::time::advance(DAY * days).await;
            let again = codes.redeem(&code).await.unwrap();
            assert!(
                matches!(again, Redeemed::Before(known) if known == family),
                "{days}"
            );
        }
        tokio::time::advance(DAY).await;
        let forgotten = codes.redeem(&code).await.unwrap();
        assert!(matches!(forgotten, Redeemed::Unknown));
    }

    /// RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_verifier_of_the_standard_verifies() {
        assert!(is_verifier_of(CHALLENGE, VERIFIER));
        assert!(!is_verifier_of(CHALLENGE, CHALLENGE));
    }

    proptest! {
        #[test]
        fn no_other_verifier_verifies_and_none_panics(
            text in "\\PC{0,200}",
            near in "[A-Za-z0-9._~-]{43,128}",
            place in 0..VERIFIER.len(),
            letter in "[A-Za-z0-9._~-]",
        ) {
            for verifier in [&text, &near] {
                prop_assert!(!is_verifier_of(CHALLENGE, verifier));
                prop_assert!(!is_verifier_of(verifier, verifier));
            }
            let mut other = VERIFIER.to_owned();
            other.replace_range(place..=place, &letter);
            prop_assert_eq!(is_verifier_of(CHALLENGE, &other), other == VERIFIER);
        }
    }
}
