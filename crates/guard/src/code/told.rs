//! What is told of a run: its language and what it took, never what it is or says.

use super::{CodeError, Outcome};
use crate::events::{self, Deed, Watch};

/// What came of it, once it had started.
pub(super) fn went(watch: &mut Watch, outcome: &Outcome) {
    watch.note(|deed| {
        if let Deed::Run {
            tier, cpu, memory, ..
        } = deed
        {
            *tier = Some(outcome.tier().name());
            *cpu = Some(outcome.usage().cpu);
            *memory = Some(outcome.usage().peak_memory);
        }
    });
}

/// What became of it: what did not start was refused, and what did has failed.
pub(super) fn outcome(result: &Result<Outcome, CodeError>) -> events::Outcome {
    match result {
        Ok(_) => events::Outcome::Done,
        Err(error @ CodeError::Unavailable(_)) => events::Outcome::Failed(error.name()),
        Err(error) if error.outcome().is_some() => events::Outcome::Failed(error.name()),
        Err(error) => events::Outcome::Refused(error.name()),
    }
}
