//! How much is done at once, what is given up, and what errors say.

use std::future::Future;
use std::path::Path;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use purlin_guard::FileOperations;
use purlin_guard::files::{Bound, FileError, Limits, Resolver};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};

use crate::ground::{Ground, both, given_up};

#[test]
fn the_defaults_of_limits_are_those_of_the_chapter() {
    let limits = Limits::default();
    assert_eq!(
        (limits.parallel, limits.waiting, limits.tenants),
        (16, 256, 1_024)
    );
    assert_eq!(limits.time, Duration::from_secs(10));
    assert_eq!((limits.watched, limits.changes), (1_024, 1_024));
    assert_eq!(limits.look, Duration::from_secs(1));
}

#[tokio::test]
async fn what_is_given_up_leaves_no_half_file_and_keeps_no_turn() {
    both(async |ground| {
        let mut limits = Limits::default();
        limits.parallel = 1;
        let ground = ground.file("x", "old");
        let files = ground.builder().limits(limits).build().unwrap();
        for polls in 0..50 {
            let contents = "n".repeat(100_000);
            given_up(files.write("x", &contents), polls).await;
            given_up(files.create_new("y", &contents), polls).await;
            given_up(files.append("z", "12345"), polls).await;
            given_up(files.temporary(&contents), polls).await;
            // There is one turn, so this waits until what was given up has ended.
            let text = files.read_text("x").await.unwrap();
            assert!(text == "old" || text == contents);
            drop(files.remove("y").await);
            drop(files.remove("z").await);
        }
        while ground.names() != ["x"] {
            // A temporary file goes by itself, a moment after whoever asked for it.
            files.stat("x").await.unwrap();
        }
        assert_eq!(files.usage(), files.recount().await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn the_kernel_is_asked_once_and_is_not_believed_to_be_there() {
    let ground = Ground::new(Resolver::Detected);
    assert_eq!(
        ground.files().resolver(),
        Resolver::Openat2,
        "this kernel has it"
    );
    let (root, outside) = (ground.root(), ground.outside());
    // A filter of a container that does not know the call, on a thread that ends with this.
    let thread = std::thread::spawn(move || {
        hide_openat2();
        let builder = FileOperations::builder(&root);
        let asked = builder.clone().resolver(Resolver::Openat2).build();
        assert_eq!(asked.unwrap_err().name(), "unsupported");
        builder.build().unwrap()
    });
    let files = thread.join().unwrap();
    assert_eq!(files.resolver(), Resolver::Emulated);
    let ground = ground.file("x", "x").link("l", "x").link("out", outside);
    assert_eq!(files.read_text("l").await.unwrap(), "x");
    assert_eq!(files.read("out/secret").await.unwrap_err().name(), "escape");
    drop(ground);
}

/// The same rules where nothing in the process has the call, `cap-std` neither.
#[test]
fn everything_works_without_the_call() {
    let thread = std::thread::spawn(|| {
        hide_openat2();
        let command = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--test-threads=2", "names::", "links::", "moving::"])
            .env("PURLIN_FILES_EMULATED", "1")
            .output();
        command.unwrap()
    });
    let output = thread.join().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && told.contains("test result: ok"),
        "{told}"
    );
}

fn hide_openat2() {
    hide(OPENAT2, Vec::new(), ENOSYS);
}

/// Lets a call fail on this thread, and on those that it starts.
fn hide(call: i64, rules: Vec<SeccompRule>, number: u32) {
    let filter = SeccompFilter::new(
        [(call, rules)].into(),
        SeccompAction::Allow,
        SeccompAction::Errno(number),
        TargetArch::try_from(std::env::consts::ARCH).unwrap(),
    );
    let program: BpfProgram = filter.unwrap().try_into().unwrap();
    seccompiler::apply_filter(&program).unwrap();
}

/// Does something where a call fails.
fn without<T: Send + 'static>(
    hide: impl FnOnce() + Send + 'static,
    work: impl Future<Output = T> + Send + 'static,
) -> T {
    let thread = std::thread::spawn(move || {
        hide();
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().build().unwrap().block_on(work)
    });
    thread.join().unwrap()
}

/// Opening a directory to write it to disk comes last, and there may be no handle for that.
#[test]
fn what_is_appended_and_not_on_disk_is_not_appended_again() {
    let flags = libc::O_RDONLY | libc::O_DIRECTORY;
    let others = libc::O_ACCMODE | libc::O_NOFOLLOW | libc::O_PATH;
    for resolver in [Resolver::Openat2, Resolver::Emulated] {
        let ground = Ground::new(resolver).file("x", "1");
        let files = ground.files();
        let mask = SeccompCmpOp::MaskedEq(u64::try_from(flags | others).unwrap());
        let flags = u64::try_from(flags).unwrap();
        let last = SeccompCondition::new(2, SeccompCmpArgLen::Dword, mask, flags);
        let last = SeccompRule::new(vec![last.unwrap()]).unwrap();
        let hide = || hide(libc::SYS_openat, vec![last], EMFILE);
        let result = without(hide, async move { files.append("x", "2").await });
        assert_eq!(result.unwrap_err().name(), "io");
        assert_eq!(std::fs::read_to_string(ground.at("x")).unwrap(), "12");
    }
}

#[test]
fn a_directory_that_cannot_be_made_private_is_not_left_behind() {
    let ground = Ground::new(Resolver::Detected);
    let files = ground.files();
    let hide = || hide(libc::SYS_fchmodat, Vec::new(), EPERM);
    let result = without(hide, async move { files.create_dir("d").await });
    assert_eq!(result.unwrap_err().name(), "denied");
    assert!(ground.names().is_empty());
    assert_eq!(ground.files().usage().files, 0);
}

/// Its number is the same on every architecture.
const OPENAT2: i64 = 437;
const ENOSYS: u32 = 38;
const EPERM: u32 = 1;
const EMFILE: u32 = 24;

#[test]
fn a_root_that_is_none_is_an_error() {
    for (path, name) in [
        ("/nowhere/at/all", "not_found"),
        ("/dev/null", "not_directory"),
    ] {
        let error = FileOperations::builder(path).build().unwrap_err();
        assert_eq!(error.name(), name);
    }
}

#[test]
fn each_error_has_its_name_and_tells_no_path() {
    use FileError as E;
    let canary = || E::Io("canary".into());
    for (error, name) in [
        (E::InvalidPath("x"), "invalid_path"),
        (E::TooLong, "too_long"),
        (E::Escape, "escape"),
        (E::Symlink, "symlink"),
        (E::Loop, "loop"),
        (E::NotFound, "not_found"),
        (E::NotDirectory, "not_directory"),
        (E::NotRegular, "not_regular"),
        (E::Exists, "exists"),
        (E::NotEmpty, "not_empty"),
        (E::TooLarge, "too_large"),
        (E::Quota(Bound::Disk), "quota"),
        (E::Denied, "denied"),
        (E::NotText, "not_text"),
        (E::Busy, "busy"),
        (E::Timeout, "timeout"),
        (E::Unsupported("x"), "unsupported"),
        (canary(), "io"),
    ] {
        assert_eq!(error.name(), name);
        assert!(!error.to_string().contains("canary"));
    }
    assert!(
        std::error::Error::source(&canary()).is_some(),
        "for the log"
    );
}

#[tokio::test]
async fn no_error_tells_where_the_root_is() {
    both(async |ground| {
        let outside = ground.outside();
        let ground = ground.directory("d").file("x", "x").link("l", outside);
        let files = ground.files();
        let results = [
            files.read("../outside/secret").await.map(drop),
            files.read("l/secret").await.map(drop),
            files.read("none").await.map(drop),
            files.read("d").await.map(drop),
            files.write("l", "").await,
            files.create_new("x", "").await,
            files.remove("d/../../root").await,
        ];
        for result in results {
            let error = result.unwrap_err();
            let told = format!("{error} {error:?}");
            let secret = ground
                .whole()
                .file_name()
                .and_then(|it| it.to_str())
                .unwrap();
            assert!(
                !told.contains(secret) && !told.contains("outside"),
                "{told}"
            );
        }
        assert!(Path::new(&ground.root()).exists());
    })
    .await;
}

#[test]
fn without_a_runtime_there_is_an_error_and_no_panic() {
    let ground = Ground::new(Resolver::Detected);
    let files = ground.files();
    let mut reading = pin!(files.read("x"));
    let polled = reading
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    let Poll::Ready(result) = polled else {
        panic!("it waits for nothing")
    };
    assert_eq!(result.unwrap_err().name(), "io");
}
