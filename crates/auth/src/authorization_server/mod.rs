//! An authorization server of one's own, in front of an identity provider.

#[cfg_attr(not(test), expect(dead_code, reason = "its endpoints follow"))]
mod parameters;
