//! What is logged, and how that changes while the program runs.

use std::sync::OnceLock;

use purlin_core::{Error, ErrorKind, Result};
use tracing_subscriber::{
    Registry,
    filter::{LevelFilter, Targets},
    reload,
};

use crate::level;

/// What changes the level of the log that was started.
pub(crate) type Handle = reload::Handle<Targets, Registry>;

static RUNNING: OnceLock<Handle> = OnceLock::new();

pub(crate) fn keep(handle: Handle) {
    // A program has one subscriber, so there is one handle.
    let _ = RUNNING.set(handle);
}

/// Changes what is logged from now on: a level, or levels by target like
/// `warn,shop=debug`. False when no log of ours runs.
///
/// # Errors
/// [`ErrorKind::Configuration`] when the text cannot be read; nothing changes
/// then.
pub fn set_level(level: &str) -> Result<bool> {
    let targets = read(level, "the level")?;
    let Some(handle) = RUNNING.get() else {
        return Ok(false);
    };
    Ok(handle.reload(targets).is_ok())
}

/// What is logged now, as [`set_level`] takes it. `None` when no log of ours
/// runs.
pub fn level() -> Option<String> {
    RUNNING.get()?.with_current(Targets::to_string).ok()
}

/// What the environment, else the program, wants to be logged.
///
/// A variable that cannot be read is refused, as every setting is: a log that
/// tells something else than was asked for is noticed when it is needed.
pub(super) fn wanted(
    program: Option<&str>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Targets> {
    let variable = |name| variable(name).filter(|text| !text.trim().is_empty());
    if let Some(text) = variable("RUST_LOG") {
        return read(&text, "`RUST_LOG`");
    }
    // The program's own level has been read from its settings, which know
    // `LOG_LEVEL` too and where it stands among them.
    match (program, variable("LOG_LEVEL")) {
        (Some(level), _) => read(level, "the level"),
        (None, Some(text)) => read(&text, "`LOG_LEVEL`"),
        (None, None) => Ok(Targets::new().with_default(LevelFilter::WARN)),
    }
}

fn read(text: &str, origin: &str) -> Result<Targets> {
    let text = text.trim();
    // What other ecosystems call the same levels, too.
    let known = level::named(text);
    let named: Result<Targets, _> = known.unwrap_or(text).parse();
    // A single word that is no level would be taken for a target.
    let is_word = text.chars().all(|c| c.is_ascii_alphabetic());
    let is_level = known.is_some() || text.parse::<LevelFilter>().is_ok();
    // What stands for bytes that are no text.
    let is_text = !text.contains(char::REPLACEMENT_CHARACTER);
    match named {
        Ok(targets) if is_text && (is_level || !is_word) => Ok(targets),
        _ => Err(Error::new(
            ErrorKind::Configuration,
            format!(
                "{origin} is `{}`: write `error`, `warn`, `info`, `debug`, `trace` or `off`, or levels by target like `warn,shop=debug`",
                text.escape_debug()
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(variables: &[(&str, &str)], program: Option<&str>, expected: &str) {
        let variable = |name: &str| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let targets = match wanted(program, variable) {
            Ok(targets) => targets.to_string(),
            Err(error) => error.to_string(),
        };
        assert_eq!(targets, expected);
    }

    #[test]
    fn rust_log_wins_over_the_program_over_log_level() {
        check(&[], None, "warn");
        check(&[("LOG_LEVEL", "INFO")], None, "info");
        check(&[("LOG_LEVEL", "Warning")], None, "warn");
        check(&[("LOG_LEVEL", "notice")], None, "info");
        check(&[("RUST_LOG", "Emergency")], None, "error");
        check(&[("LOG_LEVEL", "info")], Some("error"), "error");
        check(
            &[("LOG_LEVEL", "info"), ("RUST_LOG", "trace")],
            Some("off"),
            "trace",
        );
        check(&[("RUST_LOG", " "), ("LOG_LEVEL", "debug")], None, "debug");
        check(&[("RUST_LOG", "warn,shop=debug")], None, "shop=debug,warn");
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for variable in ["RUST_LOG", "LOG_LEVEL"] {
            let read = |text| wanted(None, |name| (name == variable).then(|| String::from(text)));
            let error = read("loud\n").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration);
            let expected = format!("`{variable}` is `loud`: write `error`");
            assert!(error.to_string().starts_with(&expected), "{error}");
            for text in ["shop=loud", "a[b]=c=d", "warn\u{fffd}"] {
                assert!(read(text).is_err(), "{text}");
            }
        }
    }
}
