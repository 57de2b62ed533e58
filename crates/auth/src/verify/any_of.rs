//! Several verifiers side by side.

use std::sync::Arc;

use http::HeaderName;
use purlin_core::Principal;

use super::{Presented, Verification, Verifier, VerifyError};

/// Asks one verifier after the other until one knows the credentials.
///
/// The first that accepts them decides, and so does the first that finds them bad: a token of an
/// issuer that one of them knows is not tried on another. Whoever judges any token at all
/// ([`Introspection`](super::Introspection)) belongs at the end. When one cannot be reached and
/// no other accepts the credentials, nothing is known of them: 503.
///
/// ```
/// use purlin_auth::verify::{AnyOf, ApiKeys, Jwt, Keys};
/// use purlin_core::Principal;
///
/// let people = Jwt::builder().issuer("https://login.example.com", Keys::discovered()).build()?;
/// let programs = ApiKeys::new()
///     .key("0Yb3fbo7nhCmd1ZD9ZJ4Uex6Vq3Vnp4L", Principal::new("nightly-report"))?;
/// let both = AnyOf::new().or(people).or(programs);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct AnyOf(Vec<Arc<dyn Verifier>>);

impl AnyOf {
    /// Nobody: nobody is let in.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks this one as well, after those before it.
    #[must_use]
    pub fn or(mut self, verifier: impl Verifier) -> Self {
        self.0.push(Arc::new(verifier));
        self
    }
}

/// What the verifiers have said so far.
enum Said {
    Nothing,
    /// One of them could not be asked, in these words.
    Unavailable(VerifyError),
}

impl Said {
    /// Hears one more. `Err` is the end: somebody has decided.
    fn hear(
        self,
        verdict: Result<Principal, VerifyError>,
    ) -> Result<Self, Result<Principal, VerifyError>> {
        match verdict {
            Err(VerifyError::NotMine) => Ok(self),
            Err(error @ VerifyError::Unavailable { .. }) => Ok(Self::Unavailable(error)),
            decided => Err(decided),
        }
    }

    fn conclude(self) -> VerifyError {
        match self {
            Self::Nothing => VerifyError::NotMine,
            Self::Unavailable(error) => error,
        }
    }
}

impl Verifier for AnyOf {
    fn verify<'a>(&'a self, presented: Presented<'a>) -> Verification<'a> {
        let mut said = Said::Nothing;
        let mut rest = self.0.iter();
        while let Some(verifier) = rest.next() {
            let later = match verifier.verify(presented) {
                Verification::Ready(verdict) => match said.hear(verdict) {
                    Ok(heard) => {
                        said = heard;
                        continue;
                    }
                    Err(decided) => return Verification::Ready(decided),
                },
                Verification::Later(later) => later,
            };
            // From the first that has to ask somebody on, all of it takes a while.
            return Verification::Later(Box::pin(async move {
                let mut said = match said.hear(later.await) {
                    Ok(heard) => heard,
                    Err(decided) => return decided,
                };
                for verifier in rest {
                    said = match said.hear(verifier.verify(presented).decided().await) {
                        Ok(heard) => heard,
                        Err(decided) => return decided,
                    };
                }
                Err(said.conclude())
            }));
        }
        Verification::Ready(Err(said.conclude()))
    }

    fn authorization_servers(&self) -> Vec<String> {
        let all = self.0.iter().flat_map(Verifier::authorization_servers);
        let mut unique = Vec::new();
        for server in all {
            if !unique.contains(&server) {
                unique.push(server);
            }
        }
        unique
    }

    fn credential_headers(&self) -> Vec<HeaderName> {
        let all = self.0.iter();
        all.flat_map(Verifier::credential_headers).collect()
    }

    fn proof_algorithms(&self) -> &'static [&'static str] {
        let mut all = self.0.iter().map(Verifier::proof_algorithms);
        all.find(|algorithms| !algorithms.is_empty())
            .unwrap_or_default()
    }
}
