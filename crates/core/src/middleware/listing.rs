//! A list on its way to the client.

use std::{
    ops::{Deref, DerefMut},
    slice,
    sync::Arc,
    vec,
};

/// A list, as hooks on lists get it and give it back.
///
/// It is read and changed like the `Vec` it stands for. As long as nobody changes it, it is the
/// list that the server shares among all requests, and the client is sent the bytes that were
/// prepared for it; who changes it gets a copy. So a hook that only looks on costs next to nothing,
/// however long the list is.
///
/// A middleware that always makes the same of the same list can keep both, find the first again by
/// [`is`](Self::is), and give back the second: what was made of it for the wire is then kept too.
///
/// ```
/// use purlin_core::{middleware::Listing, protocol::Tool};
///
/// fn without_deletions(tools: &mut Listing<Tool>) {
///     if tools.iter().any(|tool| tool.name.starts_with("delete_")) {
///         tools.retain(|tool| !tool.name.starts_with("delete_"));
///     }
/// }
/// ```
#[derive(Debug, PartialEq)]
pub struct Listing<T>(Arc<Vec<T>>);

impl<T> Listing<T> {
    /// Whether both are one list in memory, so that they are equal without a look at their items.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Whether somebody else has it as well, so that it may come again.
    pub fn is_shared(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }
}

impl<T: Clone> Listing<T> {
    /// The items.
    pub fn into_vec(self) -> Vec<T> {
        Arc::unwrap_or_clone(self.0)
    }
}

impl<T> Clone for Listing<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Listing<T> {
    fn default() -> Self {
        Vec::new().into()
    }
}

impl<T> From<Vec<T>> for Listing<T> {
    fn from(items: Vec<T>) -> Self {
        Self(Arc::new(items))
    }
}

impl<T> FromIterator<T> for Listing<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Vec::from_iter(items).into()
    }
}

impl<T> Deref for Listing<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}

impl<T: Clone> DerefMut for Listing<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        Arc::make_mut(&mut self.0)
    }
}

impl<T: Clone> IntoIterator for Listing<T> {
    type Item = T;
    type IntoIter = vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.into_vec().into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Listing<T> {
    type Item = &'a T;
    type IntoIter = slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_changes_a_list_gets_a_copy() {
        let kept = Listing::from(vec![1, 2]);
        let mut changed = kept.clone();
        assert!(changed.is(&kept) && kept.is_shared());
        changed.push(3);
        assert!(!changed.is(&kept) && !kept.is_shared());
        assert_eq!(
            (kept.into_vec(), changed.into_vec()),
            (vec![1, 2], vec![1, 2, 3])
        );
    }
}
