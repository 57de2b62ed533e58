//! The searches a match is made of. Each looks at a byte at most once; tests
//! count the bytes, to hold the sum against the length of the URI.

/// Where `literal` stands first.
pub(super) fn first(text: &str, literal: &str) -> Option<usize> {
    let at = text.find(literal);
    steps::add(at.map_or(text.len(), |at| at + literal.len()));
    at
}

/// Where `literal` stands last.
pub(super) fn last(text: &str, literal: &str) -> Option<usize> {
    let at = text.rfind(literal);
    steps::add(text.len() - at.unwrap_or_default());
    at
}

/// The parameters of a query.
pub(super) fn pairs(query: &str) -> impl Iterator<Item = &str> {
    steps::add(query.len());
    query.split('&')
}

#[cfg(not(test))]
mod steps {
    pub(super) fn add(_: usize) {}
}

#[cfg(test)]
pub(super) mod steps {
    use std::cell::Cell;

    thread_local! {
        static TAKEN: Cell<usize> = const { Cell::new(0) };
    }

    pub(in super::super) fn add(steps: usize) {
        TAKEN.set(TAKEN.get() + steps);
    }

    /// The bytes that were looked at since the last time.
    pub(in super::super) fn take() -> usize {
        TAKEN.take()
    }
}
