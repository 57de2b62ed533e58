//! Values by their type.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

/// A set of values, one per type, shared by everything that serves a request.
///
/// Middleware puts what it found out in, a handler takes it out:
///
/// ```
/// use purlin_core::Extensions;
///
/// struct Tenant(&'static str);
///
/// let state = Extensions::new();
/// state.insert(Tenant("acme"));
/// assert_eq!(state.get::<Tenant>().map(|tenant| tenant.0), Some("acme"));
/// ```
#[derive(Default)]
pub struct Extensions(RwLock<Option<Map>>);

type Map = HashMap<TypeId, Arc<dyn Any + Send + Sync>>;

impl fmt::Debug for Extensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Extensions")
            .field("values", &self.len())
            .finish()
    }
}

impl Extensions {
    /// An empty set; it allocates nothing until the first value.
    pub const fn new() -> Self {
        Self(RwLock::new(None))
    }

    /// Puts a value in, replacing an earlier one of its type.
    pub fn insert<T: Send + Sync + 'static>(&self, value: T) {
        self.insert_shared(Arc::new(value));
    }

    /// Puts a shared value in, replacing an earlier one of its type.
    pub fn insert_shared<T: Send + Sync + 'static>(&self, value: Arc<T>) {
        let mut map = self.0.write().unwrap_or_else(PoisonError::into_inner);
        map.get_or_insert_default().insert(TypeId::of::<T>(), value);
    }

    /// The value of this type.
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        let map = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let value = Arc::clone(map.as_ref()?.get(&TypeId::of::<T>())?);
        value.downcast().ok()
    }

    /// Takes the value of this type out.
    pub fn remove<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        let mut map = self.0.write().unwrap_or_else(PoisonError::into_inner);
        map.as_mut()?.remove(&TypeId::of::<T>())?.downcast().ok()
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
            .map_or(0, HashMap::len)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
