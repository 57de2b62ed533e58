//! Interpreters: found, pinned, and given what they need.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use purlin_guard::CodeExecutor;
use purlin_guard::code::{CodeError, Language, Run, Tier};

use crate::boxes::{built, node_run, prints, python_run};

async fn with(language: Language) -> CodeExecutor {
    built(CodeExecutor::builder().language(language).build().await)
}

/// What is missing for a language.
async fn missing(language: Language) -> String {
    let built = CodeExecutor::builder().language(language).build().await;
    match built.unwrap_err() {
        CodeError::Unavailable(unavailable) => unavailable.to_string(),
        other => panic!("{other:?}"),
    }
}

/// A copy of the shell in a directory of its own.
fn shell_in(directory: &Path) -> PathBuf {
    let copy = directory.join("sh");
    fs::copy("/bin/sh", &copy).unwrap();
    copy
}

fn script_in(directory: &Path, text: &str) -> PathBuf {
    let script = directory.join("script");
    fs::write(&script, text).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    script
}

#[tokio::test]
async fn an_interpreter_that_is_missing_is_named_with_what_installs_it() {
    let python = missing(Language::python().program("/nowhere/python3")).await;
    assert!(python.contains("/nowhere/python3") && python.contains("Debian: `python3`"));
    let node = missing(Language::javascript().program("no-such-node")).await;
    assert!(
        node.contains("no-such-node") && node.contains("Debian: `nodejs`"),
        "{node}"
    );
    let other = missing(Language::new("no-such-language")).await;
    assert!(other.contains("`no-such-language`"), "{other}");
    let relative = missing(Language::shell().program("bin/sh")).await;
    assert!(relative.contains("absolute path"), "{relative}");
}

#[tokio::test]
async fn everything_that_is_missing_is_said_at_once() {
    let built = CodeExecutor::builder()
        .language(Language::python().program("/nowhere/python3"))
        .language(Language::javascript().program("/nowhere/node"))
        .build();
    let CodeError::Unavailable(unavailable) = built.await.unwrap_err() else {
        panic!("it is unavailable");
    };
    assert_eq!(unavailable.missing().len(), 2);
    let none = CodeExecutor::builder().build().await.unwrap_err();
    assert_eq!(none.name(), "unavailable");
}

#[tokio::test]
async fn an_interpreter_that_is_no_executable_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let script = script_in(directory.path(), "#!/bin/sh\nexec sh \"$@\"\n");
    let said = missing(Language::new("script").program(&script)).await;
    assert!(said.contains("no script"), "{said}");
    let said = missing(Language::python().program("/bin/cat")).await;
    assert!(said.contains("it does not say where it is"), "{said}");
}

#[tokio::test]
async fn a_shim_is_asked_whom_it_stands_for() {
    let directory = tempfile::tempdir().unwrap();
    let script = script_in(directory.path(), "#!/bin/sh\nexec python3 \"$@\"\n");
    let executor = with(Language::python().program(script)).await;
    let outcome = executor.run(python_run("print(6 * 7)")).await.unwrap();
    assert_eq!(outcome.stdout().text(), "42\n");
}

#[tokio::test]
async fn an_interpreter_that_was_replaced_is_not_run() {
    let directory = tempfile::tempdir().unwrap();
    let copy = shell_in(directory.path());
    let executor = with(Language::shell().program(&copy)).await;
    let run = || Run::new("shell", "echo 1");
    assert!(executor.run(run()).await.is_ok());
    let other = directory.path().join("other");
    fs::copy(&copy, &other).unwrap();
    fs::rename(&other, &copy).unwrap();
    let error = executor.run(run()).await.unwrap_err();
    assert_eq!(error.name(), "unavailable");
    assert_eq!(error.to_string(), "code cannot be run at the moment");
    let said = std::error::Error::source(&error).unwrap().to_string();
    assert!(said.contains("start the server again"), "{said}");
    fs::remove_file(&copy).unwrap();
    assert_eq!(executor.run(run()).await.unwrap_err().name(), "unavailable");
}

#[tokio::test]
async fn an_interpreter_that_was_written_to_is_not_run() {
    let directory = tempfile::tempdir().unwrap();
    let copy = shell_in(directory.path());
    let executor = with(Language::shell().program(&copy)).await;
    let mut bytes = fs::read(&copy).unwrap();
    bytes.push(0);
    fs::write(&copy, bytes).unwrap();
    let error = executor.run(Run::new("shell", "echo 1")).await.unwrap_err();
    assert_eq!(error.name(), "unavailable");
}

#[tokio::test]
async fn an_interpreter_that_does_not_do_what_it_should_is_refused() {
    let said = missing(Language::shell().self_test("echo 1; echo why >&2; exit 3", "1\n")).await;
    assert!(
        said.contains("in a box") && said.contains("`why`"),
        "{said}"
    );
    let said = missing(Language::shell().self_test("echo 1", "2\n")).await;
    assert!(said.contains("in a box"), "{said}");
}

#[tokio::test]
async fn packages_can_be_imported_and_not_changed() {
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(directory.path().join("mine.py"), "x = 7").unwrap();
    let executor = with(Language::python().packages(directory.path())).await;
    let code = "
import mine, os
print(mine.x)
for deed in (lambda: open(mine.__file__, 'w'), lambda: os.remove(mine.__file__),
             lambda: os.chmod(mine.__file__, 0o777), lambda: open(os.path.dirname(mine.__file__) + '/new', 'w')):
    try: deed(); print('done')
    except OSError: print('refused')
";
    let outcome = executor.run(python_run(code)).await.unwrap();
    assert_eq!(
        outcome.stdout().text(),
        format!("7\n{}", "refused\n".repeat(4))
    );
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);

    fs::create_dir(directory.path().join("mine")).unwrap();
    fs::write(directory.path().join("mine/index.js"), "exports.x = 8").unwrap();
    let executor = with(Language::javascript().packages(directory.path())).await;
    let run = Run::new("javascript", "console.log(require('mine').x)");
    assert_eq!(executor.run(run).await.unwrap().stdout().text(), "8\n");
}

#[tokio::test]
async fn what_was_installed_for_others_cannot_be_imported() {
    let code = "
import os, site
for path in site.getsitepackages():
    try: print(os.listdir(path))
    except OSError: pass
";
    let said = prints(python_run(code)).await;
    assert!(said.lines().all(|line| line == "[]"), "{said}");
}

#[tokio::test]
async fn packages_that_do_not_exist_are_missing() {
    let said = missing(Language::python().packages("/nowhere/packages")).await;
    assert!(said.contains("/nowhere/packages"), "{said}");
    let said = missing(Language::shell().read_only("/nowhere/data")).await;
    assert!(said.contains("/nowhere/data"), "{said}");
}

#[tokio::test]
async fn packages_of_a_virtual_environment_are_there() {
    let directory = tempfile::tempdir().unwrap();
    let environment = directory.path().join("venv");
    let made = std::process::Command::new("python3")
        .args(["-m", "venv", "--without-pip"])
        .arg(&environment)
        .status();
    assert!(
        made.unwrap().success(),
        "run `sudo apt-get install -y python3-venv`"
    );
    for path in [directory.path(), &environment] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let versions = fs::read_dir(environment.join("lib")).unwrap();
    let library = versions.flatten().next().unwrap().path();
    fs::write(library.join("site-packages/mine.py"), "x = 7").unwrap();
    let language = Language::python().program(environment.join("bin/python"));
    let executor = with(language).await;
    let outcome = executor.run(python_run("import mine; print(mine.x)")).await;
    assert_eq!(outcome.unwrap().stdout().text(), "7\n");
}

#[tokio::test]
async fn what_is_read_only_can_be_read() {
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let data = directory.path().join("data");
    fs::write(&data, "x").unwrap();
    // In a box, what is in a place that it has itself is elsewhere.
    let executor = with(Language::shell().read_only(&data)).await;
    let code = format!("cat /host{0} 2>/dev/null || cat {0}", data.display());
    let outcome = executor.run(Run::new("shell", code)).await.unwrap();
    assert_eq!(outcome.stdout().text(), "x");
}

#[tokio::test]
async fn another_language_is_a_matter_of_configuration() {
    let awk = Language::new("awk")
        .argument("-f")
        .source("main.awk")
        .environment("GREETING", "hello")
        .self_test("BEGIN { print 42 }", "42\n");
    let executor = with(awk).await;
    let languages: Vec<_> = executor.languages().collect();
    assert_eq!(languages, [("awk", Tier::Strict)]);
    let run = Run::new("awk", "{ print ENVIRON[\"GREETING\"], $2 }").input("a b\n");
    assert_eq!(
        executor.run(run).await.unwrap().stdout().text(),
        "hello b\n"
    );
}

#[tokio::test]
async fn a_language_has_the_name_that_it_is_given() {
    let executor = with(Language::shell().named("sh")).await;
    assert!(executor.run(Run::new("sh", "true")).await.is_ok());
    let error = executor.run(Run::new("shell", "true")).await.unwrap_err();
    assert_eq!(error.name(), "language");
}

#[tokio::test]
async fn a_shell_starts_what_it_is_given_and_nothing_else() {
    let executor = with(Language::shell()).await;
    let code = "/usr/bin/python3 -c 1; perl -e 1; mount; echo over";
    let outcome = executor.run(Run::new("shell", code)).await.unwrap();
    assert_eq!(outcome.stdout().text(), "over\n");
    assert_eq!(
        outcome.stderr().text().lines().count(),
        3,
        "{}",
        outcome.stderr().text()
    );
}

#[tokio::test]
async fn python_and_node_see_little_of_the_host() {
    let paths =
        "'/', '/etc', '/etc/passwd', '/home', '/root', '/proc', '/sys', '/usr/bin', '/usr/bin/ls'";
    let python = format!(
        "import os
for path in [{paths}]:
    for deed in os.listdir, open:
        try: deed(path); print(path)
        except OSError: pass
"
    );
    assert_eq!(prints(python_run(&python)).await, "");
    let node = format!(
        "const fs = require('fs');
for (const path of [{paths}])
    for (const deed of [fs.readdirSync, fs.readFileSync])
        try {{ deed(path); console.log(path) }} catch {{}}
"
    );
    assert_eq!(prints(node_run(&node)).await, "");
}
