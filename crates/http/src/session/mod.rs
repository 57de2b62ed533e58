//! Sessions: what revisions up to 2025-11-25 keep between requests.
//!
//! Ids, event ids and resumption live here and nowhere else. Core knows what a
//! session has negotiated; this room knows how it maps to connections, and,
//! in `replicas`, how several processes serve one session.

mod entry;
mod event_id;
mod id;
mod log;
mod replicas;
mod serve;
mod stream;
mod table;
mod work;

pub(crate) use entry::Entry;
use event_id::EventId;
pub(crate) use id::SessionId;
use log::EventLog;
pub(crate) use replicas::{Replicas, STORE_AWAY, TailBody, end, expire, publish};
pub(crate) use serve::{Opening, answer_get, resume_elsewhere, take_post, take_shared};
pub(crate) use stream::Reader;
pub(crate) use table::{OpenError, SessionTable};
#[cfg(feature = "legacy-sse")]
pub(crate) use work::{Said, Work};
