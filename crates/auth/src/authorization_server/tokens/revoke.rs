//! Tokens taken back (RFC 7009).

use super::{Family, Issuer, TokenError, Tokens, family::FamilyRecord, lifetimes::REMEMBERED};
use crate::authorization_server::{clients::Client, parameters::Parameters};

impl Tokens {
    /// Ends the family of a token, whichever of its tokens it is (RFC 7009, section 2.1). A token
    /// that nobody knows is no error: it is not valid, which is what was asked for.
    ///
    /// # Errors
    /// `invalid_grant` for the token of another client; those of the store.
    pub(crate) async fn revoke(
        &self,
        client: &Client,
        form: &Parameters,
    ) -> Result<(), TokenError> {
        let token = form
            .get("token")
            .ok_or_else(|| TokenError::invalid_request("`token` is missing"))?;
        let Some(family) = self.0.family_of(token) else {
            return Ok(());
        };
        let found = self.0.families.get(family.handle()).await?;
        match found.map(|found| found.value) {
            Some(FamilyRecord::Live(live)) if live.client == client.id => self.0.end(&family).await,
            Some(FamilyRecord::Live(_)) => Err(TokenError::invalid_grant(
                "the token belongs to another client",
            )),
            Some(FamilyRecord::Revoked) | None => Ok(()),
        }
    }

    /// Ends a family, and keeps it from beginning if it has not yet.
    ///
    /// # Errors
    /// Those of the store: nothing was ended.
    pub(crate) async fn revoke_family(&self, family: &Family) -> Result<(), TokenError> {
        self.0.end(family).await
    }
}

impl Issuer {
    fn family_of(&self, token: &str) -> Option<Family> {
        let refresh = self.refresh_tokens.read(token).map(|(family, _)| family);
        refresh.or_else(|| Some(self.references.read(token).ok()?.family()))
    }

    pub(super) async fn end(&self, family: &Family) -> Result<(), TokenError> {
        let revoked = FamilyRecord::Revoked;
        Ok(self
            .families
            .put(family.handle(), &revoked, REMEMBERED)
            .await?)
    }
}
