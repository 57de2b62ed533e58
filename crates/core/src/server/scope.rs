//! Where a component stands: the server it belongs to, and those around it.

use std::{
    borrow::Cow,
    sync::{Arc, Weak},
};

use super::{Inner, Server};
use crate::{Extensions, registry::prefixed_uri};

/// The server a component belongs to, then those it is mounted in. Empty for a
/// component of the outermost server.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scope(Vec<Home>);

/// One server of a scope.
#[derive(Clone)]
struct Home {
    values: Arc<Extensions>,
    /// Weak: the server itself holds on to its scope.
    server: Weak<Inner>,
    /// What it is mounted under in the next server.
    prefix: Option<Arc<str>>,
}

impl std::fmt::Debug for Home {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Home")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

impl Scope {
    /// The scope of a server itself.
    pub(crate) fn of(values: Arc<Extensions>, server: Weak<Inner>) -> Self {
        Self(vec![Home {
            values,
            server,
            prefix: None,
        }])
    }

    /// This scope, mounted under a prefix in the scope of a parent.
    pub(crate) fn inside(&self, parent: &Self, prefix: Option<&str>) -> Self {
        let mut homes = self.0.clone();
        if let Some(outermost) = homes.last_mut() {
            outermost.prefix = prefix.map(Into::into);
        }
        homes.extend(parent.0.iter().cloned());
        Self(homes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn resource<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.0.iter().find_map(|home| home.values.get())
    }

    /// The server the component belongs to, while it lives.
    pub(crate) fn server(&self) -> Option<Server> {
        self.0.first()?.server.upgrade().map(Server)
    }

    /// A URI of that server as clients of the outermost one know it.
    pub(crate) fn outer_uri<'a>(&self, uri: &'a str) -> Cow<'a, str> {
        self.0.iter().fold(Cow::Borrowed(uri), |uri, home| {
            match home.prefix.as_deref() {
                Some(prefix) => Cow::Owned(prefixed_uri(Some(prefix), &uri).into_owned()),
                None => uri,
            }
        })
    }
}
