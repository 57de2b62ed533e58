//! Mounting: one server offered as part of another.
//!
//! A mount is live: the child's changes reach the parent's clients, and its
//! middleware and lifespan stay its own. A copy that does not change is
//! [`import`](super::import).

use std::{
    fmt,
    sync::{Arc, Weak},
};

use super::{Inner, McpServer, Server, lock, refused};
use crate::{
    Result,
    access::Requirement,
    middleware::{Chain, Middleware},
    registry::{Change, Listener, Mounted, Reach, prefixed_uri},
};

impl Server {
    /// Mounts a server: what it offers, now and later, is offered here too,
    /// under the prefix. Its middleware and lifespan stay its own.
    ///
    /// Tools and prompts become `{prefix}_{name}`, resources
    /// `{scheme}://{prefix}/{rest}`.
    ///
    /// ```
    /// use purlin_core::Server;
    ///
    /// let platform = Server::builder("platform", "1.0.0");
    /// let weather = Server::builder("weather", "1.0.0");
    /// platform.mount("weather", &weather)?;
    /// platform.unmount("weather");
    /// # Ok::<(), purlin_core::Error>(())
    /// ```
    ///
    /// A server that is serving already does not open the lifespan of what is
    /// mounted later: call [`start`](Self::start) on it first.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when the prefix is not made of letters,
    /// digits, `-` and `_`, when it is taken, when a name would be taken twice,
    /// or when a server would be mounted in itself.
    pub fn mount<'p>(&self, prefix: impl Into<Option<&'p str>>, child: &Self) -> Result<()> {
        let prefix = prefix.into();
        if let Some(prefix) = prefix {
            check_prefix(prefix)?;
        }
        if child.contains(self) {
            return Err(refused("a server cannot be mounted in itself"));
        }
        let taken = lock(&self.0.source)
            .mounts
            .iter()
            .any(|mounted| prefix.is_some() && mounted.prefix.as_deref() == prefix);
        if taken {
            return Err(refused(format!(
                "the prefix `{}` is taken: unmount it first",
                prefix.unwrap_or_default()
            )));
        }
        link_parent(self, prefix, child.clone(), Terms::default());
        if let Some(name) = self.catalogue().collisions.first() {
            let problem = format!("{name} is offered already: mount under another prefix");
            self.edit(|source| source.mounts.pop(), &[]);
            return Err(refused(problem));
        }
        self.publish(&Change::LISTS);
        Ok(())
    }

    /// Mounts an annotated value, for putting a server together in one
    /// expression. Names that collide are reported by [`start`](Self::start).
    ///
    /// # Panics
    /// When a server would be mounted in itself.
    #[must_use]
    pub fn with<'p>(self, prefix: impl Into<Option<&'p str>>, child: impl McpServer) -> Self {
        let child = child.into_server();
        assert!(
            !child.contains(&self),
            "a server cannot be mounted in itself"
        );
        link_parent(&self, prefix.into(), child, Terms::default());
        self
    }

    /// Ends a mount. Calls in flight are finished. False when nothing is
    /// mounted under the prefix.
    pub fn unmount<'p>(&self, prefix: impl Into<Option<&'p str>>) -> bool {
        let prefix = prefix.into();
        let removed = self.edit(
            |source| {
                let index = source
                    .mounts
                    .iter()
                    .position(|mounted| mounted.prefix.as_deref() == prefix)?;
                Some(source.mounts.remove(index))
            },
            &[],
        );
        let found = removed.is_some();
        if found {
            self.publish(&Change::LISTS);
        }
        found
    }

    /// Whether both are handles on one server.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    fn contains(&self, other: &Self) -> bool {
        self.is(other)
            || self
                .children()
                .iter()
                .any(|mounted| mounted.server.contains(other))
    }

    /// What is mounted.
    pub(crate) fn children(&self) -> Vec<Mounted> {
        lock(&self.0.source).mounts.clone()
    }
}

/// On what terms a server is mounted.
#[derive(Default)]
pub(crate) struct Terms {
    /// What is demanded of the callers of everything it offers.
    pub(crate) requirement: Requirement,
    /// What is put around it.
    pub(crate) around: Vec<Arc<dyn Middleware>>,
}

impl fmt::Debug for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terms")
            .field("requirement", &self.requirement)
            .field("around", &self.around.len())
            .finish()
    }
}

/// Mounts without checking for names that collide; `start` does.
pub(crate) fn link_parent(parent: &Server, prefix: Option<&str>, child: Server, terms: Terms) {
    let link: Arc<dyn Listener> = Arc::new(ToParent {
        parent: Arc::downgrade(&parent.0),
        prefix: prefix.map(ToOwned::to_owned),
        around: terms.around.clone(),
    });
    child.0.bus.join(Arc::downgrade(&link));
    let mounted = Mounted {
        prefix: prefix.map(ToOwned::to_owned),
        server: child,
        requirement: terms.requirement,
        around: Arc::new(Chain::new(&terms.around)),
        _link: link,
    };
    parent.edit(|source| source.mounts.push(mounted), &[]);
}

/// Passes a child's changes on to the server it is mounted in.
struct ToParent {
    parent: Weak<Inner>,
    prefix: Option<String>,
    /// What is put around the mount, which knows the child's own names.
    around: Vec<Arc<dyn Middleware>>,
}

impl Listener for ToParent {
    fn notify(&self, change: &Change, reach: Reach) {
        let Some(parent) = self.parent.upgrade().map(Server) else {
            return;
        };
        for middleware in &self.around {
            middleware.changed(change);
        }
        let change = match change {
            Change::Resource(uri) => {
                Change::Resource(prefixed_uri(self.prefix.as_deref(), uri).into_owned())
            }
            list => {
                let _source = lock(&parent.0.source);
                parent.0.catalogue.store(None);
                list.clone()
            }
        };
        parent.spread(&change, reach);
    }
}

impl fmt::Debug for ToParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToParent")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

fn check_prefix(prefix: &str) -> Result<()> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if prefix.is_empty() || !prefix.chars().all(fits) {
        return Err(refused(format!(
            "`{prefix}` cannot be a prefix: use letters, digits, `-` and `_`"
        )));
    }
    Ok(())
}
