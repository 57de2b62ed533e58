//! Settings: no text makes reading them panic, and a secret shows in no error and no explanation.
//!
//! The first byte of the input chooses the format of the rest.

use std::time::Duration;

use purlin_telemetry::config::{ByteSize, Config, Loaded, Loader, Secret};

const CANARY: &str = "c4n4ry";

#[derive(Config)]
#[config(crate = purlin_telemetry)]
struct Settings {
    /// No text is one: an error is certain.
    key: Option<Secret<[u8; 32]>>,
    token: Option<Secret>,
    #[config(default = 20, range = 1..=200)]
    port: u16,
    #[config(default = "5m")]
    wait: Duration,
    size: Option<ByteSize>,
    names: Option<Vec<String>>,
}

/// Reads settings beside two secrets, one of which is no good.
pub fn check(input: &[u8]) {
    let Some((format, rest)) = input.split_first() else {
        return;
    };
    let Ok(text) = std::str::from_utf8(rest) else {
        return;
    };
    // Then it would be no secret.
    if text.contains(CANARY) {
        return;
    }
    let loader = Loader::new().prefix("APP_");
    shows_no_secret(match format % 4 {
        0 => loader.text(
            "a.toml",
            format!("key = \"{CANARY}\"\ntoken = \"{CANARY}\"\n{text}"),
        ),
        1 => loader.text("a.yaml", format!("key: {CANARY}\ntoken: {CANARY}\n{text}")),
        2 => loader.text(
            "a.json",
            format!("{{\"key\": \"{CANARY}\", \"token\": \"{CANARY}\", {text}}}"),
        ),
        _ => loader.variables(variables(text)),
    });
}

/// A variable on each line.
fn variables(text: &str) -> Vec<(&str, &str)> {
    let lines = text.lines().filter_map(|line| line.split_once('='));
    lines
        .chain([("APP_KEY", CANARY), ("APP_TOKEN", CANARY)])
        .collect()
}

fn shows_no_secret(loader: Loader) {
    let shown = match loader.load::<Settings>() {
        Ok(loaded) => shown(&loaded),
        Err(error) => format!("{error} {error:?}"),
    };
    assert!(!shown.is_empty() && !shown.contains(CANARY), "{shown}");
}

fn shown(loaded: &Loaded<Settings>) -> String {
    let Settings {
        key,
        token,
        port,
        wait,
        size,
        names,
    } = &**loaded;
    let values = format!("{key:?} {token:?} {port} {wait:?} {size:?} {names:?}");
    loaded.explain() + &values
}
