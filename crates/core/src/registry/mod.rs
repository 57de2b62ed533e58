//! What a server offers: its components under their names.
//!
//! A [`Source`] is what was put into a server: components, mounts, middleware,
//! filters. From it a [`Catalogue`] is worked out: everything under its final
//! name, mounts included, with lists ready to be sent. Requests use the
//! catalogue only; it is replaced as a whole when something changes, so no
//! request waits for a lock.

mod bus;
mod catalogue;
mod component;
mod entry;
mod filter;
pub(crate) mod list;
mod mounted;
mod schemas;
mod source;
mod subject;
mod table;
mod visible;

pub use bus::Change;
pub(crate) use bus::{Bus, Listener, Place, Reach, Seat};
pub(crate) use catalogue::Catalogue;
pub(crate) use component::Component;
pub(crate) use entry::{
    CompletionEntry, CompletionOf, Level, PromptEntry, ResourceAddress, ResourceEntry,
    ResourceTarget, ToolEntry,
};
pub use entry::{CompletionHandler, PromptHandler, ResourceHandler, ToolHandler, Watching};
pub use filter::TagFilter;
pub(crate) use list::{ListKind, Listed, PreparedList, join};
pub(crate) use mounted::{prefixed_name, prefixed_uri, unprefixed_uri};
pub(crate) use schemas::{header_params, wraps};
pub(crate) use source::{Mounted, Source};
pub(crate) use table::Table;
pub(crate) use visible::visible;
