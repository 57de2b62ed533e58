//! Tokens that are bound to something their owner has (RFC 7800): `cnf`.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use purlin_core::{BoxFuture, Principal};
use ring::digest::{SHA256, digest};
use serde_json::Value;

use super::certificates::member;
use super::dpop::{Dpop, Fresh};
use super::tokens::from_hex;
use super::{Presented, Scheme, TrustedProxies, Verification, VerifyError};

/// Where the certificate of a caller is to be seen, for tokens that are bound to one (RFC 8705,
/// section 3): in a header of the proxy that has checked it.
///
/// The header is believed when the connection comes from one of the proxies, and from nobody else.
/// The proxy has to take it out of what clients send.
///
/// ```
/// use purlin_auth::verify::{CertificateBinding, Jwt, Keys};
///
/// let jwt = Jwt::builder()
///     .issuer("https://login.example.com", Keys::discovered())
///     .certificates(CertificateBinding::forwarded("10.0.0.0/8".parse()?))
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct CertificateBinding {
    proxies: TrustedProxies,
    form: Form,
}

#[derive(Clone, Copy, Debug)]
enum Form {
    /// `Hash` of `X-Forwarded-Client-Cert`.
    Forwarded,
    /// The certificate itself in `Client-Cert`.
    ClientCert,
}

impl CertificateBinding {
    /// Takes the SHA-256 of the certificate out of `X-Forwarded-Client-Cert`, as Envoy and the
    /// meshes on it send it (`Hash`). There has to be one certificate.
    #[must_use]
    pub fn forwarded(proxies: TrustedProxies) -> Self {
        let form = Form::Forwarded;
        Self { proxies, form }
    }

    /// Takes the certificate out of `Client-Cert` (RFC 9440).
    #[must_use]
    pub fn client_cert(proxies: TrustedProxies) -> Self {
        let form = Form::ClientCert;
        Self { proxies, form }
    }

    /// The SHA-256 of the certificate that a caller has shown to the proxy.
    fn shown(&self, presented: &Presented<'_>) -> Option<[u8; 32]> {
        let peer = presented.peer()?;
        if !self.proxies.contains(peer) {
            return None;
        }
        match self.form {
            Form::Forwarded => {
                let text = presented.header("x-forwarded-client-cert")?;
                from_hex(&member(text.trim(), "Hash")?)
            }
            Form::ClientCert => {
                let text = presented.header("client-cert")?.trim();
                let encoded = text.strip_prefix(':')?.strip_suffix(':')?;
                let certificate = STANDARD.decode(encoded).ok()?;
                let hash = digest(&SHA256, &certificate);
                hash.as_ref().try_into().ok()
            }
        }
    }

    fn check(&self, bound: &str, presented: &Presented<'_>) -> Result<(), VerifyError> {
        if presented.scheme() != Scheme::Bearer {
            return Err(VerifyError::Invalid(
                "bound to a certificate: show it as `Bearer`",
            ));
        }
        let bound: Option<[u8; 32]> = URL_SAFE_NO_PAD
            .decode(bound)
            .ok()
            .and_then(|bound| bound.try_into().ok());
        match (bound, self.shown(presented)) {
            (Some(bound), Some(shown)) if bound == shown => Ok(()),
            _ => Err(VerifyError::Invalid(
                "bound to a certificate that the caller does not show",
            )),
        }
    }
}

/// The sorts of bound tokens that are accepted.
#[derive(Clone, Default)]
pub(crate) struct Bindings {
    pub(super) dpop: Option<Dpop>,
    pub(super) certificates: Option<CertificateBinding>,
}

/// Who a token is of, and the proof that is to be used up before anybody is told.
#[derive(Debug)]
pub(crate) struct Judged {
    principal: Principal,
    proof: Option<Fresh>,
}

impl Bindings {
    /// Checks that whoever shows a token has what it is bound to. To be asked last, for a proof is
    /// used up by it.
    pub(super) fn judge(
        &self,
        principal: Principal,
        binding: Option<&Value>,
        presented: &Presented<'_>,
        now: u64,
    ) -> Result<Judged, VerifyError> {
        let proof = match (binding, presented.scheme()) {
            (None, Scheme::Bearer) => None,
            (None, _) => {
                return Err(VerifyError::Invalid(
                    "shown with a proof, and bound to no key",
                ));
            }
            (Some(binding), _) => self.check(binding, presented, now)?,
        };
        Ok(Judged { principal, proof })
    }

    fn check(
        &self,
        binding: &Value,
        presented: &Presented<'_>,
        now: u64,
    ) -> Result<Option<Fresh>, VerifyError> {
        let certificate = binding.get("x5t#S256").and_then(Value::as_str);
        let only = binding.as_object().is_some_and(|all| all.len() == 1);
        match (certificate, &self.certificates, &self.dpop) {
            (Some(bound), Some(certificates), _) if only => {
                certificates.check(bound, presented).map(|()| None)
            }
            (None, _, Some(dpop)) => dpop.check(binding, presented, now),
            _ => Err(VerifyError::Invalid(
                "bound (`cnf`) in a way that is not accepted here",
            )),
        }
    }

    /// Uses the proof up, at once where nobody has to be asked.
    pub(super) fn settle(&self, judged: Result<Judged, VerifyError>) -> Verification<'_> {
        match judged {
            Ok(Judged {
                principal,
                proof: Some(proof),
            }) => Verification::Later(self.claimed(principal, proof)),
            Ok(judged) => Verification::Ready(Ok(judged.principal)),
            Err(error) => Verification::Ready(Err(error)),
        }
    }

    fn claimed(
        &self,
        principal: Principal,
        proof: Fresh,
    ) -> BoxFuture<'_, Result<Principal, VerifyError>> {
        Box::pin(async move {
            if let Some(dpop) = &self.dpop {
                dpop.claim(proof).await?;
            }
            Ok(principal)
        })
    }

    pub(super) fn proof_algorithms(&self) -> &'static [&'static str] {
        match self.dpop {
            Some(_) => Dpop::ALGORITHMS,
            None => &[],
        }
    }
}

impl fmt::Debug for Bindings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bindings")
            .field("dpop", &self.dpop)
            .field("certificates", &self.certificates)
            .finish()
    }
}
