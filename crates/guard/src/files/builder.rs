//! A root in the making.

use std::path::PathBuf;
use std::sync::Arc;

use super::directory::Directory;
use super::ledger::Ledger;
use super::pool::{Pool, Stop};
use super::root::Root;
use super::tenants::Tenants;
use super::{FileError, FileOperations, Limits, Quota, Resolver, object};
use crate::events::{GuardEvents, Observers};

/// Makes [`FileOperations`]; see [`FileOperations::builder`].
#[derive(Clone, Debug)]
pub struct Builder {
    path: PathBuf,
    quota: Quota,
    tenant_quota: Option<Quota>,
    limits: Limits,
    resolver: Resolver,
    read_only: bool,
    observers: Observers,
}

impl Builder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            quota: Quota::default(),
            tenant_quota: None,
            limits: Limits::default(),
            resolver: Resolver::default(),
            read_only: false,
            observers: Observers::default(),
        }
    }

    /// How much there may be below the root.
    #[must_use]
    pub fn quota(mut self, quota: Quota) -> Self {
        self.quota = quota;
        self
    }

    /// How much there may be of each tenant (default: as much as of the root). The quota
    /// of the root is for what is done through the root itself. What tenants have counts there too,
    /// and keeps no tenant from a directory, nor from what its own quota allows.
    #[must_use]
    pub fn tenant_quota(mut self, quota: Quota) -> Self {
        self.tenant_quota = Some(quota);
        self
    }

    /// How much is done at once, and for how long.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Only reads: everything else is `denied`.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// How paths are followed (default: [`Resolver::Detected`]).
    #[must_use]
    pub fn resolver(mut self, resolver: Resolver) -> Self {
        self.resolver = resolver;
        self
    }

    /// Who is told of each operation, beside those who are already.
    #[must_use]
    pub fn events(mut self, events: impl GuardEvents) -> Self {
        self.observers = self.observers.and(events);
        self
    }

    /// Opens the root, and counts what is below. This blocks, as long as counting takes; it ends
    /// where there are more files than the quota allows.
    ///
    /// # Errors
    /// When there is no such directory, when it cannot be read, and `unsupported` where the system
    /// lacks what is asked of it.
    pub fn build(self) -> Result<FileOperations, FileError> {
        object::check()?;
        let directory = Directory::ambient(&self.path)?;
        let way = self.resolver.decide(&directory)?;
        let tenants = self.tenant_quota.unwrap_or_else(|| self.quota.clone());
        let root = Root {
            directory,
            way,
            ledger: Ledger::new(self.quota),
            pool: Pool::new(&self.limits),
            limits: self.limits,
            read_only: self.read_only,
            tenants: Tenants::new(tenants),
        };
        root.recount(&Stop::default())?;
        Ok(FileOperations::new(Arc::new(root), self.observers))
    }
}
