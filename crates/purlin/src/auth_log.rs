//! Logins in the audit log of the shelf.
//!
//! `auth` tells of events and `middleware` keeps records; neither knows the other, so
//! what joins them stands here.

use purlin_auth::audit::{AuthEvent, AuthEvents, AuthOutcome};
use purlin_middleware::audit::{Audit, AuditEvent, Outcome};

/// Writes what happens to logins, consents and tokens into an audit log, beside the
/// records of requests.
///
/// A record is called `auth/` and the kind of the event: `auth/login`, `auth/consent`,
/// `auth/denial`, `auth/issue`, `auth/access` and so on. It has `client`, `subject`, `address`
/// and `reason` as far as they are known, `left_out` where events were not told of, and
/// the outcome `ok`, `denied` or `error`.
///
/// Nobody who logs in waits for it: an event that the log has no place for is counted
/// ([`AuditStatistics::refused`](purlin_middleware::audit::AuditStatistics::refused)) and told to `tracing`.
///
/// ```
/// use purlin::auth::{authorization_server::{AuthorizationServer, DevelopmentLogin}};
/// use purlin::middleware::{Audit, audit::{AuditFile, AuthLog}};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = std::env::temp_dir().join(format!("auth-log-{}", std::process::id()));
/// # let path = directory.join("audit.jsonl");
/// let audit = Audit::to(AuditFile::open(path)?)?;
/// let server = AuthorizationServer::builder("http://127.0.0.1:8000", DevelopmentLogin::new())
///     .events(AuthLog::to(&audit))
///     .build()?;
/// # std::fs::remove_dir_all(directory)?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct AuthLog(Audit);

impl AuthLog {
    /// Writes to this log.
    pub fn to(audit: &Audit) -> Self {
        Self(audit.clone())
    }
}

impl AuthEvents for AuthLog {
    fn record(&self, event: &AuthEvent) {
        // What finds no place, the log counts and tells of.
        let _ = self.0.try_record(record(event));
    }
}

fn record(event: &AuthEvent) -> AuditEvent {
    let outcome = match event.outcome() {
        AuthOutcome::Granted => Outcome::Ok,
        AuthOutcome::Refused => Outcome::Denied,
        _ => Outcome::Error,
    };
    let name = format!("auth/{}", event.kind().name());
    let mut record = AuditEvent::new(name).outcome(outcome);
    let address = event.address().map(|address| address.to_string());
    let left_out = (event.left_out() > 0).then(|| event.left_out().to_string());
    for (field, value) in [
        ("client", event.client()),
        ("subject", event.subject()),
        ("reason", event.reason()),
        ("address", address.as_deref()),
        ("left_out", left_out.as_deref()),
    ] {
        if let Some(value) = value {
            record = record.field(field, value);
        }
    }
    record
}
