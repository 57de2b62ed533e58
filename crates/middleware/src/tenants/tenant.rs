//! Whose data it is.

use std::sync::Arc;

/// A tenant that was verified, or all callers without one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tenant(Option<Arc<str>>);

impl Tenant {
    pub(super) fn new(name: Option<&str>) -> Self {
        Self(name.map(Into::into))
    }

    /// Its name; nothing for callers without a tenant.
    pub fn name(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// A key for what belongs to this tenant. The name comes first, with its
    /// length, so that no key of one tenant is ever one of another.
    ///
    /// ```
    /// # use purlin_middleware::tenants::Tenant;
    /// fn key_of_cart(tenant: &Tenant, cart: &str) -> String {
    ///     tenant.key(&format!("cart {cart}"))
    /// }
    /// ```
    pub fn key(&self, key: &str) -> String {
        match &self.0 {
            Some(name) => format!("{}:{name}{key}", name.len()),
            None => format!("-{key}"),
        }
    }
}
