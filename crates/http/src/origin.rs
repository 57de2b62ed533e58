//! What core learns of where a request came from.
//!
//! Layers above leave their findings in the request's extensions: who is
//! calling as a [`Principal`], anything else by types that
//! [`HttpConfig::extension`](crate::HttpConfig::extension) names, or all of it
//! as one `Arc<Extensions>`. Nothing here believes a header (who is believed about
//! addresses is decided in `proxies.rs`); what headers say of the trace a request
//! belongs to is passed on as what it is.

use std::{net::IpAddr, sync::Arc};

use http::request::Parts;
use purlin_core::{
    Extensions, Origin, Principal, TransportKind,
    trace::{self, Carried},
};

/// Hands one value on, if a layer has left it.
pub(crate) type HandOn = fn(&http::Extensions, &Extensions);

/// Hands on the value of one type.
pub(crate) fn hand_on<T: Clone + Send + Sync + 'static>(from: &http::Extensions, to: &Extensions) {
    if let Some(value) = from.get::<T>() {
        to.insert(value.clone());
    }
}

/// Takes what the layers above have left. To core the client is the peer: callers are told apart by
/// it, and not by the proxy that they come through.
pub(crate) fn take(parts: &mut Parts, client: Option<IpAddr>, handed_on: &[HandOn]) -> Origin {
    let mut origin = Origin::new(TransportKind::Http);
    if let Some(client) = client {
        origin = origin.with_peer(client);
    }
    // Looking into a map that nobody has filled costs nothing.
    if let Some(principal) = parts.extensions.remove::<Principal>() {
        origin = origin.with_principal(principal);
    }
    match extensions(parts, handed_on) {
        Some(extensions) => origin.with_extensions(extensions),
        None => origin,
    }
}

/// The trace the request belongs to, where something carries traces on.
fn carried(parts: &Parts) -> Option<Carried> {
    if !trace::is_installed() {
        return None;
    }
    Carried::read(|name| parts.headers.get(name)?.to_str().ok())
}

fn extensions(parts: &mut Parts, handed_on: &[HandOn]) -> Option<Arc<Extensions>> {
    let given = parts.extensions.remove::<Arc<Extensions>>();
    let given = match carried(parts) {
        Some(carried) => {
            let extensions = given.unwrap_or_default();
            extensions.insert(carried);
            Some(extensions)
        }
        None => given,
    };
    if handed_on.is_empty() || parts.extensions.is_empty() {
        return given;
    }
    let extensions = given.unwrap_or_default();
    for hand_on in handed_on {
        hand_on(&parts.extensions, &extensions);
    }
    Some(extensions)
}
