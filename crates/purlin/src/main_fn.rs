//! What `#[purlin::main]` runs.

use std::{any::Any, error, fmt::Display, iter, process::ExitCode};

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
    let cause = as_error(error);
    let mut causes = iter::successors(cause, |cause| cause.source());
    match causes.any(is_bad_configuration) {
        true => BAD_CONFIGURATION,
        false => 1,
    }
}

/// What a main function has returned, if it is of ours or in one of the boxes of
/// the standard library.
fn as_error(error: &dyn Any) -> Option<&(dyn error::Error + 'static)> {
    if let Some(error) = error.downcast_ref::<Error>() {
        return Some(error);
    }
    if let Some(error) = error.downcast_ref::<ConfigError>() {
        return Some(error);
    }
    if let Some(error) = error.downcast_ref::<Box<dyn error::Error + Send + Sync>>() {
        return Some(&**error);
    }
    error
        .downcast_ref::<Box<dyn error::Error>>()
        .map(|error| &**error)
}

fn is_bad_configuration(error: &(dyn error::Error + 'static)) -> bool {
    let is_ours = error
        .downcast_ref::<Error>()
        .is_some_and(|error| error.kind() == ErrorKind::Configuration);
    is_ours || error.is::<ConfigError>()
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

#[cfg(test)]
mod tests {
    use purlin_telemetry::config::{Loader, NoSettings};

    use super::*;

    fn bad() -> ConfigError {
        let loader = Loader::new().variables([("PORT", "many")]);
        loader.load::<NoSettings>().unwrap_err()
    }

    fn misassembled() -> Error {
        Error::new(ErrorKind::Configuration, "two tools of one name")
    }

    #[test]
    fn a_bad_configuration_is_78_however_it_is_returned() {
        let boxed: Box<dyn error::Error> = bad().into();
        let sent: Box<dyn error::Error + Send + Sync> = bad().into();
        let ours: Box<dyn error::Error + Send + Sync> = misassembled().into();
        let wrapped = Error::new(ErrorKind::Io, "it does not start").with_source(bad());
        let all: [&dyn Any; 6] = [&bad(), &misassembled(), &boxed, &sent, &ours, &wrapped];
        for (at, error) in all.into_iter().enumerate() {
            assert_eq!(exit_code(error), 78, "{at}");
        }
    }

    #[test]
    fn every_other_failure_is_1() {
        let ours = Error::new(ErrorKind::Io, "the disk is full");
        let boxed: Box<dyn error::Error> = "the disk is full".into();
        let all: [&dyn Any; 3] = [&ours, &boxed, &"a text"];
        for (at, error) in all.into_iter().enumerate() {
            assert_eq!(exit_code(error), 1, "{at}");
        }
    }
}
