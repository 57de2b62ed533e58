//! Whose certificates are believed.

use redis::{Client, RedisResult, cluster::ClusterClientBuilder};

/// Certificates in PEM of those who may sign that of the server; `None`: whomever this
/// machine trusts.
#[derive(Clone, Default)]
pub(super) struct Trust(Option<Vec<u8>>);

impl std::fmt::Debug for Trust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Given" } else { "Machine" })
    }
}

#[cfg(feature = "redis-tls")]
impl Trust {
    pub(super) fn in_certificates(pem: Vec<u8>) -> Self {
        Self(Some(pem))
    }

    fn certificates(&self) -> Option<redis::TlsCertificates> {
        self.0.clone().map(|pem| redis::TlsCertificates {
            client_tls: None,
            root_cert: Some(pem),
        })
    }

    pub(super) fn client(&self, address: &str) -> RedisResult<Client> {
        match self.certificates() {
            Some(certificates) => Client::build_with_tls(address, certificates),
            None => Client::open(address),
        }
    }

    pub(super) fn of_cluster(&self, builder: ClusterClientBuilder) -> ClusterClientBuilder {
        match self.certificates() {
            Some(certificates) => builder.certs(certificates),
            None => builder,
        }
    }
}

#[cfg(not(feature = "redis-tls"))]
impl Trust {
    pub(super) fn client(&self, address: &str) -> RedisResult<Client> {
        debug_assert!(self.0.is_none(), "nobody can set it without TLS");
        Client::open(address)
    }

    pub(super) fn of_cluster(&self, builder: ClusterClientBuilder) -> ClusterClientBuilder {
        debug_assert!(self.0.is_none(), "nobody can set it without TLS");
        builder
    }
}
