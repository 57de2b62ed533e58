//! Where there is no box, or only a weaker one.

use std::error::Error;

use purlin_guard::CodeExecutor;
use purlin_guard::code::{Builder, CodeError, Language, Tier};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, SeccompRule};

use crate::boxes::{built, shell_run};

/// What containers do not let through by default.
const NAMESPACES: [i64; 6] = [
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_mount,
    libc::SYS_fsopen,
    libc::SYS_open_tree,
    libc::SYS_pivot_root,
];

/// Serves in a thread that the system refuses some calls, and all that it starts.
fn without(calls: &[i64], serve: impl AsyncFnOnce() + Send) {
    let refused = calls.iter().map(|call| (*call, Vec::<SeccompRule>::new()));
    let refuse = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let here = std::env::consts::ARCH.try_into().unwrap();
    let filter = SeccompFilter::new(refused.collect(), SeccompAction::Allow, refuse, here);
    let filter: BpfProgram = filter.unwrap().try_into().unwrap();
    let server = move || {
        seccompiler::apply_filter(&filter).unwrap();
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().build().unwrap().block_on(serve());
    };
    std::thread::scope(|threads| threads.spawn(server).join().unwrap());
}

fn builder() -> Builder {
    CodeExecutor::builder().language(Language::shell())
}

/// The names of what is missing, and all of the text.
async fn missing(builder: Builder) -> (Vec<String>, String) {
    let error = builder.build().await.unwrap_err();
    assert_eq!(error.to_string(), "code cannot be run at the moment");
    let text = error.source().unwrap().to_string();
    let CodeError::Unavailable(unavailable) = error else {
        panic!("{text}");
    };
    let names = unavailable.missing().iter().map(|it| it.name().to_owned());
    (names.collect(), text)
}

#[test]
fn without_namespaces_no_executor_is_built_unless_it_may_be_a_weaker_one() {
    without(&NAMESPACES, async || {
        let (names, text) = missing(builder()).await;
        assert!(names.iter().any(|it| it == "user_namespace"), "{text}");
        assert!(text.contains("user.max_user_namespaces"), "{text}");

        let executor = built(builder().minimum(Tier::Confined).build().await);
        let languages: Vec<_> = executor.languages().collect();
        assert_eq!(languages, [("shell", Tier::Confined)]);
        let outcome = executor
            .run(shell_run("echo $((6 * 7)) > a; read x < a; echo $x"))
            .await;
        let outcome = outcome.unwrap();
        assert_eq!(outcome.tier(), Tier::Confined);
        assert_eq!(outcome.stdout().text(), "42\n");
        assert_eq!(outcome.file("a").unwrap().bytes(), "42\n");
    });
}

#[tokio::test]
async fn the_strongest_tier_is_taken_that_there_is() {
    let executor = built(builder().minimum(Tier::Confined).build().await);
    let outcome = executor.run(shell_run("true")).await.unwrap();
    assert_eq!(outcome.tier(), Tier::Strict);
}

#[test]
fn below_the_lowest_tier_nothing_is_run() {
    let landlock = [libc::SYS_landlock_create_ruleset];
    without(&[&NAMESPACES[..], &landlock].concat(), async || {
        let (names, text) = missing(builder().minimum(Tier::Confined)).await;
        assert_eq!(names, ["landlock"], "{text}");
    });
}

#[tokio::test]
async fn a_helper_that_is_missing_is_said() {
    let (names, text) = missing(builder().helper("/nowhere/purlin-sandbox")).await;
    assert_eq!(names, ["helper"], "{text}");
    assert!(text.contains("purlin-sandbox"), "{text}");
}
