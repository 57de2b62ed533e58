//! Whose signature a statement has to bear.

use std::{fmt, sync::Arc};

use serde_json::{Map, Value};

use crate::{
    fetch::Fetch,
    verify::{
        Keys, VerifyError,
        claims::number,
        jwt::Compact,
        keys::{KeySet, Lookup, RemoteKeys, Source},
    },
};

/// How far clocks may differ, in seconds. A statement lives for minutes, so less than for tokens.
const LEEWAY: u64 = 30;
/// How long a statement may be valid, in seconds: as long it has to be remembered.
const LONGEST: u64 = 60 * 60;

/// The keys of one party.
#[derive(Clone)]
pub(super) enum Signers {
    Given(KeySet),
    Fetched(RemoteKeys),
}

/// Which statements are accepted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    /// `typ`, without `application/`, in small letters.
    pub(super) types: &'static [&'static str],
    /// Whether `typ` may be missing.
    pub(super) untyped: bool,
}

impl Signers {
    pub(super) fn new(party: &str, keys: Keys, fetch: &Arc<dyn Fetch>) -> Self {
        match keys.0 {
            Source::Given(keys) => Self::Given(keys),
            Source::Fetched(place) => {
                Self::Fetched(RemoteKeys::new(party, place, Arc::clone(fetch)))
            }
        }
    }

    /// The claims of a statement, once it is sure that the party signed it and that it is valid at
    /// this moment. Whom it is for, and whom about, is not checked here.
    ///
    /// # Errors
    /// Which rule it breaks, or that the keys cannot be had.
    pub(super) async fn claims(
        &self,
        statement: &str,
        kind: Kind,
        now: u64,
    ) -> Result<Map<String, Value>, VerifyError> {
        let statement = Compact::parse(statement).map_err(VerifyError::Invalid)?;
        let id = statement
            .key_id_of(kind.types, kind.untyped)
            .map_err(VerifyError::Invalid)?;
        if !statement.algorithm.is_signature() {
            return Err(VerifyError::Invalid("it is not signed with a private key"));
        }
        let found = match self {
            Self::Given(keys) => signed(&statement, keys, id)?,
            Self::Fetched(remote) => {
                let current = remote.current().await?;
                // The signer may have a newer key than we know.
                signed(&statement, &current, id)?
                    || signed(&statement, &*remote.newer(id).await?, id)?
            }
        };
        if !found {
            return Err(VerifyError::Invalid("its signer has no such key"));
        }
        let claims = statement.claims().map_err(VerifyError::Invalid)?;
        check_times(&claims, now).map_err(VerifyError::Invalid)?;
        Ok(claims)
    }
}

/// Whether it is signed by the key that it names; `false` when the key is not among these.
fn signed(statement: &Compact<'_>, keys: &KeySet, id: Option<&str>) -> Result<bool, VerifyError> {
    match keys.find(id, statement.algorithm) {
        Lookup::Found(key) if statement.is_signed_by(key) => Ok(true),
        Lookup::Found(_) => Err(VerifyError::Invalid("its signature is wrong")),
        Lookup::Refused(reason) => Err(VerifyError::Invalid(reason)),
        Lookup::Unknown => Ok(false),
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "until the year 285 million it loses nothing"
)]
fn check_times(claims: &Map<String, Value>, now: u64) -> Result<(), &'static str> {
    let (now, leeway, longest) = (now as f64, LEEWAY as f64, LONGEST as f64);
    let end = number(claims, "exp")?.ok_or("`exp` is missing")?;
    if end + leeway <= now {
        return Err("it has expired (`exp`)");
    }
    if end > now + longest {
        return Err("it is valid for more than an hour (`exp`)");
    }
    for name in ["nbf", "iat"] {
        if number(claims, name)?.is_some_and(|start| start > now + leeway) {
            return Err("it is not valid yet (`nbf`, `iat`)");
        }
    }
    Ok(())
}

impl fmt::Debug for Signers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Given(_) => "Signers::Given",
            Self::Fetched(_) => "Signers::Fetched",
        })
    }
}
