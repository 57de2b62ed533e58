//! JavaScript in WebAssembly: what scripts find, how they end, and what they cannot do.
#![allow(
    clippy::unwrap_used,
    reason = "these are tests, and `Limits` is non-exhaustive"
)]

mod artefact;
mod attacks;
mod ends;
mod surface;

use std::time::Duration;

use purlin_guard::CodeExecutor;
use purlin_guard::code::{CodeError, Language, Limits, Outcome, Run};

/// An executor of scripts with these limits.
async fn executor(limits: Limits) -> CodeExecutor {
    let builder = CodeExecutor::builder().language(Language::javascript_in_wasm());
    builder.limits(limits).build().await.unwrap()
}

/// The usual limits, but that a slow machine has time enough.
fn limits() -> Limits {
    let mut limits = Limits::default();
    (limits.wall, limits.cpu) = (Duration::from_secs(600), Duration::from_secs(600));
    limits
}

/// Limits under which what never ends does so soon.
fn short() -> Limits {
    let mut limits = limits();
    limits.cpu = Duration::from_millis(300);
    limits
}

fn script(source: &str) -> Run {
    Run::new("javascript", source.to_owned())
}

/// What came of a script under the usual limits.
async fn ran(source: &str) -> Result<Outcome, CodeError> {
    executor(limits()).await.run(script(source)).await
}

/// What a script prints that ends well.
async fn printed(source: &str) -> String {
    let outcome = ran(source).await;
    let outcome = outcome.unwrap_or_else(|error| {
        let said = error.outcome().map(|it| it.stderr().text().into_owned());
        panic!("{}: {source}\n{}", error.name(), said.unwrap_or_default())
    });
    assert_eq!(outcome.stderr().text(), "", "{source}");
    outcome.stdout().text().into_owned()
}

/// What a script prints has to be this.
async fn check(source: &str, expected: &str) {
    assert_eq!(printed(source).await, expected, "{source}");
}
