//! The memory of a machine, bounded.

use wasmi::ResourceLimiter;
use wasmi_core::LimiterError;

/// How many entries the table of functions may have.
const TABLE: usize = 16_384;

/// The bound of the one memory that a machine has.
#[derive(Debug)]
pub(super) struct Memory {
    most: usize,
    peak: usize,
    refused: bool,
}

impl Memory {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            peak: 0,
            refused: false,
        }
    }

    /// The most it had, in bytes.
    pub(super) fn peak(&self) -> usize {
        self.peak
    }

    /// Whether more was asked for than there may be.
    pub(super) fn was_refused(&self) -> bool {
        self.refused
    }
}

impl ResourceLimiter for Memory {
    fn memory_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> Result<bool, LimiterError> {
        let fits = desired <= self.most;
        match fits {
            true => self.peak = self.peak.max(desired),
            false => self.refused = true,
        }
        Ok(fits)
    }

    /// QuickJS has one table, which does not grow.
    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _: Option<usize>,
    ) -> Result<bool, LimiterError> {
        Ok(current == 0 && desired <= TABLE)
    }

    fn instances(&self) -> usize {
        1
    }

    fn tables(&self) -> usize {
        1
    }

    fn memories(&self) -> usize {
        1
    }
}
