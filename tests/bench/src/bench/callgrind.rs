//! Instructions per call: two runs of different length under callgrind, the
//! difference divided by the calls between them. What starting and stopping
//! cost falls out.

use std::fs;
use std::path::Path;
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
    let (short, long) = (effort.calls / 4, effort.calls);
    let mut rows = Vec::new();
    for &subject in &count.subjects {
        let (few, many) = thread::scope(|scope| {
            let few = scope.spawn(|| instructions(count, subject, short, valgrind));
            let many = instructions(count, subject, long, valgrind);
            (few.join().map_err(|_| Error::from("a run panicked")), many)
        });
        let difference = many?.saturating_sub(few??);
        rows.push((subject, difference as f64 / (long - short) as f64));
    }
    Ok(Counted {
        count: count.clone(),
        rows,
    })
}

/// All instructions of a run with so many calls.
fn instructions(
    count: &Count,
    subject: Subject,
    calls: usize,
    valgrind: &Path,
) -> Result<u64, Error> {
    let file = format!(
        "bench-callgrind-{}-{subject:?}-{calls}.out",
        std::process::id()
    );
    let file = std::env::temp_dir().join(file);
    let before = [
        valgrind.to_string_lossy().into_owned(),
        "--tool=callgrind".to_owned(),
        format!("--callgrind-out-file={}", file.display()),
    ];
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
    let text = fs::read_to_string(&file)
        .map_err(|error| format!("{}: callgrind left no result: {error}", subject.name()))?;
    fs::remove_file(&file)?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
    Ok(total
        .ok_or("the callgrind result has no total")?
        .trim()
        .parse()?)
}
