//! What is told of a fetch: hosts, and never a path or a query.

use http::HeaderValue;

use super::{FetchError, Fetched, Target, redirect};
use crate::events::{Deed, Outcome, Watch};

/// The URL that was asked for.
pub(super) fn asked(watch: &mut Watch, url: &str) {
    let named = Target::parse(url).ok().map(|it| it.host().to_string());
    watch.note(|deed| {
        if let Deed::Fetch { host, .. } = deed {
            *host = named;
        }
    });
}

/// A redirect, before anybody has judged where it leads.
pub(super) fn redirected(watch: &mut Watch, from: &Target, location: &HeaderValue) {
    let to = redirect::names(from, location);
    watch.note(|deed| {
        if let Deed::Fetch { redirected_to, .. } = deed {
            *redirected_to = to;
        }
    });
}

/// The answer.
pub(super) fn answered(watch: &mut Watch, fetched: &Fetched) {
    watch.note(|deed| {
        if let Deed::Fetch { status, bytes, .. } = deed {
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
