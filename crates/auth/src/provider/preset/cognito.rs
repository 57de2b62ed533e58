//! Amazon Cognito.

use crate::provider::claims::ClaimPath;
use crate::provider::{Audience, Issuer, Provider};

impl Provider {
    /// Amazon Cognito, by the id of a user pool, such as `eu-central-1_AbCdEf123`, which starts
    /// with its region.
    ///
    /// - Access tokens have no audience. In its place stands the client they were issued to, so
    ///   the [client](Self::client) or [`audience`](Self::audience) has to be that of this server
    ///   alone. A token that does have an audience is for that one.
    /// - `token_use` tells access tokens from ID tokens, and is demanded.
    /// - Groups (`cognito:groups`) are the roles.
    ///
    /// ```
    /// use purlin_auth::provider::Provider;
    ///
    /// let login = Provider::cognito("eu-central-1_AbCdEf123").client("…", "…").login()?;
    /// # Ok::<(), purlin_auth::provider::InvalidProvider>(())
    /// ```
    pub fn cognito(user_pool: &str) -> Self {
        let region = user_pool.split_once('_').map(|(region, _)| region);
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
        let good = region.is_some_and(|region| !region.is_empty()) && user_pool.chars().all(plain);
        let region = region.unwrap_or("region");
        let issuer = format!("https://cognito-idp.{region}.amazonaws.com/{user_pool}");
        let mut provider = Self::new("Amazon Cognito", Issuer::exactly(issuer));
        let groups = ClaimPath::of(["cognito:groups"]);
        provider.map.roles = vec![groups.clone()];
        provider.map.groups = vec![groups];
        provider.audience_rule = Audience::OrClient;
        if good {
            return provider;
        }
        provider.with_problem(
            "`user_pool` has to be the id of a user pool, such as `eu-central-1_AbCdEf123`",
        )
    }
}
