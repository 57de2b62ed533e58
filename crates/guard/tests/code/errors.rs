//! Errors: a name each, and texts that tell nothing of the host.

use purlin_guard::code::{CodeError, Run};

use crate::boxes::{executor, python_run, shell_run};

#[tokio::test]
async fn each_error_has_its_name_and_its_text() {
    let executor = executor().await;
    for (run, name, text) in [
        (
            Run::new("cobol", ""),
            "language",
            "code in this language is not run",
        ),
        (
            shell_run("").file("/x", ""),
            "invalid_file",
            "a file cannot be put beside the code: its name is a path",
        ),
        (
            shell_run("").argument("\0"),
            "invalid_argument",
            "an argument cannot be passed: there is a zero byte in it",
        ),
        (
            shell_run("exit 7"),
            "exit",
            "the code ended with exit code 7",
        ),
        (
            shell_run("kill -9 $$"),
            "killed",
            "the code was stopped by signal 9",
        ),
        (
            python_run("x = bytearray(1 << 40)"),
            "memory_limit",
            "the code took too much memory and was stopped",
        ),
    ] {
        let error = executor.run(run).await.unwrap_err();
        assert_eq!((error.name(), error.to_string().as_str()), (name, text));
    }
}

#[tokio::test]
async fn only_a_run_that_started_has_an_outcome() {
    let executor = executor().await;
    let error = executor
        .run(shell_run("echo out; exit 7"))
        .await
        .unwrap_err();
    assert_eq!(error.outcome().unwrap().stdout().text(), "out\n");
    assert_eq!(error.into_outcome().unwrap().stdout().text(), "out\n");
    let error = executor.run(Run::new("cobol", "")).await.unwrap_err();
    assert!(matches!(error, CodeError::Language) && error.outcome().is_none());
    assert!(error.into_outcome().is_none());
}
