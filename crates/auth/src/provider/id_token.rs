//! What a provider says of a user who logged in (OpenID Connect Core 1.0, section 3.1.3.7).

use serde_json::Value;

use super::claims::{ClaimPath, Claims};
use super::failure::Failure;
use super::issuer::Issuer;

/// What an ID token has to be about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a Issuer,
    pub(super) client: &'a str,
    /// What the login sent along; a token that comes with a refresh has none.
    pub(super) nonce: Option<&'a str>,
}

impl Expected<'_> {
    /// Judges the claims of a token whose signature and times are good.
    ///
    /// # Errors
    /// When it is not about this login.
    pub(super) fn judge(&self, claims: &Claims) -> Result<(), Failure> {
        let issuer = claims.get("iss").and_then(Value::as_str);
        if !issuer.is_some_and(|issuer| self.issuer.admits(issuer, tenant(claims))) {
            return Err(Failure::untrusted("the ID token is of another issuer"));
        }
        self.judge_audience(claims)?;
        if self.nonce.is_some() && claims.get("nonce").and_then(Value::as_str) != self.nonce {
            return Err(Failure::untrusted("the ID token is of another login"));
        }
        match claims.get("token_use") {
            None => Ok(()),
            Some(Value::String(usage)) if usage == "id" => Ok(()),
            Some(_) => Err(Failure::untrusted("an access token came for an ID token")),
        }
    }

    fn judge_audience(&self, claims: &Claims) -> Result<(), Failure> {
        let audience = ClaimPath::of(["aud"]).texts(claims)?;
        let party = ClaimPath::of(["azp"]).text(claims)?;
        let is_ours = audience.iter().any(|audience| audience == self.client);
        let is_for_us = match party {
            Some(party) => party == self.client,
            None => audience.len() == 1,
        };
        match is_ours && is_for_us {
            true => Ok(()),
            false => Err(Failure::untrusted(
                "the ID token is for another application",
            )),
        }
    }
}

/// The tenant that a token of a shared provider names.
pub(super) fn tenant(claims: &Claims) -> Option<&str> {
    claims.get("tid").and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_id_token_is_about_one_login_at_one_issuer_for_one_application() {
        let issuer = Issuer::exactly("https://id.test");
        let expected = Expected {
            issuer: &issuer,
            client: "mcp",
            nonce: Some("n"),
        };
        let good = json!({"iss": "https://id.test", "aud": "mcp", "nonce": "n", "sub": "u"});
        let judge = |change: Value| {
            let mut claims = good.as_object().cloned().unwrap();
            claims.extend(change.as_object().cloned().unwrap());
            expected.judge(&claims).map_err(|failure| failure.why)
        };
        assert_eq!(judge(json!({})), Ok(()));
        assert_eq!(judge(json!({"aud": ["mcp"]})), Ok(()));
        assert_eq!(judge(json!({"aud": ["mcp", "x"], "azp": "mcp"})), Ok(()));
        for change in [
            json!({"iss": "https://id.test/"}),
            json!({"iss": null}),
            json!({"iss": 1}),
            json!({"aud": "other"}),
            json!({"aud": ["mcp", "x"]}),
            json!({"aud": ["mcp", 1]}),
            json!({"aud": null}),
            json!({"azp": "other"}),
            json!({"azp": 1}),
            json!({"nonce": "m"}),
            json!({"nonce": null}),
            json!({"token_use": "access"}),
        ] {
            assert!(judge(change.clone()).is_err(), "{change}");
        }
    }
}
