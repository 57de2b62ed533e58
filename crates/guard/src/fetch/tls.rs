//! TLS 1.2 and 1.3, with the certificates that this machine trusts. There is no switch that turns
//! any of it off.

use std::sync::{Arc, OnceLock};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::connector::Io;
use super::target::Host;
use super::{ConfigError, FetchError};

/// Whom to trust, and what follows from it once it is needed.
#[derive(Clone, Default)]
pub(super) struct Tls {
    added: Vec<CertificateDer<'static>>,
    /// Reading the certificates of a machine takes its time.
    config: OnceLock<Arc<ClientConfig>>,
}

impl Tls {
    /// Trusts certificate authorities besides those of this machine.
    ///
    /// # Errors
    /// When there is no certificate in the text.
    pub(super) fn trust(&mut self, pem: &str) -> Result<(), ConfigError> {
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
        let found = found.map_err(|error| ConfigError::new(format!("reading PEM: {error}")))?;
        if found.is_empty() {
            return Err(ConfigError::new("no certificate in the PEM text"));
        }
        for certificate in &found {
            RootCertStore::empty()
                .add(certificate.clone())
                .map_err(|error| ConfigError::new(format!("a certificate to trust: {error}")))?;
        }
        self.added.extend(found);
        self.config = OnceLock::new();
        Ok(())
    }

    /// Has the host prove that it is the one of the URL.
    ///
    /// # Errors
    /// `tls`.
    pub(super) async fn secure(&self, host: &Host, io: Io) -> Result<TlsStream<Io>, FetchError> {
        let name = match host.address() {
            Some(address) => ServerName::from(address),
            None => ServerName::try_from(host.to_string()).map_err(failed)?,
        };
        let connector = TlsConnector::from(self.config()?);
        connector.connect(name, io).await.map_err(failed)
    }

    fn config(&self) -> Result<Arc<ClientConfig>, FetchError> {
        if let Some(config) = self.config.get() {
            return Ok(Arc::clone(config));
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(failed)?
            .with_root_certificates(self.roots()?)
            .with_no_client_auth();
        Ok(Arc::clone(self.config.get_or_init(|| Arc::new(config))))
    }

    fn roots(&self) -> Result<RootCertStore, FetchError> {
        let mut roots = RootCertStore::empty();
        let native = rustls_native_certs::load_native_certs();
        for error in &native.errors {
            tracing::debug!(%error, "certificates of this machine that cannot be read");
        }
        roots.add_parsable_certificates(native.certs);
        roots.add_parsable_certificates(self.added.iter().cloned());
        if roots.is_empty() {
            return Err(failed(
                "this machine trusts no certificate authority: install its certificates, or name \
                 one with `trust`",
            ));
        }
        Ok(roots)
    }
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls")
            .field("added", &self.added.len())
            .finish_non_exhaustive()
    }
}

fn failed(error: impl Into<super::Cause>) -> FetchError {
    FetchError::Tls(error.into())
}
