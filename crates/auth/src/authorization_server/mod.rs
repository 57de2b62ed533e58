//! An authorization server of one's own, in front of an identity provider.

#[cfg_attr(not(test), expect(dead_code, reason = "its endpoints follow"))]
mod parameters;
#[allow(dead_code, unused_imports, reason = "its endpoints follow")]
pub mod redirect;
#[allow(dead_code, unused_imports, reason = "its endpoints follow")]
mod storage;

pub use storage::{InvalidKeys, Keys};
