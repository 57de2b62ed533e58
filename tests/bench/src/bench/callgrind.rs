//! Instructions per call: two runs of different length under callgrind, the
//! difference divided by the calls between them. What starting and stopping
//! cost falls out.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use crate::http::{self, Until};
use crate::plan::Count;
use crate::request::Operation;
use crate::stdio;
use crate::subject::{Running, Subject, Transport};
use crate::{Effort, Error};

/// The instructions of each server.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) count: Count,
    pub(crate) rows: Vec<(Subject, f64)>,
}

pub(crate) fn run(count: &Count, effort: Effort, valgrind: &Path) -> Result<Counted, Error> {
    let mut rows = Vec::new();
    for &subject in &count.subjects {
        let per_call = per_call(effort, |calls| {
            instructions(count, subject, calls, valgrind)
        })?;
        rows.push((subject, per_call));
    }
    Ok(Counted {
        count: count.clone(),
        rows,
    })
}

/// From the instructions of two runs of different length, side by side.
pub(crate) fn per_call(
    effort: Effort,
    instructions: impl Fn(usize) -> Result<u64, Error> + Sync,
) -> Result<f64, Error> {
    let (short, long) = (effort.calls / 4, effort.calls);
    let (few, many) = thread::scope(|scope| {
        let few = scope.spawn(|| instructions(short));
        let many = instructions(long);
        (few.join().map_err(|_| Error::from("a run panicked")), many)
    });
    let difference = many?.saturating_sub(few??);
    Ok(difference as f64 / (long - short) as f64)
}

/// Where a run under callgrind leaves what it counted.
#[derive(Debug)]
pub(crate) struct Counter {
    file: PathBuf,
}

impl Counter {
    pub(crate) fn new(name: &str, calls: usize) -> Self {
        let file = format!("bench-callgrind-{}-{name}-{calls}.out", std::process::id());
        Self {
            file: std::env::temp_dir().join(file),
        }
    }

    /// The command that goes in front.
    pub(crate) fn before(&self, valgrind: &Path) -> [String; 3] {
        [
            valgrind.to_string_lossy().into_owned(),
            "--tool=callgrind".to_owned(),
            format!("--callgrind-out-file={}", self.file.display()),
        ]
    }

    /// All instructions, once the run has ended.
    pub(crate) fn read(self) -> Result<u64, Error> {
        let text = fs::read_to_string(&self.file)
            .map_err(|error| format!("callgrind left no result: {error}"))?;
        fs::remove_file(&self.file)?;
        let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
        let total = total.ok_or("the callgrind result has no total")?;
        Ok(total.trim().parse()?)
    }
}

/// All instructions of a run with so many calls.
fn instructions(
    count: &Count,
    subject: Subject,
    calls: usize,
    valgrind: &Path,
) -> Result<u64, Error> {
    let counter = Counter::new(&format!("{subject:?}"), calls);
    let before = counter.before(valgrind);
    let mut running = Running::start(subject, count.transport, count.tools, &before)?;
    match count.transport {
        Transport::Http => {
            let address = running.listening()?;
            let mut load = http::Load::open(address, count.era, Operation::Add, 1)?;
            load.run(Until::Calls(calls))?;
        }
        Transport::Stdio => {
            let mut load = stdio::Load::open(subject, &mut running, count.era, Operation::Add, 1)?;
            load.run(Until::Calls(calls))?;
        }
    }
    running.stop()?;
    let counted = counter.read();
    counted.map_err(|error| format!("{}: {error}", subject.name()).into())
}
