//! Wrappers: a store in, a store out. One file each, of one shape: the type and how it is made, then
//! its `impl KeyValue`, in which what it leaves alone is forwarded.

mod compressed;
mod counted;
mod encrypted;
mod fallback;
mod forward;
mod prefixed;
mod read_only;
mod recoded;
mod size_limit;
mod ttl_clamp;

pub use compressed::Compressed;
pub use counted::{Counted, Statistics};
pub use encrypted::Encrypted;
pub use fallback::Fallback;
pub use prefixed::Prefixed;
pub use read_only::ReadOnly;
pub use size_limit::SizeLimit;
pub use ttl_clamp::TtlClamp;
