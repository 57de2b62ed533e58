//! Roots of tenants: a directory for each, which no other tenant's name leads to.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest as _, Sha256};

use super::directory::Directory;
use super::error::Bound;
use super::ledger::Ledger;
use super::opening::Openings;
use super::pool::Stop;
use super::root::Root;
use super::{FileError, Quota};

/// From how many bytes on a name is replaced by its digest.
const LONG: usize = 200;

/// The roots of tenants that are in use, or were lately.
#[derive(Debug)]
pub(super) struct Tenants {
    pub(super) quota: Quota,
    pub(super) openings: Openings,
    known: Mutex<HashMap<String, Arc<Root>>>,
}

impl Tenants {
    pub(super) fn new(quota: Quota) -> Self {
        Self {
            quota,
            openings: Openings::default(),
            known: Mutex::default(),
        }
    }

    /// The root of a tenant that is known, by the name of its directory.
    pub(super) fn get(&self, name: &str) -> Option<Arc<Root>> {
        self.known().get(name).map(Arc::clone)
    }

    pub(super) fn forget(&self, name: &str) {
        self.known().remove(name);
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Arc<Root>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Root {
    /// The root of the tenant whose directory has this name, which is made if there is none.
    pub(super) fn scoped(&self, name: &str, stop: &Stop) -> Result<Arc<Self>, FileError> {
        if let Some(root) = self.tenants.get(name) {
            return Ok(root);
        }
        let root = self.opened(name, stop)?;
        let mut known = self.tenants.known();
        if known.len() >= self.limits.tenants {
            known.retain(|_, root| Arc::strong_count(root) > 1);
        }
        match known.get(name) {
            // Somebody else was faster, and there is one count of what a tenant has.
            Some(root) => Ok(Arc::clone(root)),
            None if known.len() >= self.limits.tenants => Err(FileError::Quota(Bound::Tenants)),
            None => {
                known.insert(name.to_owned(), Arc::clone(&root));
                Ok(root)
            }
        }
    }

    fn opened(&self, name: &str, stop: &Stop) -> Result<Arc<Self>, FileError> {
        let root = Self {
            directory: self.tenant_directory(name, stop)?,
            way: self.way,
            ledger: Ledger::new(self.tenants.quota.clone()),
            pool: self.pool.scope(&self.limits),
            limits: self.limits.clone(),
            read_only: self.read_only,
            tenants: Tenants::new(self.tenants.quota.clone()),
        };
        root.recount(stop)?;
        Ok(Arc::new(root))
    }

    /// It has to be a directory: nobody may put a link in its place.
    fn tenant_directory(&self, name: &str, stop: &Stop) -> Result<Directory, FileError> {
        if !self.read_only {
            self.create_scope(name, stop)?;
        }
        Ok(self.directory.child(OsStr::new(name))?)
    }
}

/// The name of a tenant's directory. No two tenants have the same, on file systems that do not
/// tell case or forms of Unicode apart either: small letters, digits, `-` and `_` stand for
/// themselves, every other byte is `=` and two digits, and what gets too long is its SHA-256.
pub(super) fn directory_name(tenant: Option<&str>) -> String {
    let Some(tenant) = tenant else {
        return "tenant=none".to_owned();
    };
    let mut name = String::from("tenant-");
    for byte in tenant.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => name.push(char::from(byte)),
            other => name.push_str(&format!("={other:02x}")),
        }
        if name.len() > LONG {
            return digest(tenant);
        }
    }
    name
}

/// Starts as no name that is written out.
fn digest(tenant: &str) -> String {
    let mut name = String::from("tenant=");
    for byte in Sha256::digest(tenant) {
        name.push_str(&format!("{byte:02x}"));
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_has_a_directory_of_its_own_whatever_it_is_called() {
        let (long, longer) = ("x".repeat(193), "x".repeat(194));
        for (tenant, name) in [
            (None, "tenant=none"),
            (Some(""), "tenant-"),
            (Some("none"), "tenant-none"),
            (Some("acme"), "tenant-acme"),
            (Some("ACME"), "tenant-=41=43=4d=45"),
            (Some("a/../b"), "tenant-a=2f=2e=2e=2fb"),
            (Some("=41"), "tenant-=3d41"),
            (Some("\u{e4}"), "tenant-=c3=a4"),
            (Some("a\u{308}"), "tenant-a=cc=88"),
            (Some(&long), &format!("tenant-{long}")),
            (Some(&longer), &digest(&longer)),
        ] {
            assert_eq!(directory_name(tenant), name);
            assert!(name.len() <= LONG);
        }
    }
}
