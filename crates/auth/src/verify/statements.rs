//! Statements that somebody has signed, whatever they are about: the part of judging a JWT that is
//! the same for access tokens and for ID tokens.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::claims::Rules;
use super::jwt::Compact;
use super::keys::{Endpoint, KeySet, Lookup, RemoteKeys};
use super::{Clock, SystemClock, VerifyError};
use crate::fetch::Fetch;

/// Reads what one issuer has signed: form, header, key, signature and times are judged here. Who
/// it is from, for whom and about what is up to the caller.
#[derive(Debug)]
pub(crate) struct Statements {
    keys: RemoteKeys,
    rules: Rules,
    clock: Arc<dyn Clock>,
}

impl Statements {
    /// The statements of an issuer whose keys are at this URL.
    pub(crate) fn new(issuer: &str, keys: &str, fetch: Arc<dyn Fetch>) -> Self {
        Self {
            keys: RemoteKeys::new(issuer, Endpoint::Keys(keys.to_owned()), fetch),
            rules: Rules::default(),
            clock: Arc::new(SystemClock),
        }
    }

    /// The claims of a statement.
    ///
    /// # Errors
    /// When it is not one of the issuer's, not valid now, or the issuer cannot be reached.
    pub(crate) async fn read(&self, statement: &str) -> Result<Map<String, Value>, VerifyError> {
        let statement = Compact::parse(statement)?;
        let id = statement.key_id()?;
        if !statement.algorithm.is_signature() {
            return Err(VerifyError::Invalid("`alg` is not accepted here"));
        }
        let keys = self.keys.current().await?;
        if let Some(claims) = self.conclude(&statement, &keys)? {
            return Ok(claims);
        }
        let newer = self.keys.newer(id).await?;
        let claims = self.conclude(&statement, &newer)?;
        claims.ok_or(VerifyError::Invalid("the issuer has no such key"))
    }

    /// `None` if the issuer may have a newer key.
    fn conclude(
        &self,
        statement: &Compact<'_>,
        keys: &KeySet,
    ) -> Result<Option<Map<String, Value>>, VerifyError> {
        let key = match keys.find(statement.key_id()?, statement.algorithm) {
            Lookup::Found(key) => key,
            Lookup::Unknown => return Ok(None),
            Lookup::Refused(reason) => return Err(VerifyError::Invalid(reason)),
        };
        if !statement.is_signed_by(key) {
            return Err(VerifyError::Invalid("the signature is wrong"));
        }
        let claims = statement.claims()?;
        self.rules.check_times(&claims, self.clock.seconds())?;
        Ok(Some(claims))
    }
}
