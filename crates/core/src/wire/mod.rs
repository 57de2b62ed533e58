//! The wire: JSON-RPC envelopes, revisions, and what each era adds to them.
//!
//! Everything a revision knows and a handler must not is said here: the
//! envelope and its limits ([`parse`]), the revision table ([`Revision`]), the
//! `_meta` of stateless requests and the headers that repeat it
//! ([`RoutingHeaders`]), error codes with their HTTP status ([`Reply`]),
//! `resultType` and cache hints. Transports move the bytes and call
//! [`Server`](crate::Server); they decide nothing about the protocol.

mod content;
mod encode;
mod header;
mod inbound;
mod modern;
mod raw;
mod reply;
mod revision;
mod scan;

pub(crate) use content::settle;
pub(crate) use encode::{ResultWriter, server_info, shape, tool_reply};
pub use header::{Field, RoutingHeaders};
pub use inbound::{Frame, Inbound, MessageKind, parse};
pub(crate) use modern::{Envelope, HeaderParam, capabilities, check_params};
pub use raw::Raw;
pub use reply::{Refusal, Reply};
pub(crate) use reply::{begin_result, json_len, notification, request, write_json};
pub use revision::{Revision, UnknownRevision};
pub(crate) use scan::has_escape;
