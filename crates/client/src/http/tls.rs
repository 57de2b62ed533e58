//! Connections with TLS: rustls, and the certificates that this machine trusts.

use std::sync::Arc;

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::HttpEndpoint;
use super::reach::Tcp;
use crate::Result;
use crate::error::ClientError;

pub(super) type Connector = HttpsConnector<Tcp>;

/// Certificate authorities that are trusted besides those of this machine.
#[derive(Clone, Debug, Default)]
pub(super) struct Trust(Vec<CertificateDer<'static>>);

/// # Errors
/// For every scheme but `http` and `https`.
pub(super) fn supports(scheme: &str) -> Result<()> {
    match scheme {
        "http" | "https" => Ok(()),
        _ => Err(ClientError::unsupported(format!(
            "URLs with scheme `{scheme}` are not supported"
        ))),
    }
}

pub(super) fn connector(tcp: Tcp, scheme: &str, trust: &Trust) -> Result<Connector> {
    // Reading the certificates of a machine takes its time; who speaks no TLS needs none.
    let roots = match scheme {
        "https" => roots(trust)?,
        _ => RootCertStore::empty(),
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ClientError::transport("preparing TLS", error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(HttpsConnectorBuilder::new()
        .with_tls_config(config)
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp))
}

fn roots(trust: &Trust) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let native = rustls_native_certs::load_native_certs();
    for error in &native.errors {
        tracing::debug!(%error, "certificates of this machine that cannot be read");
    }
    roots.add_parsable_certificates(native.certs);
    for certificate in &trust.0 {
        roots
            .add(certificate.clone())
            .map_err(|error| ClientError::transport("a certificate to trust", error))?;
    }
    if roots.is_empty() {
        return Err(ClientError::from_transport(
            "this machine trusts no certificate authority: install its certificates, or name one \
             with `HttpEndpoint::trust`",
        ));
    }
    Ok(roots)
}

impl HttpEndpoint {
    /// Trusts these certificate authorities too (PEM, one or more), for this endpoint alone.
    ///
    /// # Errors
    /// When there is no certificate in the text.
    pub fn trust(mut self, pem: &str) -> Result<Self> {
        self.trust.add(pem)?;
        Ok(self)
    }
}

impl Trust {
    /// # Errors
    /// When there is no certificate in the text.
    pub(super) fn add(&mut self, pem: &str) -> Result<()> {
        let before = self.0.len();
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate =
                certificate.map_err(|error| ClientError::transport("reading PEM", error))?;
            self.0.push(certificate);
        }
        if self.0.len() == before {
            return Err(ClientError::from_transport(
                "no certificate in the PEM text",
            ));
        }
        Ok(())
    }
}
