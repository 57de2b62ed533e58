//! What `#[purlin::main]` runs.

use std::{any::Any, fmt::Display, process::ExitCode};

use purlin_core::{Error, ErrorKind};
use purlin_telemetry::config::ConfigError;

use crate::serving::claim_stdio;

/// The exit code for a server that was put together or configured wrongly
/// (`EX_CONFIG` of sysexits.h).
const BAD_CONFIGURATION: u8 = 78;

/// What a main function may return.
pub trait Outcome {
    /// Ends the process if it failed.
    fn conclude(self) -> Self;
}

impl Outcome for () {
    fn conclude(self) -> Self {}
}

impl Outcome for ExitCode {
    fn conclude(self) -> Self {
        self
    }
}

impl<T, E: Display + 'static> Outcome for Result<T, E> {
    fn conclude(self) -> Self {
        if let Err(error) = &self {
            let code = exit_code(error as &dyn Any);
            report(error);
            std::process::exit(i32::from(code));
        }
        self
    }
}

fn exit_code(error: &dyn Any) -> u8 {
    let is_ours = error
        .downcast_ref::<Error>()
        .is_some_and(|error| error.kind() == ErrorKind::Configuration);
    match is_ours || error.is::<ConfigError>() {
        true => BAD_CONFIGURATION,
        false => 1,
    }
}

#[allow(clippy::print_stderr)]
fn report(error: &dyn Display) {
    eprintln!("error: {error}");
}

/// Runs the body of `#[purlin::main]` on a runtime of its own.
///
/// # Panics
/// When the operating system gives no threads for the runtime.
pub fn main<F>(worker_threads: Option<usize>, body: F) -> F::Output
where
    F: Future<Output: Outcome>,
{
    claim_stdio();
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.enable_all();
    if let Some(threads) = worker_threads {
        builder.worker_threads(threads);
    }
    let runtime = builder
        .build()
        .expect("the operating system gives threads for the runtime");
    let outcome = runtime.block_on(body);
    // A blocking call that hangs must not keep the process from ending.
    runtime.shutdown_background();
    outcome.conclude()
}
