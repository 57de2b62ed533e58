//! Connections without TLS, for builds without the feature `tls`.

use super::reach::Tcp;
use crate::Result;
use crate::error::ClientError;

pub(super) type Connector = Tcp;

/// Nothing to trust: nothing is encrypted.
#[derive(Clone, Debug, Default)]
pub(super) struct Trust(());

/// # Errors
/// For every scheme but `http`.
pub(super) fn supports(scheme: &str) -> Result<()> {
    match scheme {
        "http" => Ok(()),
        "https" => Err(ClientError::unsupported(
            "`https` needs the feature `tls` of purlin",
        )),
        _ => Err(ClientError::unsupported(format!(
            "URLs with scheme `{scheme}` are not supported"
        ))),
    }
}

pub(super) fn connector(tcp: Tcp, _: &str, _: &Trust) -> Result<Connector> {
    Ok(tcp)
}
