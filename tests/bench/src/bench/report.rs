//! The figures as Markdown.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::callgrind::Counted;
use crate::clients::Compared;
use crate::cold::Starts;
use crate::measure::Timed;
use crate::memory::InMemory;
use crate::subject::Subject;
use crate::{Effort, Error};

/// The report so far.
#[derive(Debug)]
pub(crate) struct Report {
    body: String,
    targets: Vec<Target>,
}

/// A figure of ours that has to stay below a limit.
#[derive(Debug)]
struct Target {
    name: String,
    unit: &'static str,
    rmcp: Option<f64>,
    ours: f64,
    limit: f64,
}

impl Report {
    pub(crate) fn new(effort: Effort, spread: bool) -> Self {
        let place = if spread {
            "no process pinned"
        } else {
            "the load on a processor of its own"
        };
        let body = format!(
            "Medians of {} interleaved rounds of {:?}, {place}. CPU is user and system time of the \
             measured process; × is the multiple of the first line in the same round.\n",
            effort.rounds, effort.round
        );
        Self {
            body,
            targets: Vec::new(),
        }
    }

    /// Adds a measure of time.
    pub(crate) fn timed(&mut self, timed: &Timed) {
        let name = timed.measure.name;
        let _ = write!(
            self.body,
            "\n## {name}\n\n| server | CPU µs per call | × (lowest to highest) | calls per second | RSS MB |\n|---|---|---|---|---|\n"
        );
        for row in &timed.rows {
            let (low, high) = range(&row.ratios);
            let (cpu, ratio, rate) = (median(&row.cpu), median(&row.ratios), median(&row.rate));
            let rss = row.rss as f64 / 1024.0;
            let line = format!(
                "| {} | {cpu:.2} | {ratio:.2} ({low:.2} to {high:.2}) | {rate:.0} | {rss:.1} |",
                row.subject.name()
            );
            println!("  {line}");
            let _ = writeln!(self.body, "{line}");
        }
        let of = |subject| timed.rows.iter().find(|row| row.subject == subject);
        if let (Some(limit), Some(ours)) = (timed.measure.target, of(Subject::Purlin)) {
            self.targets.push(Target {
                name: format!("{name}, CPU beside {}", timed.rows[0].subject.name()),
                unit: "×",
                rmcp: of(Subject::Rmcp).map(|row| median(&row.ratios)),
                ours: median(&ours.ratios),
                limit,
            });
        }
    }

    /// Adds a count of instructions.
    pub(crate) fn counted(&mut self, counted: &Counted) {
        let name = counted.count.name;
        let _ = write!(
            self.body,
            "\n## {name}\n\n| server | thousands per call |\n|---|---|\n"
        );
        for (subject, instructions) in &counted.rows {
            let line = format!("| {} | {:.2} |", subject.name(), instructions / 1e3);
            println!("  {line}");
            let _ = writeln!(self.body, "{line}");
        }
        let of = |wanted| {
            counted
                .rows
                .iter()
                .find(|row| row.0 == wanted)
                .map(|row| row.1 / 1e3)
        };
        if let (Some(limit), Some(ours)) = (counted.count.target, of(Subject::Purlin)) {
            let name = name.to_owned();
            let rmcp = of(Subject::Rmcp);
            self.targets.push(Target {
                name,
                unit: "k",
                rmcp,
                ours,
                limit: limit / 1e3,
            });
        }
    }

    /// Adds times to the first answer.
    pub(crate) fn started(&mut self, name: &str, starts: &Starts) {
        let _ = write!(
            self.body,
            "\n## {name}\n\n| server | ms to the first answer (lowest to highest) |\n|---|---|\n"
        );
        for (subject, times) in starts {
            let (low, high) = range(times);
            let line = format!(
                "| {} | {:.1} ({low:.1} to {high:.1}) |",
                subject.name(),
                median(times)
            );
            println!("  {line}");
            let _ = writeln!(self.body, "{line}");
        }
    }

    /// Adds calls without a transport.
    pub(crate) fn in_memory(&mut self, name: &str, eras: &InMemory) {
        let _ = write!(
            self.body,
            "\n## {name}\n\n| era | CPU µs per call, client and server |\n|---|---|\n"
        );
        for (era, cpu) in eras {
            let line = format!("| {era} | {cpu:.2} |");
            println!("  {line}");
            let _ = writeln!(self.body, "{line}");
        }
    }

    /// Adds calls of both clients. Ours should need no more than theirs.
    pub(crate) fn clients(&mut self, compared: &Compared) {
        let name = compared.calls.name;
        let _ = write!(
            self.body,
            "\n## {name}\n\n| client | CPU µs per call | calls per second | thousand instructions per call |\n|---|---|---|---|\n"
        );
        let (rmcp, purlin) = (&compared.rmcp, &compared.purlin);
        for (client, row) in [(Subject::Rmcp, rmcp), (Subject::Purlin, purlin)] {
            let (cpu, rate) = (median(&row.cpu), 1e6 / median(&row.time));
            let counted = row.instructions.map_or("-".to_owned(), thousands);
            let line = format!("| {} | {cpu:.2} | {rate:.0} | {counted} |", client.name());
            println!("  {line}");
            let _ = writeln!(self.body, "{line}");
        }
        self.beside_rmcp(format!("{name}, CPU"), &purlin.cpu, &rmcp.cpu);
        self.beside_rmcp(format!("{name}, time"), &purlin.time, &rmcp.time);
        if let (Some(ours), Some(theirs)) = (purlin.instructions, rmcp.instructions) {
            self.beside_rmcp(format!("{name}, instructions"), &[ours], &[theirs]);
        }
    }

    fn beside_rmcp(&mut self, name: String, ours: &[f64], theirs: &[f64]) {
        let ratios: Vec<f64> = ours.iter().zip(theirs).map(|(a, b)| a / b).collect();
        self.targets.push(Target {
            name,
            unit: "×",
            rmcp: Some(1.0),
            ours: median(&ratios),
            limit: 1.0,
        });
    }

    /// The table of targets.
    pub(crate) fn targets(&self) -> String {
        let mut table =
            "| measure | rmcp 3.9 | ours | at most | met |\n|---|---|---|---|---|\n".to_owned();
        for Target {
            name,
            unit,
            rmcp,
            ours,
            limit,
        } in &self.targets
        {
            let rmcp = rmcp.map_or("-".to_owned(), |rmcp| format!("{rmcp:.2} {unit}"));
            let met = if ours <= limit { "yes" } else { "**no**" };
            let _ = writeln!(
                table,
                "| {name} | {rmcp} | {ours:.2} {unit} | {limit} {unit} | {met} |"
            );
        }
        table
    }

    pub(crate) fn write(&self, path: &Path) -> Result<(), Error> {
        if let Some(dir) = path.parent() {
            fs::create_dir_all(dir)?;
        }
        let text = format!("# Measured\n\n{}\n{}", self.targets(), self.body);
        fs::write(path, text)?;
        Ok(())
    }
}

fn thousands(instructions: f64) -> String {
    format!("{:.2}", instructions / 1e3)
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

fn range(values: &[f64]) -> (f64, f64) {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (low, high)
}
