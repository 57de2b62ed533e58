//! Counting what passed and what failed, over all suites.

use std::ops::AddAssign;

use crate::failure::{Failure, Result};

/// Tests, scenarios or checks that passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
}

impl Tally {
    /// Counts one outcome.
    pub(crate) fn count(&mut self, passed: bool) {
        if passed {
            self.passed += 1;
        } else {
            self.failed += 1;
        }
    }

    /// A failure if anything failed, or if nothing ran at all.
    pub(crate) fn verdict(self, suite: &str) -> Result<()> {
        if self.failed > 0 {
            return Err(Failure::new(format!("{suite}: {} failed", self.failed))
                .next("read the lines marked FAILED above"));
        }
        if self.passed == 0 {
            return Err(Failure::new(format!("{suite}: nothing ran")));
        }
        Ok(())
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}
