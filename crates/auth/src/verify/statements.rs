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
        if let Some(issuer) = &key.issuer
            && !serves(issuer, &claims)
        {
            return Err(VerifyError::Invalid("the key is that of another issuer"));
        }
        self.rules.check_times(&claims, self.clock.seconds())?;
        Ok(Some(claims))
    }
}

/// Whether a key of this issuer may sign these claims. Entra ID publishes keys of several issuers in
/// one set: `{tenantid}` stands for any directory, and a directory's id for that one alone, whichever
/// version of the platform (and so whichever host) the token is of.
fn serves(issuer: &str, claims: &Map<String, Value>) -> bool {
    let directory = |url: &'_ str| -> Option<String> {
        let (_, rest) = url.split_once("://")?;
        let directory = rest.split('/').nth(1)?;
        (!directory.is_empty()).then(|| directory.to_owned())
    };
    let Some(named) = claims.get("iss").and_then(Value::as_str) else {
        return false;
    };
    match (directory(issuer), directory(named)) {
        _ if issuer == named => true,
        (Some(of_key), Some(of_token)) => of_key == "{tenantid}" || of_key == of_token,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_of_one_directory_signs_for_no_other() {
        const ANY: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";
        const ONE: &str = "https://login.microsoftonline.com/1111/v2.0";
        for (issuer, named, expected) in [
            (ANY, ONE, true),
            (ANY, "https://sts.windows.net/1111/", true),
            (ONE, ONE, true),
            (ONE, "https://sts.windows.net/1111/", true),
            (ONE, "https://login.microsoftonline.com/2222/v2.0", false),
            (ONE, "https://sts.windows.net/2222/", false),
            (ANY, "https://id.example", false),
            ("https://id.example", "https://id.example", true),
            ("https://id.example", "https://other.example", false),
            ("", "https://id.example", false),
        ] {
            let claims = json!({"iss": named}).as_object().cloned().unwrap();
            assert_eq!(serves(issuer, &claims), expected, "{issuer} {named}");
        }
        assert!(!serves(ANY, &Map::new()));
    }
}
