//! What came of the steps of all clients.

use std::{collections::BTreeMap, time::Duration};

use crate::report::Report;

/// How many words on failures are kept.
const EXAMPLES: usize = 5;

/// Counts by what was tried.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    right: BTreeMap<&'static str, usize>,
    /// Failures that broken connections explain.
    cut: usize,
    /// Those that a store explains which was away.
    away: usize,
    /// Counts that a corrupted store lost.
    lost: usize,
    /// The longest that an answer took which needed the store.
    longest: Duration,
    wrong: usize,
    hangs: usize,
    examples: Vec<String>,
}

impl Tally {
    pub(crate) fn right(&mut self, what: &'static str) {
        *self.right.entry(what).or_default() += 1;
    }

    pub(crate) fn cut(&mut self) {
        self.cut += 1;
    }

    pub(crate) fn away(&mut self) {
        self.away += 1;
    }

    pub(crate) fn lost(&mut self) {
        self.lost += 1;
    }

    pub(crate) fn took(&mut self, time: Duration) {
        self.longest = self.longest.max(time);
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
        self.cut += other.cut;
        self.away += other.away;
        self.lost += other.lost;
        self.longest = self.longest.max(other.longest);
        self.wrong += other.wrong;
        self.hangs += other.hangs;
        self.examples.extend(other.examples);
        self.examples.truncate(EXAMPLES);
    }

    /// `broken` is how many connections the chaos has broken, if there was one.
    pub(crate) fn report(&self, report: &mut Report, broken: Option<usize>) {
        let kinds = self
            .right
            .iter()
            .map(|(what, count)| format!("{count} {what}"));
        let kinds = kinds.collect::<Vec<_>>().join(", ");
        let test = "answers";
        report.hard(test, "right ones of every kind", kinds, self.is_complete());
        if let Some(broken) = broken {
            self.report_chaos(report, broken);
        }
        let examples = self.examples.join("; ");
        let wrong = format!("{} {examples}", self.wrong);
        report.hard(test, "0 wrong", wrong.trim(), self.wrong == 0);
        report.hard(test, "0 hangs", self.hangs.to_string(), self.hangs == 0);
    }

    fn report_chaos(&self, report: &mut Report, broken: usize) {
        let all: usize = self.right.values().sum();
        let test = "beside chaos";
        report.speed(test, "right answers", all.to_string(), true);
        let limit = format!("no more lost than the {broken} broken connections");
        report.hard(test, limit, self.cut.to_string(), self.cut <= broken);
        let limit = "refused while the store was away, and told when to come back";
        report.speed(test, limit, self.away.to_string(), true);
        let limit = "counts that a corrupted store lost";
        report.speed(test, limit, self.lost.to_string(), true);
        let limit = "an answer that needs the store in ≤ 5 s";
        let held = self.longest <= Duration::from_secs(5);
        report.speed(test, limit, format!("{:.1?}", self.longest), held);
    }

    fn is_complete(&self) -> bool {
        super::traffic::KINDS
            .iter()
            .all(|kind| self.right.contains_key(kind))
    }
}
