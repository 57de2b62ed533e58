//! What is told of a fetch: hosts, and never a path or a query.

use http::HeaderValue;

use super::{FetchError, Fetched, Target, redirect};
use crate::events::{InFlight, Operation, Outcome};

/// The URL that was asked for.
pub(super) fn asked(in_flight: &mut InFlight, url: &str) {
    let named = Target::parse(url).ok().map(|it| it.host().to_string());
    in_flight.note(|operation| {
        if let Operation::Fetch { host, .. } = operation {
            *host = named;
        }
    });
}

/// A redirect, before anybody has judged where it leads.
pub(super) fn redirected(in_flight: &mut InFlight, from: &Target, location: &HeaderValue) {
    let to = redirect::names(from, location);
    in_flight.note(|operation| {
        if let Operation::Fetch { redirected_to, .. } = operation {
            *redirected_to = to;
        }
    });
}

/// The answer.
pub(super) fn answered(in_flight: &mut InFlight, fetched: &Fetched) {
    in_flight.note(|operation| {
        if let Operation::Fetch { status, bytes, .. } = operation {
            *status = Some(fetched.status().as_u16());
            *bytes = fetched.body().len() as u64;
        }
    });
}

/// What became of it: what no rule forbids and does not work all the same, has failed.
pub(super) fn outcome(result: &Result<Fetched, FetchError>) -> Outcome {
    let Err(error) = result else {
        return Outcome::Done;
    };
    match error {
        FetchError::Dns(_)
        | FetchError::Connect(_)
        | FetchError::Tls(_)
        | FetchError::Timeout(_)
        | FetchError::Decode(_)
        | FetchError::Protocol(_)
        | FetchError::Status(_) => Outcome::Failed(error.name()),
        _ => Outcome::Refused(error.name()),
    }
}
