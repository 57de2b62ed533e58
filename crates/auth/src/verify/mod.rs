//! Judges credentials.
