//! Who did what, in a record that shows when it was changed.
//!
//! Each record is one line of JSON that ends with a hash over the line and, by
//! way of `prev`, over all lines before it. [`verify`] finds a record that was
//! changed, left out, put in or moved. That records are missing at the end, only
//! somebody can find who knows how many there were: [`AuditFile`] notes its
//! [`Head`] in a second file, and [`Audit::head`] gives it to be kept elsewhere.
//! With a [key](Audit::keyed) nobody without the key can write a chain that
//! holds.
//!
//! Records go to a thread that has the sink to itself. Each has a place from before
//! its request runs until it is written, so that no request runs whose record could
//! not be kept, and one that is dropped at any point has its record all the same.
//! When all places are taken, requests wait or are refused, as
//! [`Audit::when_full`] says. What happens when the sink fails, [`Audit::required`]
//! says.

mod chain;
mod ended;
mod event;
mod file;
mod hooks;
mod pending;
#[cfg(test)]
mod tests;
mod verify;
mod writer;

use std::{collections::BTreeSet, fmt, io, sync::Arc, time::Duration};

use purlin_core::{Error, ErrorKind, Result, protocol::method};

pub use chain::Head;
pub use event::{AuditEvent, Outcome};
pub use file::{AuditFile, Sync};
pub use verify::{Found, Tampered, verify, verify_file};

use crate::Redactor;
use chain::Chain;
use writer::{Writer, outcome};

/// How long a request waits for a place, unless said otherwise.
const PATIENCE: Duration = Duration::from_secs(5);
/// When to come back after there was none.
const COME_BACK: Duration = Duration::from_secs(1);

/// What becomes of a request when all places for records are taken. Either way it does
/// not run without one, and what is refused is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenFull {
    /// It waits for a place, at most for this long, and is refused then.
    Wait(Duration),
    /// It is refused at once, as busy.
    Refuse,
}

impl Default for WhenFull {
    fn default() -> Self {
        Self::Wait(PATIENCE)
    }
}

/// Where records go. It is called from one thread of its own, so it may block.
pub trait AuditSink: Send + 'static {
    /// The last record that is there, to go on with; `None` at the start.
    fn head(&self) -> Option<Head>;

    /// Adds a record: one line of JSON, without its end.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn append(&mut self, record: &str, head: &Head) -> io::Result<()>;

    /// Makes what was added last, as far as the sink promises that. Called after
    /// each batch, before anybody is told that its record is written.
    ///
    /// # Errors
    /// When it cannot.
    fn commit(&mut self) -> io::Result<()>;

    /// No record has come for a second: what was put off can be done.
    ///
    /// # Errors
    /// When it cannot.
    fn idle(&mut self) -> io::Result<()> {
        self.commit()
    }
}

/// Writes a record of each call, read and prompt.
///
/// A record has the time (`time`), the method (`event`), the name or the URI
/// without its query (`target`), who called (`subject`, `issuer`, `client`, `tenant`, or `address`),
/// how it ended (`outcome`: `ok`, `error`, `denied`, `cancelled`; `kind`,
/// `correlation_id`) and how long it took (`micros`). Arguments are in it only
/// if that is asked for, and without their secrets. Other events, logins for
/// example, are added with [`record`](Self::record). Texts are cut at 2,000
/// characters.
///
/// A clone writes to the same chain. When the last one is dropped, what is waiting
/// is written: a runtime waits for that at its end, for 5 s at most, and so does the
/// drop outside of one. [`close`](Self::close) waits for it where that matters.
///
/// ```
/// use purlin_core::Server;
/// use purlin_middleware::audit::{Audit, AuditFile, verify_file};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = std::env::temp_dir().join(format!("audit-{}", std::process::id()));
/// # std::fs::create_dir_all(&directory)?;
/// # let path = directory.join("audit.jsonl");
/// let audit = Audit::to(AuditFile::open(&path)?)?;
/// let server = Server::builder("orders", "1.0.0").middleware(audit);
/// # drop(server);
/// println!("{} records", verify_file(&path, None)?.records);
/// # std::fs::remove_dir_all(&directory)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Audit {
    writer: Arc<Writer>,
    methods: BTreeSet<String>,
    arguments: bool,
    redactor: Redactor,
    required: bool,
    when_full: WhenFull,
}

impl fmt::Debug for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Audit")
            .field("methods", &self.methods)
            .field("arguments", &self.arguments)
            .field("required", &self.required)
            .field("when_full", &self.when_full)
            .finish_non_exhaustive()
    }
}

/// What an [`Audit`] has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditStatistics {
    /// Records that the sink has taken.
    pub written: u64,
    /// Records that it did not take.
    pub lost: u64,
    /// Requests and events that there was no place for.
    pub refused: u64,
}

impl Audit {
    /// Records to a sink, chained without a key.
    ///
    /// # Errors
    /// When the thread that writes cannot be started.
    pub fn to(sink: impl AuditSink) -> io::Result<Self> {
        Self::chained(sink, None)
    }

    /// Records to a sink, chained with HMAC-SHA-256: only who has the key can
    /// write a chain that holds, or verify one.
    ///
    /// # Errors
    /// As [`to`](Self::to).
    pub fn keyed(sink: impl AuditSink, key: &[u8]) -> io::Result<Self> {
        Self::chained(sink, Some(key))
    }

    fn chained(sink: impl AuditSink, key: Option<&[u8]>) -> io::Result<Self> {
        let chain = Chain::new(key, sink.head());
        let methods = [
            method::TOOLS_CALL,
            method::RESOURCES_READ,
            method::PROMPTS_GET,
        ];
        Ok(Self {
            writer: Arc::new(Writer::start(sink, chain)?),
            methods: methods.map(str::to_owned).into(),
            arguments: false,
            redactor: Redactor::new(),
            required: false,
            when_full: WhenFull::default(),
        })
    }

    /// Records these methods; the default is `tools/call`, `resources/read` and
    /// `prompts/get`.
    #[must_use]
    pub fn methods<T: Into<String>>(mut self, methods: impl IntoIterator<Item = T>) -> Self {
        self.methods = methods.into_iter().map(Into::into).collect();
        self
    }

    /// Whether arguments are recorded, without their secrets. The default is
    /// that they are not.
    #[must_use]
    pub fn arguments(mut self, arguments: bool) -> Self {
        self.arguments = arguments;
        self
    }

    /// What takes secrets out of arguments.
    #[must_use]
    pub fn redactor(mut self, redactor: Redactor) -> Self {
        self.redactor = redactor;
        self
    }

    /// Whether nothing happens without a record: an answer is given when its
    /// record is committed, and after a failure of the sink requests are refused
    /// until a record was written again. Otherwise a failure is logged and
    /// counted, and requests go on.
    #[must_use]
    pub fn required(mut self, required: bool) -> Self {
        self.required = required;
        self
    }

    /// What becomes of requests when all places are taken; they wait for 5 s by default.
    #[must_use]
    pub fn when_full(mut self, policy: WhenFull) -> Self {
        self.when_full = policy;
        self
    }

    /// How many requests run, and records wait, at one time, for all clones together:
    /// at most 16,384, which is the default, and at least one.
    #[must_use]
    pub fn capacity(self, places: usize) -> Self {
        self.writer.set_capacity(places);
        self
    }

    /// Adds a record of something else than a request, and waits until it is
    /// committed. Dropped before there is a place for it, it adds none; afterwards it is
    /// added whoever waits.
    ///
    /// # Errors
    /// When there is no place for it, and when the sink does not take it.
    pub async fn record(&self, event: AuditEvent) -> Result<()> {
        let place = self.place(true).await?;
        let written = self.writer.send(place, event);
        outcome(written).await.map_err(unwritable)
    }

    /// Adds a record without waiting for anything, for whoever must not: a login, for
    /// example. False when there is no place for it, which is counted and logged.
    pub fn try_record(&self, event: AuditEvent) -> bool {
        let Some(place) = self.writer.try_place() else {
            self.writer.refuse();
            return false;
        };
        drop(self.writer.send(place, event));
        true
    }

    /// Ends the log for all clones: waits until what was handed over is committed and the
    /// sink is closed. Whatever comes later is refused.
    ///
    /// # Errors
    /// When the sink fails, or has not ended 5 s after its last record.
    pub async fn close(&self) -> Result<()> {
        self.writer.close().await.map_err(unwritable)
    }

    /// The last record that was written: what to keep elsewhere, so that
    /// [`verify`] finds records that are missing at the end.
    pub fn head(&self) -> Option<Head> {
        self.writer.head()
    }

    /// What was done so far.
    pub fn statistics(&self) -> AuditStatistics {
        self.writer.statistics()
    }
}

fn unwritable(error: io::Error) -> Error {
    Error::new(ErrorKind::Internal, "the audit log cannot be written")
        .with_source(error)
        .with_public_text("the audit log cannot be written, and nothing is done without it")
        .with_code("audit_unavailable")
}
