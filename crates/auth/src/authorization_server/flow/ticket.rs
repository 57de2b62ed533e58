//! A request that waits in a form, sealed, until the user has decided.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use purlin_core::KeyRing;
use serde::{Deserialize, Serialize};

use super::request::AuthorizationRequest;

/// How long a user may think, in seconds.
const LIFE: u64 = 600;

#[derive(Serialize, Deserialize)]
struct Ticket {
    request: AuthorizationRequest,
    /// In seconds since 1970.
    until: u64,
}

/// Seals a request for the browser with this CSRF token.
pub(in super::super) fn seal(
    ring: &KeyRing,
    request: AuthorizationRequest,
    csrf: &str,
    now: u64,
) -> String {
    let until = now.saturating_add(LIFE);
    let ticket = serde_json::to_vec(&Ticket { request, until }).expect("texts have JSON");
    URL_SAFE_NO_PAD.encode(ring.seal_value(&ticket, csrf.as_bytes()))
}

/// Opens it; `None` whatever is wrong with it.
pub(in super::super) fn open(
    ring: &KeyRing,
    ticket: &str,
    csrf: &str,
    now: u64,
) -> Option<AuthorizationRequest> {
    let sealed = URL_SAFE_NO_PAD.decode(ticket).ok()?;
    let plain = ring.open_value(&sealed, csrf.as_bytes())?;
    let Ticket { request, until } = serde_json::from_slice(&plain).ok()?;
    // A clock that was set back does not make tickets of the future.
    let alive = now < until && until - now <= LIFE + 60;
    alive.then_some(request)
}

#[cfg(test)]
mod tests {
    use super::{super::refusal::Return, *};

    fn request() -> AuthorizationRequest {
        AuthorizationRequest {
            client: "app".to_owned(),
            name: "App".to_owned(),
            back: Return {
                redirect_uri: "https://app.test/callback".to_owned(),
                state: None,
            },
            scopes: Vec::new(),
            challenge: String::new(),
            refreshable: true,
            ask: false,
        }
    }

    #[test]
    fn a_question_can_be_answered_for_ten_minutes() {
        let ring = KeyRing::default();
        let ticket = seal(&ring, request(), "token", 1_000);
        for (now, alive) in [(1_000, true), (1_599, true), (1_600, false), (0, false)] {
            let opened = open(&ring, &ticket, "token", now);
            assert_eq!(opened.is_some(), alive, "at {now}");
        }
        assert!(open(&ring, &ticket, "another", 1_000).is_none());
        assert!(open(&KeyRing::default(), &ticket, "token", 1_000).is_none());
    }
}
