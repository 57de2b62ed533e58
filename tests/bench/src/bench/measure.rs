//! Interleaved rounds over several servers.

use std::time::Instant;

use crate::http::{self, Until};
use crate::plan::{Measure, Shape};
use crate::stdio;
use crate::subject::{Running, Subject, apart};
use crate::{Effort, Error};

/// What the rounds of a measure gave.
#[derive(Debug)]
pub(crate) struct Timed {
    pub(crate) measure: Measure,
    pub(crate) rows: Vec<Row>,
}

/// One server in a measure.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) subject: Subject,
    /// Microseconds of CPU per call, a figure per round.
    pub(crate) cpu: Vec<f64>,
    /// The same as a multiple of the first server in the same round.
    pub(crate) ratios: Vec<f64>,
    /// Calls per second of wall time, a figure per round.
    pub(crate) rate: Vec<f64>,
    /// Resident KiB after the rounds.
    pub(crate) rss: u64,
}

enum Load {
    Http(http::Load),
    Stdio(stdio::Load),
}

impl Load {
    fn open(subject: Subject, running: &mut Running, measure: &Measure) -> Result<Self, Error> {
        let (era, operation) = (measure.era, measure.operation);
        Ok(match measure.shape {
            Shape::Http { connections } => {
                let address = running.listening()?;
                Self::Http(http::Load::open(address, era, operation, connections)?)
            }
            Shape::Stdio { depth } => {
                Self::Stdio(stdio::Load::open(subject, running, era, operation, depth)?)
            }
        })
    }

    fn run(&mut self, until: Until) -> Result<usize, Error> {
        match self {
            Self::Http(load) => load.run(until),
            Self::Stdio(load) => load.run(until),
        }
    }
}

/// Starts all servers of `measure` and loads them in turn, A B C A B C.
pub(crate) fn run(measure: &Measure, effort: Effort, place_apart: bool) -> Result<Timed, Error> {
    let mut taking_part = Vec::new();
    for &subject in &measure.subjects {
        let start = || Running::start(subject, measure.shape.transport(), measure.tools, &[]);
        let mut running = apart(place_apart, start)??;
        let mut load = Load::open(subject, &mut running, measure)
            .map_err(|error| format!("{}: {error}", subject.name()))?;
        load.run(Until::Time(Instant::now() + effort.round / 2))?;
        let row = Row {
            subject,
            cpu: Vec::new(),
            ratios: Vec::new(),
            rate: Vec::new(),
            rss: 0,
        };
        taking_part.push((running, load, row));
    }
    for _ in 0..effort.rounds {
        let mut first = None;
        for (running, load, row) in &mut taking_part {
            let (start, before) = (Instant::now(), running.cpu()?);
            let calls = load.run(Until::Time(start + effort.round))? as f64;
            let cpu = (running.cpu()? - before).as_secs_f64() * 1e6 / calls;
            row.rate.push(calls / start.elapsed().as_secs_f64());
            row.cpu.push(cpu);
            row.ratios.push(cpu / *first.get_or_insert(cpu));
        }
    }
    let mut rows = Vec::new();
    for (running, _, mut row) in taking_part {
        row.rss = running.rss()?;
        rows.push(row);
    }
    Ok(Timed {
        measure: measure.clone(),
        rows,
    })
}
