//! Which components a server shows, by their tags.

use std::{borrow::Cow, collections::BTreeSet};

/// A filter by tags over everything a server offers, mounts included.
///
/// ```
/// use purlin_core::TagFilter;
///
/// let filter = TagFilter::only(["public"]).without(["beta"]);
/// # let _ = filter;
/// ```
#[derive(Debug, Clone, Default)]
pub struct TagFilter {
    only: Option<BTreeSet<String>>,
    without: BTreeSet<String>,
}

impl TagFilter {
    /// Keeps what carries at least one of these tags.
    pub fn only<T: Into<String>>(tags: impl IntoIterator<Item = T>) -> Self {
        Self {
            only: Some(tags.into_iter().map(Into::into).collect()),
            without: BTreeSet::new(),
        }
    }

    /// Keeps everything but what carries one of these tags.
    pub fn hide<T: Into<String>>(tags: impl IntoIterator<Item = T>) -> Self {
        Self::default().without(tags)
    }

    /// Also hides what carries one of these tags.
    #[must_use]
    pub fn without<T: Into<String>>(mut self, tags: impl IntoIterator<Item = T>) -> Self {
        self.without.extend(tags.into_iter().map(Into::into));
        self
    }

    pub(crate) fn keeps(&self, tags: &[Cow<'static, str>]) -> bool {
        let any_of = |set: &BTreeSet<String>| tags.iter().any(|tag| set.contains(&**tag));
        self.only.as_ref().is_none_or(any_of) && !any_of(&self.without)
    }
}
