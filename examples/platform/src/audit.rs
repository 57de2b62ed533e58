//! The last calls, out of the audit log of the shelf: what it writes to a file, if
//! it has one, it tells here as well.

use std::{
    collections::VecDeque,
    io,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use purlin::{
    ErrorKind,
    middleware::{
        Audit,
        audit::{AuditFile, AuditSink, Head},
    },
    prelude::*,
};
use serde::{Deserialize, Serialize};

/// How many records are remembered.
const KEPT: usize = 100;

/// What of a record is anybody's business: who it was stays in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The method, for example `tools/call`.
    pub event: String,
    /// The name of the tool or prompt, or the URI of the resource. What somebody worked with,
    /// such as the path of a file or a host, stays in the log.
    pub target: Option<String>,
    /// How it ended: `ok`, `error`, `denied` or `cancelled`.
    pub outcome: String,
}

impl Entry {
    /// Without the paths and hosts of the hands, and without the URIs of files: they are those of
    /// one tenant, and everybody reads this.
    fn for_anybody(mut self) -> Self {
        let is_guard = self.event.starts_with("guard/");
        self.target = self.target.filter(|target| {
            let scheme = target.split_once(':').map(|(scheme, _)| scheme);
            !is_guard && !scheme.is_some_and(|it| it.eq_ignore_ascii_case("file"))
        });
        self
    }
}

/// The most recent records, for as long as the platform runs. A clone is the same
/// trail.
#[derive(Debug, Clone, Default)]
pub struct Trail(Arc<Mutex<VecDeque<Entry>>>);

impl Trail {
    /// Every record that is remembered, newest last.
    pub fn recent(&self) -> Vec<Entry> {
        self.entries().iter().cloned().collect()
    }

    /// The log that leaves its records here, and keeps them in `file` if there is
    /// one. No answer is given without its record.
    ///
    /// # Errors
    /// When the file cannot be used: another process has it, or its end is missing.
    pub fn log(&self, file: Option<&Path>) -> Result<Audit> {
        let log = || {
            let file = file.map(AuditFile::open).transpose()?;
            let trail = self.clone();
            Audit::to(Log { file, trail })
        };
        let audit = log().map_err(|error| {
            let problem = format!("the audit log cannot be opened: {error}");
            Error::new(ErrorKind::Configuration, problem)
        })?;
        Ok(audit.required(true))
    }

    fn remember(&self, entry: Entry) {
        let mut entries = self.entries();
        if entries.len() == KEPT {
            entries.pop_front();
        }
        entries.push_back(entry);
    }

    fn entries(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        // Every change is one step, so what a panic left behind is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where the records go.
struct Log {
    file: Option<AuditFile>,
    trail: Trail,
}

impl AuditSink for Log {
    fn head(&self) -> Option<Head> {
        self.file.as_ref().and_then(AuditFile::head)
    }

    fn append(&mut self, record: &str, head: &Head) -> io::Result<()> {
        let entry: Entry = serde_json::from_str(record)?;
        if let Some(file) = &mut self.file {
            file.append(record, head)?;
        }
        self.trail.remember(entry.for_anybody());
        Ok(())
    }

    fn commit(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), AuditFile::commit)
    }

    fn idle(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), AuditFile::idle)
    }
}
