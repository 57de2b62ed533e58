//! The figures as Markdown.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use super::Pair;
use crate::failure::{Context, Result};

/// What ours may be of theirs.
const LIMIT: f64 = 0.5;

/// The rows measured so far.
#[derive(Debug, Default)]
pub(crate) struct Table(String);

/// One measure.
#[derive(Debug)]
pub(crate) struct Row {
    name: String,
    unit: &'static str,
    decimals: usize,
    rounds: Vec<Pair>,
}

impl Row {
    /// User CPU, a figure per round.
    pub(crate) fn time(name: &str, rounds: Vec<Pair>) -> Self {
        let name = format!("user CPU, {name}");
        Self {
            name,
            unit: " s",
            decimals: 2,
            rounds,
        }
    }

    pub(crate) fn size(name: &str, pair: Pair) -> Self {
        Self {
            name: name.to_owned(),
            unit: " MB",
            decimals: 1,
            rounds: vec![pair],
        }
    }

    pub(crate) fn count(name: &str, pair: Pair) -> Self {
        Self {
            name: name.to_owned(),
            unit: "",
            decimals: 0,
            rounds: vec![pair],
        }
    }

    /// The middle of a figure over the rounds, its lowest and its highest.
    fn spread(&self, figure: impl Fn(&Pair) -> f64) -> [f64; 3] {
        let mut figures: Vec<f64> = self.rounds.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        let at = |index: usize| figures.get(index).copied().unwrap_or(f64::NAN);
        [
            at(figures.len() / 2),
            at(0),
            at(figures.len().saturating_sub(1)),
        ]
    }

    fn line(&self) -> String {
        let Self {
            name,
            unit,
            decimals,
            rounds,
        } = self;
        let [ours, ..] = self.spread(|pair| pair.ours);
        let [theirs, ..] = self.spread(|pair| pair.theirs);
        let [ratio, low, high] = self.spread(|pair| pair.ours / pair.theirs);
        let range = match rounds.len() {
            1 => String::new(),
            _ => format!(" ({low:.2} to {high:.2})"),
        };
        let met = if ratio <= LIMIT { "yes" } else { "**no**" };
        format!(
            "| {name} | {theirs:.decimals$}{unit} | {ours:.decimals$}{unit} \
             | {ratio:.2}{range} | {LIMIT} | {met} |"
        )
    }
}

impl Table {
    const HEAD: &str = "| measure | rmcp 3.9 | ours | ratio (lowest to highest) | at most | met |\n\
         |---|---|---|---|---|---|\n";

    /// Adds a row, and shows it.
    pub(crate) fn add(&mut self, row: &Row) {
        let line = row.line();
        println!("  {line}");
        let _ = writeln!(self.0, "{line}");
    }

    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let text = format!("{}{}", Self::HEAD, self.0);
        print!("\n{text}");
        fs::write(path, text).context(format_args!("cannot write {}", path.display()))
    }
}
