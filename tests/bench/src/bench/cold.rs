//! From the start of a process to its first answer.

use std::time::Instant;

use crate::http;
use crate::request::Era;
use crate::stdio;
use crate::subject::{Running, Subject, Transport};
use crate::{Effort, Error};

/// Milliseconds of each start, by server.
pub(crate) type Starts = Vec<(Subject, Vec<f64>)>;

pub(crate) fn run(
    subjects: &[Subject],
    transport: Transport,
    effort: Effort,
) -> Result<Starts, Error> {
    let mut starts: Starts = subjects
        .iter()
        .map(|&subject| (subject, Vec::new()))
        .collect();
    for _ in 0..effort.rounds * 3 {
        for (subject, times) in &mut starts {
            times.push(once(*subject, transport)?);
        }
    }
    Ok(starts)
}

fn once(subject: Subject, transport: Transport) -> Result<f64, Error> {
    let start = Instant::now();
    let mut running = Running::start(subject, transport, 0, &[])?;
    match transport {
        Transport::Http => http::first_answer(running.listening()?)?,
        Transport::Stdio => stdio::Load::unopened(&mut running)?.first(Era::Session)?,
    }
    Ok(start.elapsed().as_secs_f64() * 1e3)
}
