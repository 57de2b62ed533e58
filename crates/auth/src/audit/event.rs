//! One thing that happened.

use std::net::IpAddr;

/// The longest text of an event, in characters; what is longer is cut.
const MAX_TEXT: usize = 200;

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuthEventKind {
    /// Somebody logged in, or tried to.
    Login,
    /// A user let an application in, now or by an earlier answer that is remembered.
    Consent,
    /// A user refused an application.
    Denial,
    /// A client registered itself, or tried to.
    Registration,
    /// Tokens were issued for a code or an assertion, or were refused.
    Issue,
    /// Tokens were issued for a refresh token, or were refused.
    Refresh,
    /// A code or a refresh token came a second time: what was issued for it is void.
    ReuseDetected,
    /// Tokens were revoked on request.
    Revocation,
    /// Logins were locked after too many failures.
    Lockout,
    /// A request was not let in, for what it showed or for want of scopes.
    Access,
}

impl AuthEventKind {
    /// The name of the kind as logs have it, for example `reuse_detected`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Consent => "consent",
            Self::Denial => "denial",
            Self::Registration => "registration",
            Self::Issue => "issue",
            Self::Refresh => "refresh",
            Self::ReuseDetected => "reuse_detected",
            Self::Revocation => "revocation",
            Self::Lockout => "lockout",
            Self::Access => "access",
        }
    }
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuthOutcome {
    /// As asked for.
    Granted,
    /// It was refused.
    Refused,
    /// It could not be done just now: something we depend on did not answer.
    Failed,
}

impl AuthOutcome {
    /// The name of the outcome as logs have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// One thing that happened: what, to whom, from where, how it ended.
///
/// Texts that others chose are cut at 200 characters and stripped of control characters.
///
/// ```
/// use purlin_auth::audit::{AuthEvent, AuthEventKind, AuthOutcome};
///
/// let event = AuthEvent::new(AuthEventKind::Login, AuthOutcome::Refused)
///     .with_client("https://app.example/client.json")
///     .with_reason("wrong_password");
/// assert_eq!(event.kind().name(), "login");
/// assert_eq!(event.reason(), Some("wrong_password"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthEvent {
    kind: AuthEventKind,
    outcome: AuthOutcome,
    client: Option<String>,
    subject: Option<String>,
    address: Option<IpAddr>,
    reason: Option<&'static str>,
    left_out: u64,
}

impl AuthEvent {
    /// An event about nobody yet.
    pub fn new(kind: AuthEventKind, outcome: AuthOutcome) -> Self {
        Self {
            kind,
            outcome,
            client: None,
            subject: None,
            address: None,
            reason: None,
            left_out: 0,
        }
    }

    /// Names the client, by its id.
    #[must_use]
    pub fn with_client(mut self, id: &str) -> Self {
        self.client = Some(printable(id));
        self
    }

    /// Names the user, by the subject that tokens have.
    #[must_use]
    pub fn with_subject(mut self, subject: &str) -> Self {
        self.subject = Some(printable(subject));
        self
    }

    /// Says where the request came from.
    #[must_use]
    pub fn with_address(mut self, address: Option<IpAddr>) -> Self {
        self.address = address;
        self
    }

    /// Says why, in a word of ours.
    #[must_use]
    pub fn with_reason(mut self, reason: &'static str) -> Self {
        self.reason = Some(reason);
        self
    }

    /// Says how many events were not told of before this one.
    #[must_use]
    pub fn with_left_out(mut self, events: u64) -> Self {
        self.left_out = events;
        self
    }

    /// What kind of thing happened.
    pub fn kind(&self) -> AuthEventKind {
        self.kind
    }

    /// How it ended.
    pub fn outcome(&self) -> AuthOutcome {
        self.outcome
    }

    /// The id of the client, if one is known.
    pub fn client(&self) -> Option<&str> {
        self.client.as_deref()
    }

    /// The subject of the user, if one is known.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// Where the request came from, if the transport knows.
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// Why, in a word of ours.
    pub fn reason(&self) -> Option<&'static str> {
        self.reason
    }

    /// How many events of this sort were not told of since the last one, because there were too
    /// many: what callers cause that nobody knows is bounded.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }
}

/// A text of somebody else as a log may hold it: one line, and short.
fn printable(text: &str) -> String {
    let visible = text.chars().filter(|letter| !letter.is_control());
    visible.take(MAX_TEXT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_others_are_cut_and_stay_on_one_line() {
        let event = AuthEvent::new(AuthEventKind::Consent, AuthOutcome::Granted)
            .with_client(&format!("a\n\u{1b}[31mb{}", "c".repeat(1_000)));
        let client = event.client().unwrap();
        assert!(client.starts_with("a[31mbc"), "{client}");
        assert_eq!(client.len(), MAX_TEXT);
    }
}
