//! Where a server keeps what outlives a request: values under keys, in collections.
//!
//! [`KeyValue`] is the seam. Sessions, single-use request states, response caches and distributed
//! limits are written against it, so that one server alone keeps them in memory ([`MemoryStore`])
//! and ten replicas keep them where all of them look; the crate `purlin-stores` has such places,
//! and wrappers around any of them. [`Collection`] is the same with a type instead of bytes.
//!
//! Data flow: a [`Key`] names a collection and a key in it, both any text. A value is bytes, with
//! an optional time to live. What several callers may do at once is atomic where it has to be
//! ([`take`](KeyValue::take), [`compare_and_set`](KeyValue::compare_and_set),
//! [`add`](KeyValue::add), [`admit`](KeyValue::admit)); there are no transactions over several
//! keys, for not every place can have them.
//!
//! What the seam refuses to do: list keys (whoever needs a list keeps one), match patterns, and
//! print keys or values. It knows nothing of tenants: whoever keeps data of callers puts the
//! tenant and the principal into the key, length-prefixed, or wraps the store for one tenant.

mod changed;
mod collection;
mod error;
mod gcra;
mod health;
mod key;
mod key_value;
pub(crate) mod ledger;
mod memory;
pub(crate) mod outage;
mod quota;
mod retry;
mod shared;
mod stored;

pub use collection::Collection;
pub use error::{StoreError, StoreErrorKind, StoreResult};
pub use gcra::{Admission, Gcra};
pub use health::StoreHealth;
pub use key::Key;
pub use key_value::{KeyValue, MANY};
pub use memory::{MemoryStore, WhenFull};
pub use outage::Outage;
pub(crate) use quota::OverQuota;
pub use quota::Quota;
pub use retry::Attempts;
pub use stored::{MAX_TTL, Stored};
