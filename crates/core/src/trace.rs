//! The context of a trace on its way through this process (W3C Trace Context,
//! W3C Baggage, SEP-414).
//!
//! A request brings it as members of `_meta`, over HTTP also as headers;
//! [`Context::carried`](crate::Context::carried) reads them. What this process
//! sends while it serves the request carries on whatever [`install`] was given:
//! a library of traces. Without one, nothing is read, written or kept, and what
//! that costs is one look at a static.
//!
//! Nothing here makes spans or ids.

use std::{fmt, sync::OnceLock};

use crate::protocol::Meta;

/// The members, which are also the names of the headers.
pub const MEMBERS: [&str; 3] = [Meta::TRACEPARENT, Meta::TRACESTATE, Meta::BAGGAGE];

/// The longest value that is taken from a header, in bytes (W3C Baggage, section
/// 3.3.2).
const MAX_VALUE: usize = 8 * 1024;

/// Something that knows which trace the code that is running belongs to.
pub trait Propagate: Send + Sync + 'static {
    /// Gives the members of what is current: `traceparent` and what goes with it.
    fn inject(&self, set: &mut dyn FnMut(&'static str, String));
}

static INSTALLED: OnceLock<Box<dyn Propagate>> = OnceLock::new();

/// Makes everything this process sends carry the trace it belongs to. False when
/// something else does so already; the first one stays.
pub fn install(propagate: impl Propagate) -> bool {
    INSTALLED.set(Box::new(propagate)).is_ok()
}

/// Whether something carries traces on.
pub fn is_installed() -> bool {
    INSTALLED.get().is_some()
}

/// Gives the members of the trace that the running code belongs to; none where
/// nothing is installed.
pub fn inject(mut set: impl FnMut(&'static str, String)) {
    if let Some(propagate) = INSTALLED.get() {
        propagate.inject(&mut set);
    }
}

/// What the headers of an HTTP request say of its trace.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Carried([Option<Box<str>>; MEMBERS.len()]);

impl Carried {
    /// Takes the members that `header` has. `None` when there is no
    /// `traceparent`, without which the others say nothing.
    pub fn read<'a>(header: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        let this = Self(MEMBERS.map(|name| {
            let value = header(name).filter(|value| value.len() <= MAX_VALUE);
            value.map(Into::into)
        }));
        this.get(Meta::TRACEPARENT).is_some().then_some(this)
    }

    /// One member.
    pub fn get(&self, name: &str) -> Option<&str> {
        let index = MEMBERS.iter().position(|member| *member == name)?;
        self.0[index].as_deref()
    }
}

impl fmt::Debug for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Baggage is whatever somebody put into it.
        f.debug_tuple("Carried")
            .field(&self.get(Meta::TRACEPARENT))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_without_a_parent_says_nothing() {
        let carried = Carried::read(|name| (name == Meta::TRACESTATE).then_some("a=b"));
        assert_eq!(carried, None);
    }

    #[test]
    fn members_are_kept_and_what_is_too_long_is_not() {
        let long = "x".repeat(MAX_VALUE + 1);
        let carried = Carried::read(|name| match name {
            Meta::TRACEPARENT => Some("00-1-2-01"),
            Meta::BAGGAGE => Some(long.as_str()),
            _ => None,
        });
        let carried = carried.unwrap();
        assert_eq!(carried.get(Meta::TRACEPARENT), Some("00-1-2-01"));
        assert_eq!(carried.get(Meta::BAGGAGE), None);
        assert_eq!(carried.get("other"), None);
    }
}
