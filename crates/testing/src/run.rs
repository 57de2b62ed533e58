//! What `#[purlin::test]` becomes: a runtime of its own, once or once in each era.

use std::cell::Cell;
use std::future::Future;
use std::time::Duration;

use purlin_client::Era;

/// A test that takes longer is stuck.
const PATIENCE: Duration = Duration::from_secs(120);

thread_local! {
    // A test's runtime has no other thread, so this is seen by everything the test does.
    static ERA: Cell<Era> = const { Cell::new(Era::Auto) };
}

/// The era that the running test asks for.
pub(crate) fn current_era() -> Era {
    ERA.get()
}

/// What a test function may return.
pub trait Outcome {
    /// Whether there is no point in going on.
    fn is_failure(&self) -> bool;
}

impl Outcome for () {
    fn is_failure(&self) -> bool {
        false
    }
}

impl<T, E> Outcome for Result<T, E> {
    fn is_failure(&self) -> bool {
        self.is_err()
    }
}

/// Runs a test on a runtime of its own; with `eras`, once in each.
///
/// # Panics
/// When the test panics, or does not end within two minutes.
pub fn run_test<T, F>(name: &str, body: impl Fn(Era) -> F, eras: bool) -> T
where
    T: Outcome,
    F: Future<Output = T>,
{
    if !eras {
        return run_in(name, Era::Auto, &body);
    }
    let first = run_in(name, Era::Session, &body);
    if first.is_failure() {
        return first;
    }
    run_in(name, Era::Stateless, &body)
}

fn run_in<T, F: Future<Output = T>>(name: &str, era: Era, body: &impl Fn(Era) -> F) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime of one thread starts");
    let _scope = Scope {
        name,
        era,
        outer: ERA.replace(era),
    };
    let outcome = runtime.block_on(async { tokio::time::timeout(PATIENCE, body(era)).await });
    outcome.unwrap_or_else(|_| panic!("`{name}` did not end within {PATIENCE:?}"))
}

/// Says in which era a test failed, and leaves the thread as it was.
struct Scope<'a> {
    name: &'a str,
    era: Era,
    outer: Era,
}

impl Drop for Scope<'_> {
    // The test harness shows what failing tests print; there is no other way to add to its report.
    #[allow(clippy::print_stderr)]
    fn drop(&mut self) {
        ERA.set(self.outer);
        if std::thread::panicking() && self.era != Era::Auto {
            eprintln!(
                "`{}` failed in the {} era",
                self.name,
                match self.era {
                    Era::Session => "session",
                    _ => "stateless",
                }
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_eras_are_run_until_one_fails() {
        let seen = Cell::new(Vec::new());
        let note = |era| {
            let mut all = seen.take();
            all.push((era, current_era()));
            seen.set(all);
        };
        run_test("t", |era| async move { note(era) }, true);
        let expected = [
            (Era::Session, Era::Session),
            (Era::Stateless, Era::Stateless),
        ];
        assert_eq!(seen.take(), expected);
        let failed = run_test(
            "t",
            |era| async move {
                note(era);
                Err::<(), _>(era)
            },
            true,
        );
        assert_eq!((failed, seen.take().len()), (Err(Era::Session), 1));
        run_test("t", |era| async move { note(era) }, false);
        assert_eq!(seen.take(), [(Era::Auto, Era::Auto)]);
        assert_eq!(current_era(), Era::Auto);
    }
}
