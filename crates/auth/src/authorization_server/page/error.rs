//! The page for whoever can be sent nowhere.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};

use super::{Escaped, Pages};

/// Why this goes no further, and what to do. Shown where sending the user on would be sending
/// them to somebody who may be an attacker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct ErrorPage {
    pub(in super::super) status: StatusCode,
    pub(in super::super) problem: &'static str,
    pub(in super::super) advice: &'static str,
    pub(in super::super) retry_after: Option<Duration>,
}

impl ErrorPage {
    pub(in super::super) const fn new(
        status: StatusCode,
        problem: &'static str,
        advice: &'static str,
    ) -> Self {
        Self {
            status,
            problem,
            advice,
            retry_after: None,
        }
    }

    /// Something we need does not answer.
    pub(in super::super) const fn unavailable(after: Duration) -> Self {
        Self {
            retry_after: Some(after),
            ..Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "Logging in is not possible at the moment.",
                "Wait a little, go back to the application and start again.",
            )
        }
    }

    /// Somebody asks too often.
    pub(in super::super) const fn too_many(after: Duration) -> Self {
        Self {
            retry_after: Some(after),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "There have been too many attempts.",
                "Wait a minute, go back to the application and start again.",
            )
        }
    }

    pub(in super::super) fn answer(&self, pages: &Pages) -> Response<Bytes> {
        let (problem, advice) = (Escaped(self.problem), Escaped(self.advice));
        let main = format!(
            "<h1>This did not work</h1>\n<div class=\"notice error\">\n\
             <p><strong>{problem}</strong></p>\n<p>{advice}</p>\n</div>\n"
        );
        let mut response = pages.page(self.status, "This did not work", &main);
        if let Some(after) = self.retry_after {
            let seconds = HeaderValue::from(after.as_secs().max(1));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}
