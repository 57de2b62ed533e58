//! What a request is within, so that code around requests knows those of its own.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::Context;

/// The marks of a request: addresses. Most have one at most.
#[derive(Debug, Default)]
pub(super) struct Marks(Mutex<Set>);

#[derive(Debug, Default)]
struct Set {
    first: Option<usize>,
    others: Vec<usize>,
}

impl Set {
    fn contains(&self, mark: usize) -> bool {
        self.first == Some(mark) || self.others.contains(&mark)
    }

    fn insert(&mut self, mark: usize) {
        match self.first {
            None => self.first = Some(mark),
            Some(_) => self.others.push(mark),
        }
    }

    fn remove(&mut self, mark: usize) {
        if self.first == Some(mark) {
            self.first = None;
        } else {
            self.others.retain(|other| *other != mark);
        }
    }
}

impl Marks {
    fn lock(&self) -> MutexGuard<'_, Set> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is within something, until this is dropped.
#[must_use = "the request has left again when this is dropped"]
pub struct Within<'a> {
    cx: &'a Context,
    mark: usize,
}

impl fmt::Debug for Within<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Within")
    }
}

impl Drop for Within<'_> {
    fn drop(&mut self) {
        self.cx.request().marks.lock().remove(self.mark);
    }
}

impl Context {
    /// Marks the request as within a thing, for as long as what this gives is kept; `None` when it
    /// is within that thing already.
    ///
    /// What a handler calls through its context passes through middleware again, as a part of the
    /// same request. What hands out places or holds locks asks here first, so that a request never
    /// waits for itself. Things are told apart by their address, so a thing needs a size.
    ///
    /// ```
    /// use purlin_core::Context;
    ///
    /// struct Places(u32);
    ///
    /// fn is_first(cx: &Context, places: &Places) -> bool {
    ///     let Some(_within) = cx.enter(places) else { return false };
    ///     cx.enter(places).is_none()
    /// }
    /// ```
    pub fn enter<'a, T>(&'a self, thing: &'a T) -> Option<Within<'a>> {
        let mark = std::ptr::from_ref(thing).addr();
        let mut marks = self.request().marks.lock();
        if marks.contains(mark) {
            return None;
        }
        marks.insert(mark);
        Some(Within { cx: self, mark })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_enters_a_thing_once_and_may_come_back_when_it_has_left() {
        let cx = Context::for_tests();
        let things = [1_u8, 2, 3];
        let same_request = cx.clone();
        let first = cx.enter(&things[0]);
        let second = cx.enter(&things[1]);
        let third = cx.enter(&things[2]);
        for thing in &things {
            assert!(same_request.enter(thing).is_none());
        }
        drop((first, third));
        let again = same_request.enter(&things[2]);
        assert!(again.is_some() && cx.enter(&things[2]).is_none());
        assert!(second.is_some() && cx.enter(&things[1]).is_none());
        drop((again, second));
        assert!(things.iter().all(|thing| cx.enter(thing).is_some()));
    }
}
