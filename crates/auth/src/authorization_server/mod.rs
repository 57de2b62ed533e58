//! An authorization server of one's own, in front of an identity provider.

#[allow(dead_code, unused_imports, reason = "its endpoints follow")]
mod assertion;
#[allow(dead_code, unused_imports, reason = "its endpoints follow")]
mod clients;
#[cfg(test)]
mod fixture;
#[cfg_attr(not(test), expect(dead_code, reason = "its endpoints follow"))]
mod parameters;
#[allow(dead_code, unused_imports, reason = "its endpoints follow")]
pub mod redirect;
#[allow(dead_code, unused_imports, reason = "its endpoints follow")]
mod storage;
#[allow(dead_code, unused_imports, reason = "its endpoints follow")]
mod tokens;

pub use clients::StaticClient;
pub use storage::{InvalidKeys, Keys};
pub use tokens::Upstream;
