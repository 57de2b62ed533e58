//! What was to hold, what was measured, and whether it held.

use std::{fmt::Write as _, path::Path};

use crate::Result;

/// The table of a run, printed as it grows.
#[derive(Debug)]
pub(crate) struct Report {
    title: &'static str,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    test: &'static str,
    limit: String,
    measured: String,
    holds: bool,
    kind: Kind,
}

/// Whether a limit counts on any machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Answers, hangs, growth: broken is broken.
    Hard,
    /// How fast: told, because a busy machine breaks it as well.
    Speed,
}

impl Report {
    pub(crate) fn new(title: &'static str) -> Self {
        Self {
            title,
            rows: Vec::new(),
        }
    }

    /// A limit that holds on any machine.
    pub(crate) fn hard(
        &mut self,
        test: &'static str,
        limit: impl Into<String>,
        measured: impl Into<String>,
        holds: bool,
    ) {
        self.row(test, limit.into(), measured.into(), holds, Kind::Hard);
    }

    /// A limit of time, which does not decide.
    pub(crate) fn speed(
        &mut self,
        test: &'static str,
        limit: impl Into<String>,
        measured: impl Into<String>,
        holds: bool,
    ) {
        self.row(test, limit.into(), measured.into(), holds, Kind::Speed);
    }

    fn row(
        &mut self,
        test: &'static str,
        limit: String,
        measured: String,
        holds: bool,
        kind: Kind,
    ) {
        let row = Row {
            test,
            limit,
            measured,
            holds,
            kind,
        };
        println!("{}", row.line());
        self.rows.push(row);
    }

    /// Whether every hard limit held.
    pub(crate) fn is_held(&self) -> bool {
        let mut hard = self.rows.iter().filter(|row| row.kind == Kind::Hard);
        hard.all(|row| row.holds)
    }

    /// Writes it as Markdown.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let mut text = format!(
            "# {}\n\nClient and server ran on the same machine, over loopback. Limits of time \
             depend on what else it does; they are told and do not decide.\n\n\
             | test | limit | measured | held |\n|---|---|---|---|\n",
            self.title
        );
        for row in &self.rows {
            writeln!(text, "{}", row.line())?;
        }
        if let Some(directory) = path.parent() {
            std::fs::create_dir_all(directory)?;
        }
        std::fs::write(path, text)?;
        Ok(())
    }
}

impl Row {
    fn line(&self) -> String {
        let held = match (self.holds, self.kind) {
            (true, _) => "yes",
            (false, Kind::Hard) => "**no**",
            (false, Kind::Speed) => "no (time)",
        };
        format!(
            "| {} | {} | {} | {held} |",
            self.test, self.limit, self.measured
        )
    }
}
