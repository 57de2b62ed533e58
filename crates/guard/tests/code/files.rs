//! Files in and out.

use purlin_guard::code::{CodeError, OutputFile, Run};

use crate::boxes::{executor, node_run, prints, python_run, shell_run, works};

#[tokio::test]
async fn files_are_put_beside_the_code() {
    let run = python_run("print(open('data.csv').read())\nimport helper; print(helper.x)")
        .file("data.csv", "a,b")
        .file("helper.py", "x = 7");
    assert_eq!(prints(run).await, "a,b\n7\n");
    let run = node_run("console.log(require('./helper.js').x)").file("helper.js", "exports.x = 7");
    assert_eq!(prints(run).await, "7\n");
    let run = shell_run("cat 'with space' -e")
        .file("with space", "x\n")
        .file("-e", "");
    assert!(executor().await.run(run).await.is_ok());
}

#[tokio::test]
async fn files_that_were_made_or_changed_are_returned() {
    let code = "
open('new.bin', 'wb').write(bytes(range(256)))
open('changed.txt', 'a').write('!')
import os; os.mkdir('sub'); open('sub/deep.txt', 'w').write('deep')
";
    let run = python_run(code)
        .file("changed.txt", "old")
        .file("kept.txt", "kept");
    let outcome = works(run).await;
    let mut names: Vec<_> = outcome.files().iter().map(OutputFile::name).collect();
    names.sort_unstable();
    assert_eq!(names, ["changed.txt", "new.bin", "sub/deep.txt"]);
    let all: Vec<u8> = (0..=255).collect();
    assert_eq!(outcome.file("new.bin").unwrap().bytes(), &all);
    assert_eq!(outcome.file("changed.txt").unwrap().bytes(), "old!");
    assert_eq!(outcome.files_left_out(), 0);
}

#[tokio::test]
async fn links_and_other_things_are_never_returned() {
    let code = "
import os
os.symlink('/etc/passwd', 'link')
os.symlink('main.py', 'inner')
os.mkfifo('pipe')
open('file', 'w').write('x')
";
    let outcome = works(python_run(code)).await;
    let names: Vec<_> = outcome.files().iter().map(OutputFile::name).collect();
    assert_eq!(names, ["file"]);
    assert_eq!(outcome.files_left_out(), 3);
}

#[tokio::test]
async fn so_many_files_are_returned_and_the_rest_is_counted() {
    let many = "for i in range(100): open(f'{i:03}', 'w').write('x')";
    let outcome = works(python_run(many)).await;
    assert_eq!((outcome.files().len(), outcome.files_left_out()), (64, 36));
    let large = "for i in range(3): open(f'{i}', 'wb').write(bytes(7 << 20))";
    let outcome = works(python_run(large)).await;
    assert_eq!((outcome.files().len(), outcome.files_left_out()), (2, 1));
}

#[tokio::test]
async fn files_of_a_run_that_fails_are_returned_too() {
    let run = python_run("open('a', 'w').write('x'); raise SystemExit(3)");
    let error = executor().await.run(run).await.unwrap_err();
    assert_eq!(error.outcome().unwrap().file("a").unwrap().bytes(), "x");
}

#[tokio::test]
async fn names_that_are_none_are_refused() {
    let long = "x".repeat(256);
    for (name, why) in [
        ("", "its name is empty"),
        (".", "its name is that of a directory"),
        ("..", "its name is that of a directory"),
        ("../x", "its name is a path"),
        ("/etc/passwd", "its name is a path"),
        ("a\\b", "its name is a path"),
        ("a\nb", "there are control characters in its name"),
        ("a\0b", "there are control characters in its name"),
        (
            "invoice\u{202e}fdp.exe",
            "there are characters in its name that are not seen",
        ),
        (
            "a\u{200b}b",
            "there are characters in its name that are not seen",
        ),
        (&*long, "its name is too long"),
        ("main.py", "there is another one of this name"),
    ] {
        let run = python_run("").file(name, "x");
        match executor().await.run(run).await {
            Err(CodeError::InvalidFile(said)) => assert_eq!(said, why, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
    let twice = python_run("").file("a", "1").file("a", "2");
    let error = executor().await.run(twice).await.unwrap_err();
    assert_eq!(error.name(), "invalid_file");
}

#[tokio::test]
async fn what_is_given_is_bounded() {
    let refused = async |run: Run| executor().await.run(run).await.unwrap_err().name();
    assert_eq!(
        refused(python_run("").input(vec![0; 65 << 20])).await,
        "too_large"
    );
    let halves = python_run("")
        .input(vec![0; 33 << 20])
        .file("a", vec![0; 33 << 20]);
    assert_eq!(refused(halves).await, "too_large");
    let large = python_run("").file("a", vec![0; 17 << 20]);
    assert_eq!(refused(large).await, "too_large");
    let many = (0..1025).fold(python_run(""), |run, i| run.file(i.to_string(), ""));
    assert_eq!(refused(many).await, "invalid_file");
    let many = (0..257).fold(python_run(""), |run, _| run.argument(""));
    assert_eq!(refused(many).await, "invalid_argument");
    let long = python_run("").argument("x".repeat((64 << 10) + 1));
    assert_eq!(refused(long).await, "invalid_argument");
    let most = (0..15).fold(python_run(""), |run, _| {
        run.argument("x".repeat((64 << 10) - 1))
    });
    assert!(executor().await.run(most.clone()).await.is_ok());
    assert_eq!(refused(most.argument("")).await, "invalid_argument");
    assert_eq!(
        refused(python_run("").argument("a\0b")).await,
        "invalid_argument"
    );
}
