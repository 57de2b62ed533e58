//! Whether a token was signed by an issuer.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use purlin_client::http::Web;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::Value;

use crate::Failure;

/// The public keys of an issuer.
pub(crate) struct Keys {
    pub(crate) issuer: String,
    keys: Vec<RsaPublicKeyComponents<Vec<u8>>>,
}

impl Keys {
    /// Fetches the keys from where the issuer says they are.
    pub(crate) async fn of(issuer: &str) -> Result<Self, Failure> {
        let metadata = fetch(&format!("{issuer}/.well-known/openid-configuration")).await?;
        let place = metadata["jwks_uri"]
            .as_str()
            .ok_or("the issuer has no keys")?;
        let keys = fetch(place).await?;
        let keys = keys["keys"].as_array().into_iter().flatten();
        Ok(Self {
            issuer: issuer.to_owned(),
            keys: keys.filter_map(key).collect(),
        })
    }

    /// Whether a token is a statement of this issuer.
    pub(crate) fn signed(&self, token: &str) -> bool {
        self.verified(token)
            .is_some_and(|claims| claims["iss"] == self.issuer.as_str())
    }

    fn verified(&self, token: &str) -> Option<Value> {
        let (message, signature) = token.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let algorithm = &RSA_PKCS1_2048_8192_SHA256;
        let fits = |key: &RsaPublicKeyComponents<Vec<u8>>| {
            key.verify(algorithm, message.as_bytes(), &signature)
                .is_ok()
        };
        self.keys.iter().any(fits).then_some(())?;
        let claims = URL_SAFE_NO_PAD.decode(message.split_once('.')?.1).ok()?;
        serde_json::from_slice(&claims).ok()
    }
}

async fn fetch(url: &str) -> Result<Value, Failure> {
    let request = axum::http::Request::get(url).body(Vec::new())?;
    let response = Web::default().send(request).await?;
    Ok(serde_json::from_slice(response.body())?)
}

fn key(key: &Value) -> Option<RsaPublicKeyComponents<Vec<u8>>> {
    let part = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str()?).ok();
    Some(RsaPublicKeyComponents {
        n: part("n")?,
        e: part("e")?,
    })
}
