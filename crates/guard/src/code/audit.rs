//! What events say of a run: its language and what it used, never its code or its output.

use super::{CodeError, Outcome};
use crate::events::{self, InFlight, Operation};

/// Adds what a run used.
pub(super) fn record_usage(in_flight: &mut InFlight, outcome: &Outcome) {
    in_flight.note(|operation| {
        if let Operation::Run {
            tier, cpu, memory, ..
        } = operation
        {
            *tier = Some(outcome.tier().name());
            *cpu = Some(outcome.usage().cpu);
            *memory = Some(outcome.usage().peak_memory);
        }
    });
}

/// How an event classifies the end: a run that did not start was refused, one that did has failed.
pub(super) fn classify(result: &Result<Outcome, CodeError>) -> events::Outcome {
    match result {
        Ok(_) => events::Outcome::Done,
        Err(error @ CodeError::Unavailable(_)) => events::Outcome::Failed(error.name()),
        Err(error) if error.outcome().is_some() => events::Outcome::Failed(error.name()),
        Err(error) => events::Outcome::Refused(error.name()),
    }
}
