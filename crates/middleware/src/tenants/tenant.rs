//! Whose data it is.

use std::sync::Arc;

use purlin_core::{Context, access::Allowance, store::KeyValue};

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

    /// The server's store, where what is kept counts for this tenant
    /// ([`Tenants::bytes`](super::Tenants::bytes)). It is bounded and not divided: make keys
    /// by [`key`](Self::key).
    ///
    /// ```
    /// use purlin_core::{Context, Result, store::Collection};
    /// # use purlin_middleware::tenants::Tenant;
    /// async fn keep(tenant: &Tenant, cart: &str, items: &Vec<String>, cx: &Context) -> Result<()> {
    ///     let carts = Collection::new(tenant.store(cx), "carts");
    ///     // What is too much says how much there may be.
    ///     Ok(carts.put(&tenant.key(cart), items).await?)
    /// }
    /// ```
    pub fn store(&self, cx: &Context) -> Arc<dyn KeyValue> {
        let store = cx.server().store();
        match cx.state().get::<Allowance>() {
            Some(allowance) => allowance.around(store),
            None => store,
        }
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
