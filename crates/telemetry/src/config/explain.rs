//! `my-server config explain`: what holds, and why.

use std::io::Write;

use super::{Config, ConfigError, Loaded};

/// Whether the command line of this process is `config explain`.
///
/// `serve()` and [`Config::load`] then print every setting with its value and
/// where it was written, and end the process.
pub fn wants_explanation() -> bool {
    let words: Vec<String> = std::env::args_os()
        .skip(1)
        .take(2)
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    is_asked(&words)
}

pub(crate) fn is_asked(arguments: &[String]) -> bool {
    matches!(arguments, [first, second, ..] if first == "config" && second == "explain")
}

/// Prints a configuration and ends the process; one that cannot be used is given
/// back.
#[doc(hidden)]
pub fn conclude<T: Config>(
    loaded: Result<Loaded<T>, ConfigError>,
) -> Result<Loaded<T>, ConfigError> {
    let loaded = loaded?;
    let mut text = loaded.explain();
    for warning in loaded.warnings() {
        text.push_str(&format!("# warning: {warning}\n"));
    }
    // Nobody is left to tell that standard output is closed.
    let _ = std::io::stdout().write_all(text.as_bytes());
    std::process::exit(0);
}
