//! What happened to whom: events of logins, consent, tokens and refusals.
//!
//! No event holds a secret.
