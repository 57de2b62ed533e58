//! What came of the steps of all clients.

use std::collections::BTreeMap;

use crate::report::Report;

/// How many words on failures are kept.
const EXAMPLES: usize = 5;

/// Counts by what was tried.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    right: BTreeMap<&'static str, usize>,
    /// Failures that the chaos explains.
    excused: usize,
    wrong: usize,
    hangs: usize,
    examples: Vec<String>,
}

impl Tally {
    pub(crate) fn right(&mut self, what: &'static str) {
        *self.right.entry(what).or_default() += 1;
    }

    pub(crate) fn excused(&mut self) {
        self.excused += 1;
    }

    pub(crate) fn wrong(&mut self, what: &str, why: &str) {
        self.wrong += 1;
        self.example(what, why);
    }

    pub(crate) fn hang(&mut self, what: &str, why: &str) {
        self.hangs += 1;
        self.example(what, why);
    }

    fn example(&mut self, what: &str, why: &str) {
        eprintln!("{what}: {why}");
        if self.examples.len() < EXAMPLES {
            let why: String = why.chars().take(160).collect();
            let why = why.replace(['|', '\n'], " ");
            self.examples.push(format!("{what}: {why}"));
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        for (what, count) in other.right {
            *self.right.entry(what).or_default() += count;
        }
        self.excused += other.excused;
        self.wrong += other.wrong;
        self.hangs += other.hangs;
        self.examples.extend(other.examples);
        self.examples.truncate(EXAMPLES);
    }

    pub(crate) fn report(&self, report: &mut Report, chaos: bool) {
        let all: usize = self.right.values().sum();
        let kinds = self
            .right
            .iter()
            .map(|(what, count)| format!("{count} {what}"));
        let kinds = kinds.collect::<Vec<_>>().join(", ");
        let test = "answers";
        report.hard(test, "right ones of every kind", kinds, self.is_complete());
        if chaos {
            let measured = format!("{} beside {all} right ones", self.excused);
            report.speed(test, "lost to cuts and kills", measured, true);
        }
        let examples = self.examples.join("; ");
        let wrong = format!("{} {examples}", self.wrong);
        report.hard(test, "0 wrong", wrong.trim(), self.wrong == 0);
        report.hard(test, "0 hangs", self.hangs.to_string(), self.hangs == 0);
    }

    fn is_complete(&self) -> bool {
        super::traffic::KINDS
            .iter()
            .all(|kind| self.right.contains_key(kind))
    }
}
