//! The seam behind which credentials are judged.

use std::fmt;
use std::sync::Arc;

use http::HeaderName;
use purlin_core::{BoxFuture, Principal};

use super::{Presented, VerifyError};

/// A verdict, now or after a wait.
pub enum Verification<'a> {
    /// Nothing had to be waited for.
    Ready(Result<Principal, VerifyError>),
    /// Somebody else is asked first.
    Later(BoxFuture<'a, Result<Principal, VerifyError>>),
}

impl fmt::Debug for Verification<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready(verdict) => f.debug_tuple("Ready").field(verdict).finish(),
            Self::Later(_) => f.write_str("Later"),
        }
    }
}

impl Verification<'_> {
    /// The verdict, however long it takes.
    ///
    /// # Errors
    /// When the caller is not let in.
    ///
    /// # Cancellation
    /// As that of the verifier.
    pub async fn decided(self) -> Result<Principal, VerifyError> {
        match self {
            Self::Ready(verdict) => verdict,
            Self::Later(later) => later.await,
        }
    }
}

/// Judges what a caller presents.
///
/// Share a verifier in an [`Arc`] where more than one server uses it.
///
/// ```
/// use purlin_auth::verify::{Presented, Verification, Verifier, VerifyError};
/// use purlin_core::Principal;
///
/// /// Lets one address in, whatever it says.
/// #[derive(Debug)]
/// struct Backup(std::net::IpAddr);
///
/// impl Verifier for Backup {
///     fn verify<'a>(&'a self, presented: Presented<'a>) -> Verification<'a> {
///         let verdict = match presented.peer() {
///             Some(peer) if peer == self.0 => Ok(Principal::new("backup")),
///             _ => Err(VerifyError::NotMine),
///         };
///         Verification::Ready(verdict)
///     }
/// }
/// ```
pub trait Verifier: fmt::Debug + Send + Sync + 'static {
    /// Who presents this.
    ///
    /// What it accepts has to be meant for [`Presented::resource`]: a token that another server
    /// was given is bad here.
    ///
    /// # Cancellation
    /// The future is dropped when the caller goes away.
    fn verify<'a>(&'a self, presented: Presented<'a>) -> Verification<'a>;

    /// The issuers whose tokens it accepts, for the metadata that clients read.
    fn authorization_servers(&self) -> Vec<String> {
        Vec::new()
    }

    /// The signature algorithms of the proofs of possession that it accepts (RFC 9449); none
    /// where it accepts no bound tokens.
    fn proof_algorithms(&self) -> &'static [&'static str] {
        &[]
    }

    /// The headers that credentials stand in, besides `Authorization`. A request with one of them
    /// and a token is refused, whichever verifier would be asked first, and whoever answers behind
    /// the protection does not see them.
    fn credential_headers(&self) -> Vec<HeaderName> {
        Vec::new()
    }
}

impl<V: Verifier + ?Sized> Verifier for Arc<V> {
    fn verify<'a>(&'a self, presented: Presented<'a>) -> Verification<'a> {
        (**self).verify(presented)
    }

    fn authorization_servers(&self) -> Vec<String> {
        (**self).authorization_servers()
    }

    fn proof_algorithms(&self) -> &'static [&'static str] {
        (**self).proof_algorithms()
    }

    fn credential_headers(&self) -> Vec<HeaderName> {
        (**self).credential_headers()
    }
}
