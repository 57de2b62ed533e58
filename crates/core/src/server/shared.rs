//! A handle on a server value, which may be a field of a larger one.

use std::{fmt, ops::Deref, sync::Arc};

/// A cheap, clonable handle on the value components belong to.
///
/// A server that is a field of another (`#[mount]`) has no allocation of its
/// own; its handle holds on to the outer value and finds the field in it.
pub struct Shared<S: ?Sized>(Arc<dyn Project<S>>);

/// A way to a value.
trait Project<S: ?Sized>: Send + Sync {
    fn get(&self) -> &S;
}

struct Whole<S>(S);

impl<S: Send + Sync> Project<S> for Whole<S> {
    fn get(&self) -> &S {
        &self.0
    }
}

struct Field<P: ?Sized, S: ?Sized> {
    outer: Shared<P>,
    field: fn(&P) -> &S,
}

impl<P: ?Sized + 'static, S: ?Sized + 'static> Project<S> for Field<P, S> {
    fn get(&self) -> &S {
        (self.field)(&self.outer)
    }
}

impl<S: Send + Sync + 'static> Shared<S> {
    /// A handle on a value of its own.
    pub fn new(value: S) -> Self {
        Self(Arc::new(Whole(value)))
    }
}

impl<S: ?Sized + 'static> Shared<S> {
    /// A handle on a part of the value.
    pub fn project<T: ?Sized + 'static>(&self, field: fn(&S) -> &T) -> Shared<T> {
        Shared(Arc::new(Field {
            outer: self.clone(),
            field,
        }))
    }
}

impl<S: ?Sized> Clone for Shared<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: ?Sized> Deref for Shared<S> {
    type Target = S;

    fn deref(&self) -> &S {
        self.0.get()
    }
}

impl<S: ?Sized> fmt::Debug for Shared<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shared<{}>", std::any::type_name::<S>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_of_a_field_is_found() {
        struct Outer {
            middle: (u8, String),
        }
        let outer = Shared::new(Outer {
            middle: (1, "inner".to_owned()),
        });
        let middle = outer.project(|outer| &outer.middle);
        let inner = middle.project(|middle| middle.1.as_str());
        drop((outer, middle));
        assert_eq!(&*inner, "inner");
    }
}
