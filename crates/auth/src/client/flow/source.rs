//! Where statements of others about us come from.

use std::fmt;
use std::future::{Future, ready};
use std::path::PathBuf;
use std::sync::Arc;

use purlin_client::BoxFuture;

use crate::client::error::{AuthError, AuthErrorKind};
use crate::client::{Result, Secret};

/// Gives a JWT whenever one is needed: a fixed one, that of a file, or what a function obtains.
///
/// ```
/// use purlin_auth::client::JwtSource;
///
/// let projected = JwtSource::file("/var/run/secrets/tokens/mcp");
/// let asked = JwtSource::from_fn(|| async { Ok("eyJ…".into()) });
/// ```
#[derive(Clone)]
pub struct JwtSource(Arc<dyn Fn() -> BoxFuture<'static, Result<Secret>> + Send + Sync>);

impl JwtSource {
    /// What this function obtains, each time anew.
    pub fn from_fn<F>(obtain: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Secret>> + Send + 'static,
    {
        Self(Arc::new(move || Box::pin(obtain())))
    }

    /// What is in this file, each time anew: platforms replace such files before they expire.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self::from_fn(move || {
            let path = path.clone();
            async move {
                let text = tokio::fs::read_to_string(&path).await.map_err(|error| {
                    let message = format!("the token in {} cannot be read", path.display());
                    AuthError::new(AuthErrorKind::Configuration, message).because(error)
                })?;
                Ok(text.trim().into())
            }
        })
    }

    pub(super) async fn get(&self) -> Result<Secret> {
        (self.0)().await
    }
}

impl<S: Into<Secret>> From<S> for JwtSource {
    fn from(jwt: S) -> Self {
        let jwt = jwt.into();
        Self(Arc::new(move || Box::pin(ready(Ok(jwt.clone())))))
    }
}

impl fmt::Debug for JwtSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JwtSource([redacted])")
    }
}
