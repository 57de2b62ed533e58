//! Executors to test with, and what is the same in many tests.

use purlin_guard::CodeExecutor;
use purlin_guard::code::{CodeError, Language, Limits, Outcome, Run};
use tokio::sync::OnceCell;

/// An executor with all three languages and the limits as they are by default, but for the queue,
/// which all tests share.
pub(crate) async fn executor() -> &'static CodeExecutor {
    static SHARED: OnceCell<CodeExecutor> = OnceCell::const_new();
    SHARED
        .get_or_init(|| async {
            let mut limits = Limits::default();
            limits.queue = 256;
            limits.wait = std::time::Duration::from_secs(600);
            let builder = CodeExecutor::builder()
                .language(Language::python())
                .language(Language::javascript())
                .language(Language::shell())
                .limits(limits);
            built(builder.build().await)
        })
        .await
}

/// An executor for Python alone.
pub(crate) async fn python(limits: Limits) -> CodeExecutor {
    let builder = CodeExecutor::builder().language(Language::python());
    built(builder.limits(limits).build().await)
}

/// An executor for shell scripts alone.
pub(crate) async fn shell(limits: Limits) -> CodeExecutor {
    let builder = CodeExecutor::builder().language(Language::shell());
    built(builder.limits(limits).build().await)
}

/// The executor, or what is missing and how to install it.
pub(crate) fn built(result: Result<CodeExecutor, CodeError>) -> CodeExecutor {
    result.unwrap_or_else(|error| match error {
        CodeError::Unavailable(unavailable) => panic!("{unavailable}"),
        other => panic!("{other}"),
    })
}

/// What a run printed that has to work.
pub(crate) async fn prints(run: Run) -> String {
    let outcome = works(run).await;
    outcome.stdout().text().into_owned()
}

/// What comes of a run that has to work.
pub(crate) async fn works(run: Run) -> Outcome {
    let result = executor().await.run(run).await;
    result.unwrap_or_else(|error| match error.outcome() {
        Some(outcome) => panic!("{error}: {}", outcome.stderr().text()),
        None => panic!("{error}: {error:?}"),
    })
}

pub(crate) fn python_run(source: &str) -> Run {
    Run::new("python", source.to_owned())
}

pub(crate) fn node_run(source: &str) -> Run {
    Run::new("javascript", source.to_owned())
}

pub(crate) fn shell_run(source: &str) -> Run {
    Run::new("shell", source.to_owned())
}
