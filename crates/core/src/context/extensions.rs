//! Values by their type.

use std::{
    any::{Any, TypeId},
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
pub struct Extensions(RwLock<Vec<Entry>>);

/// A request has a handful of them, which are compared sooner than hashed.
type Entry = (TypeId, Arc<dyn Any + Send + Sync>);

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
        Self(RwLock::new(Vec::new()))
    }

    /// Puts a value in, replacing an earlier one of its type.
    pub fn insert<T: Send + Sync + 'static>(&self, value: T) {
        self.insert_shared(Arc::new(value));
    }

    /// Puts a shared value in, replacing an earlier one of its type.
    pub fn insert_shared<T: Send + Sync + 'static>(&self, value: Arc<T>) {
        // What it replaces is dropped after the lock is free: it may be anybody's.
        let _replaced = {
            let mut values = self.0.write().unwrap_or_else(PoisonError::into_inner);
            let replaced = position::<T>(&values).map(|at| values.swap_remove(at));
            values.push((TypeId::of::<T>(), value));
            replaced
        };
    }

    /// The value of this type.
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        let values = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (_, value) = values.get(position::<T>(&values)?)?;
        Arc::clone(value).downcast().ok()
    }

    /// Takes the value of this type out.
    pub fn remove<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        let mut values = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let at = position::<T>(&values)?;
        values.swap_remove(at).1.downcast().ok()
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.0.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Where the value of a type is.
fn position<T: 'static>(values: &[Entry]) -> Option<usize> {
    let wanted = TypeId::of::<T>();
    values.iter().position(|(of, _)| *of == wanted)
}
