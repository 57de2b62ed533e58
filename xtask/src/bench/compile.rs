//! `cargo xtask bench compile`: what 200 tools cost their author at the
//! compiler, beside the official Rust SDK.
//!
//! Both servers offer the same tools on stdio. Measures alternate between them,
//! and only ratios within a round count, because the machine is shared. What is
//! measured is the user CPU of cargo and all it starts.

mod program;
mod scratch;
mod table;

use std::ops::AddAssign;

use clap::Args;

use self::program::{Sdk, Variant};
use self::scratch::Scratch;
use self::table::{Row, Table};
use crate::cmd;
use crate::failure::Result;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only the measures whose name contains this: `everything`, `server`,
    /// `check`, `size`, `mistakes`.
    #[arg(long)]
    only: Option<String>,
    /// How often the short measures are repeated.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
}

/// Ours and theirs, of one measure or one round of it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pair {
    pub(crate) ours: f64,
    pub(crate) theirs: f64,
}

/// A measure: its name, and what takes it.
type Measure = (&'static str, fn(&mut Bench, &Options) -> Result<Vec<Row>>);

const MEASURES: [Measure; 5] = [
    ("everything", Bench::everything),
    ("server", Bench::server_alone),
    ("check", Bench::check),
    ("size", Bench::sizes),
    ("mistakes", Bench::mistakes),
];

/// The command itself.
pub(crate) fn run(options: &Options) -> Result<()> {
    let mut bench = Bench::new()?;
    let mut table = Table::default();
    for (name, measure) in MEASURES {
        if options
            .only
            .as_ref()
            .is_none_or(|only| name.contains(&**only))
        {
            for row in measure(&mut bench, options)? {
                table.add(&row);
            }
        }
    }
    let report = cmd::target().join("bench/compile.md");
    table.write(&report)?;
    println!("report: {}", report.display());
    Ok(())
}

/// The two servers on disk.
#[derive(Debug)]
struct Bench {
    ours: Scratch,
    theirs: Scratch,
}

impl Bench {
    fn new() -> Result<Self> {
        Ok(Self {
            ours: Scratch::create(Sdk::Purlin)?,
            theirs: Scratch::create(Sdk::Rmcp)?,
        })
    }

    /// Measures the two in turn.
    fn pair(&mut self, measure: impl Fn(&mut Scratch) -> Result<f64>) -> Result<Pair> {
        Ok(Pair {
            ours: measure(&mut self.ours)?,
            theirs: measure(&mut self.theirs)?,
        })
    }

    fn rounds(
        &mut self,
        rounds: u32,
        measure: impl Fn(&mut Scratch, u32) -> Result<f64>,
    ) -> Result<Vec<Pair>> {
        (1..=rounds)
            .map(|round| self.pair(|scratch| measure(scratch, round)))
            .collect()
    }

    /// A debug build with nothing built before.
    fn everything(&mut self, _: &Options) -> Result<Vec<Row>> {
        let pair = self.pair(|scratch| {
            scratch.start_over()?;
            scratch.cpu(&["build"])
        })?;
        let name = "clean debug build, with dependencies";
        Ok(vec![Row::time(name, vec![pair])])
    }

    fn server_alone(&mut self, options: &Options) -> Result<Vec<Row>> {
        self.pair(|scratch| scratch.cpu(&["build"]))?;
        let rounds = self.rounds(options.rounds, |scratch, _| {
            scratch.forget_crate()?;
            scratch.cpu(&["build"])
        })?;
        let name = "clean debug build, the server alone";
        Ok(vec![Row::time(name, rounds)])
    }

    fn check(&mut self, options: &Options) -> Result<Vec<Row>> {
        self.pair(|scratch| scratch.cpu(&["check"]))?;
        let rounds = self.rounds(options.rounds, |scratch, round| {
            scratch.write(Variant::Edited(round))?;
            scratch.cpu(&["check"])
        })?;
        let name = "`cargo check` after a change in one tool";
        Ok(vec![Row::time(name, rounds)])
    }

    fn sizes(&mut self, _: &Options) -> Result<Vec<Row>> {
        let debug = self.built_as(Variant::Edited(0), "debug", &["build"])?;
        let first = self.built_as(Variant::FirstTool, "debug", &["build"])?;
        let release = self.built_as(Variant::Edited(0), "release", &["build", "--release"])?;
        let added = Pair {
            ours: debug.ours - first.ours,
            theirs: debug.theirs - first.theirs,
        };
        Ok(vec![
            Row::size("binary, debug", debug),
            Row::size("binary, debug, all tools but the first", added),
            Row::size("binary, release, stripped", release),
        ])
    }

    /// The sizes of the binaries of a variant.
    fn built_as(&mut self, variant: Variant, profile: &str, build: &[&str]) -> Result<Pair> {
        self.pair(|scratch| {
            scratch.write(variant)?;
            scratch.cpu(build)?;
            scratch.size(profile)
        })
    }

    /// Errors and their lines, all mistakes together.
    fn mistakes(&mut self, _: &Options) -> Result<Vec<Row>> {
        let mistakes = [Variant::BadParameter, Variant::BadReturn];
        let mut errors = Pair::default();
        let mut lines = Pair::default();
        for variant in mistakes {
            let (ours, theirs) = (
                self.ours.complaints(variant)?,
                self.theirs.complaints(variant)?,
            );
            errors += Pair {
                ours: ours.errors,
                theirs: theirs.errors,
            };
            lines += Pair {
                ours: ours.lines,
                theirs: theirs.lines,
            };
        }
        Ok(vec![
            Row::count("errors for two mistakes", errors),
            Row::count("lines of them", lines),
        ])
    }
}

impl AddAssign for Pair {
    fn add_assign(&mut self, other: Self) {
        self.ours += other.ours;
        self.theirs += other.theirs;
    }
}
